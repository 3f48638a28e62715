"""What a declaration refuses, at the moment it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import SpecError, UsageError
from naatlas.spec import Edition, Field, Gap, LayerSpec, Option, OutlierRule
from tests.sources_kit import source

KEY = Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True)
SPEC = LayerSpec(
    slug="dams",
    name="Dams",
    geometry="Point",
    key="atlas_id",
    fields=(KEY, Field(name="height_m", dtype="real", dbf="Height_m")),
    sources=(source("dams.csv"),),
    editions=(Edition(name="2020", sources=("register",)), Edition(name="2023", sources=(), default=True)),
    options=(
        Option(name="min_m", dtype="real", default=5.0, help="Least height.", suffix="min{}m", low=0.0),
        Option(name="kind", dtype="text", default="all", help="Kind.", suffix="{}"),
    ),
)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"name": "Height"}, "lower case"),
        ({"name": "2nd"}, "lower case"),
        ({"dbf": "Height_in_m"}, "1 to 10 ASCII"),
        ({"dbf": "Höhe"}, "1 to 10 ASCII"),
        ({"dbf": ""}, "1 to 10 ASCII"),
        ({"gap": True}, "a gap has no shapefile column"),
        ({"gap": True, "dbf": None, "required": True}, "cannot be required"),
        ({"low": 2.0, "high": 1.0}, "low 2 is above high 1"),
    ],
)
def test_field_refuses(told: dict[str, Any], words: str):
    with pytest.raises(SpecError, match=words):
        Field(**({"name": "height_m", "dtype": "real", "dbf": "Height"} | told))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("coal_mw", "megawatt"),
        ("co2_t", "metric_ton"),
        ("hg_kg", "kilogram"),
        ("area_km2", "kilometer**2"),
        ("ph", None),
    ],
)
def test_unit_follows_from_the_name(name: str, unit: str | None):
    assert Field(name=name, dtype="real").unit == unit


def test_only_numbers_have_units_by_name():
    assert Field(name="built_m", dtype="text").unit is None
    assert Field(name="depth_m", dtype="real", unit="foot").unit == "foot"


@pytest.mark.parametrize("vintage", ["23", "2023-1", "2023-01-01-01", "May 2023", "", "2023/01"])
def test_vintage_is_a_date(vintage: str):
    with pytest.raises(SpecError, match="is not YYYY"):
        replace(source("a.csv"), vintage=vintage)


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.csv", "a/../../b.csv", "a\\b.csv"])
def test_path_stays_below_the_data_folder(path: str):
    with pytest.raises(SpecError, match="below the data folder"):
        source(path)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"slug": "Dams"}, "layer 'Dams'"),
        ({"name": "North Dams"}, "goes into file names"),
        ({"key": "id"}, "no such field id"),
        ({"fields": (replace(KEY, required=False),)}, "key atlas_id must be required"),
        ({"fields": (KEY, replace(KEY, dbf=None))}, "field atlas_id stands twice"),
        (
            {"fields": (KEY, Field(name="other", dtype="text", dbf="ATLASID"))},
            "shapefile name atlasid stands twice",
        ),
        ({"sources": (source("a.csv"), source("b.csv"))}, "source register stands twice"),
        ({"editions": (Edition(name="1", sources=("nix",), default=True),)}, "edition 1: no such source nix"),
        ({"editions": (Edition(name="1", sources=()),)}, "exactly one edition"),
        ({"editions": (Edition(name="1", sources=(), default=True),) * 2}, "edition 1 stands twice"),
        ({"gaps": (Gap(field="width_m", country=None, why="nobody measures"),)}, "no such field width_m"),
        ({"balance": {"width_m": "source"}}, "no such field width_m"),
        ({"outliers": (OutlierRule(field="height_m", per="width_m", groups=()),)}, "no such field width_m"),
        ({"nested_by": "level"}, "no such field level"),
        (
            {"nested_by": "level", "fields": (KEY, Field(name="level", dtype="integer"))},
            "level level must be required",
        ),
        ({"nested_by": "atlas_id", "balance": {"atlas_id": "source"}}, "its balance is .by-level."),
        (
            {"editions": (Edition(name="1", sources=(), default=True, uses={"rivers": "2"}),)},
            "put rivers into uses of the layer",
        ),
    ],
)
def test_layer_refuses(told: dict[str, Any], words: str):
    with pytest.raises(SpecError, match=words):
        replace(SPEC, **told)


def test_edition_becomes_a_folder():
    with pytest.raises(SpecError, match="folder's name"):
        Edition(name="../2023", sources=())


def test_option_needs_a_place_for_its_value():
    with pytest.raises(SpecError, match="suffix"):
        Option(name="min_m", dtype="real", default=1.0, help="", suffix="min")


def test_editions_by_name():
    assert SPEC.edition(None).name == "2023"
    assert SPEC.edition("2020").sources == ("register",)
    with pytest.raises(UsageError, match="no edition '1999'; it has 2020, 2023"):
        SPEC.edition("1999")


def test_options_that_are_not_asked_for_have_their_default():
    assert SPEC.choose({}) == {"min_m": 5.0, "kind": "all"}
    assert SPEC.choose({"min_m": "12"}) == {"min_m": 12.0, "kind": "all"}
    assert SPEC.choose({"min_m": 0}) == {"min_m": 0.0, "kind": "all"}


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "ten", float("nan"), float("-inf"), -0.001])
def test_option_refuses_what_is_no_number(value: float | str):
    with pytest.raises(UsageError, match=r"--min-m .*: give a number of 0 or more"):
        SPEC.choose({"min_m": value})


def test_option_of_another_layer():
    with pytest.raises(UsageError, match="layer dams has no option --min-mw"):
        SPEC.choose({"min_mw": 5.0})


@settings(deadline=None)  # shared machines are slow at times
@given(st.floats(min_value=0.001, max_value=1e6))
def test_token_of_a_value_goes_into_a_folder_name(value: float):
    token = SPEC.options[0].token(value)
    assert token.startswith("min")
    assert not set(token) & set('<>:"/\\|?* ')
