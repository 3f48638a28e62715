"""What a balloon says: years beside values, names instead of codes, and nothing twice."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from naatlas.export import placemarks
from naatlas.export.cells import Columns
from naatlas.spec import Field
from tests import export_samples as samples

if TYPE_CHECKING:
    from naatlas.model import LayerData

FIELDS = (
    *(field for field in samples.SPEC.fields if field.name in {"atlas_id", "name"}),
    Field(name="name_fr", dtype="text", balloon=True),
    Field(name="primary_source", dtype="text", classes="energy_source", balloon=True),
    Field(name="primary_source_national", dtype="text", balloon=True),
    Field(name="co2_t", dtype="real", balloon=True),
    Field(name="co2_year", dtype="integer"),
    Field(name="population", dtype="real", unit="count", decimals=0, balloon=True),
    Field(name="population_year", dtype="integer"),
    Field(name="countries", dtype="text", balloon=True),
    Field(name="states", dtype="text", balloon=True),
    Field(name="reference_period", dtype="text", balloon=True),
)
TABLE = {
    "atlas_id": ["A-1", "A-2", "A-3"],
    "name": ["Alpha", "Beta", "Gamma"],
    "name_fr": ["Alpha", "Bêta", None],
    "primary_source": ["wind", "wind", "coal"],
    "primary_source_national": ["WIND", "Éolienne", None],
    "co2_t": [1234.5, 20.0, np.nan],
    "co2_year": pd.array([2021, None, 2016], dtype="Int64"),
    "population": [506909.0, np.nan, 0.0],
    "population_year": pd.array([2020, 2020, 2020], dtype="Int64"),
    "countries": ["CAN, USA", "MEX", "Terra, CAN"],
    "states": ["CA-QC, US-NY", None, "<b>"],
    "reference_period": ["201708", "2015", "201799"],
}


@pytest.fixture
def data() -> LayerData:
    base = samples.layer(3)
    spec = dataclasses.replace(base.spec, fields=FIELDS, balance={})
    return dataclasses.replace(base, spec=spec, frame=pd.DataFrame(TABLE))


def balloons(data: LayerData, language: str) -> list[dict[str, str]]:
    """Return label and value of each row, by feature."""
    look = samples.shape_look(language)
    words = dataclasses.replace(
        look.words, labels={field.name: dict.fromkeys(("en", "fr", "es"), field.name) for field in FIELDS}
    )
    writer = placemarks.Writer(data, dataclasses.replace(look, words=words), "")
    made = writer.block(np.arange(3), np.array(["a"] * 3, dtype=object)).to_pylist()
    return [dict(re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", told)) for told in made]


def test_a_value_says_its_year(data: LayerData):
    first, second, third = balloons(data, "en")
    assert first["co2_t"] == "1,234.5\u00a0t (2021)"
    assert second["co2_t"] == "20.0\u00a0t"
    assert "co2_t" not in third, "a year alone is no value"
    assert first["population"] == "506,909 (2020)", "a count has no unit"


def test_a_month_is_told_from_a_number(data: LayerData):
    assert [told["reference_period"] for told in balloons(data, "es")] == ["2017-08", "2015", "201799"]


def test_lists_of_codes_are_named(data: LayerData):
    first, second, third = balloons(data, "fr")
    assert first["countries"] == "Canada, États-Unis"
    assert first["states"] == "Québec, New York"
    assert second["countries"] == "Mexique"
    assert "states" not in second
    assert third["countries"] == "Terra, Canada"
    assert third["states"] == "&lt;b&gt;"


def test_programs_read_the_codes(data: LayerData):
    cells = Columns(data.frame, FIELDS, samples.look("fr")).cells(np.array([2, 0]))
    assert cells.raw["states"].to_pylist() == ["&lt;b&gt;", "CA-QC, US-NY"]
    assert cells.raw["reference_period"].to_pylist() == ["201799", "201708"]
    assert cells.raw["primary_source"].to_pylist() == ["coal", "wind"]
    assert cells.shown["primary_source"].to_pylist() == ["Charbon", "Éolien"]


def test_nothing_is_said_twice(data: LayerData):
    first, second, third = balloons(data, "en")
    assert "name_fr" not in first, "as the heading says"
    assert second["name_fr"] == "Bêta"
    assert "name_fr" not in third
    assert first["primary_source"] == "Wind"
    assert second["primary_source"] == "Wind <i>(Éolienne)</i>"
    assert third["primary_source"] == "Coal"
