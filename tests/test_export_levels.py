"""Levels that lie on each other: one of them is on at a time, and sums are by level."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from naatlas import report
from naatlas.export import levels, preview
from naatlas.report.page import html
from naatlas.spec import Field
from tests import export_samples as samples
from tests.test_export_shapes import K, as_kmz, schema

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import etree

    from naatlas.model import LayerData

__all__ = ["schema"]
LEVELS = [1, 1, 2, 2, 2, 3, 3]


def nested(rows: int = 7) -> LayerData:
    data = samples.shape_layer("Polygon", rows)
    fields = (*data.spec.fields, Field(name="level", dtype="integer", required=True, balloon=True))
    spec = dataclasses.replace(data.spec, fields=fields, nested_by="level", balance={})
    level = pd.array(LEVELS[:rows], dtype="Int64")
    return dataclasses.replace(data, spec=spec, frame=data.frame.assign(level=level))


@pytest.fixture(autouse=True)
def _level_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(samples.WORDS.labels, "level", {"en": "Level", "fr": "Niveau", "es": "Nivel"})


def radio(document: etree._Element) -> list[etree._Element]:
    return [
        f
        for f in document.iter(f"{K}Folder")
        if f.findtext(f"{K}Style/{K}ListStyle/{K}listItemType") == "radioFolder"
    ]


def test_one_level_is_on_and_the_others_can_be_chosen(tmp_path: Path, schema: etree.XMLSchema):
    document = as_kmz(nested(), tmp_path)
    assert schema.validate(document), schema.error_log
    basins, names = radio(document)
    for folder in (basins, names):
        inner = folder.findall(f"{K}Folder")
        assert [f.findtext(f"{K}visibility") for f in inner] == [None, "0", "0"]
        for place, child in enumerate(inner):
            marks = list(child.iter(f"{K}Placemark"))
            assert marks
            assert {m.findtext(f"{K}visibility") for m in marks} == {None if place == 0 else "0"}
    assert [f.findtext(f"{K}name") for f in basins.findall(f"{K}Folder")] == [
        "Level 1 (2)",
        "Level 2 (3)",
        "Level 3 (2)",
    ]
    assert len(list(basins.iter(f"{K}Placemark"))) == 7
    countries = basins.find(f"{K}Folder").findall(f"{K}Folder")
    assert countries
    assert not countries[0].findall(f"{K}Folder")


def test_a_layer_without_levels_has_no_radio_folder(tmp_path: Path):
    document = as_kmz(samples.shape_layer("Polygon"), tmp_path)
    assert not radio(document)
    assert document.find(f".//{K}visibility") is None


def test_depths_make_the_picture_together():
    data, name = samples.shape_layer("Polygon"), samples.SHAPE_STYLE.field
    fields = tuple(dataclasses.replace(f, required=f.required or f.name == name) for f in data.spec.fields)
    spec = dataclasses.replace(data.spec, fields=fields, nested_by=name, balance={})
    assert levels.field(dataclasses.replace(data, spec=spec), samples.SHAPE_STYLE) is None


def test_the_preview_draws_the_last_level_and_outlines_the_first():
    first, last = preview._levels(nested(), samples.shape_look())
    assert first.tolist() == [level == 1 for level in LEVELS]
    assert last.tolist() == [level == 3 for level in LEVELS]
    first, last = preview._levels(samples.shape_layer("Polygon"), samples.shape_look())
    assert not first.any()
    assert last.all()


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_sums_are_by_level_and_never_over_levels(language: str):
    data = nested()
    told = report.build(data, words=samples.WORDS, style=samples.SHAPE_STYLE)
    table = next(t for t in told["totals"]["quantities"] if t["field"] == "capacity_mw")
    value = data.frame["capacity_mw"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    for row in table["rows"]:
        own = value[np.array(LEVELS) == int(row["code"])]
        assert row["total"] == pytest.approx(np.nansum(own))
    assert "total" not in table
    assert b'class="total"><th>' not in html(told, language).split(b'id="accounts"')[0]
