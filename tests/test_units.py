"""Units are converted or refused, never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.errors import UnknownTermsError
from naatlas.harmonize.units import SPELLINGS, factor

MASSES = ("metric_ton", "kilogram", "gram", "pound", "short_ton", "kilometric_ton", "milligram")


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("Kg", "metric_ton", 0.001),
        ("kg/año", "metric_ton", 0.001),
        ("ton", "metric_ton", 1.0),
        ("Ton/año", "metric_ton", 1.0),
        ("t", "kilogram", 1000.0),
        ("g", "kilogram", 0.001),
        ("mg/año", "kilogram", 1e-6),
        ("kt", "metric_ton", 1000.0),
        ("Kilotonnes of carbon dioxide equivalents (kt CO2 eq)", "metric_ton", 1000.0),
        ("short tons", "metric_ton", 0.90718474),
        ("short_ton", "metric_ton", 0.90718474),
        ("lb", "kilogram", 0.45359237),
        ("Pounds", "kilogram", 0.45359237),
        (" kW ", "megawatt", 0.001),
        ("feet", "meter", 0.3048),
    ],
)
def test_units_of_the_registers(unit: str, target: str, expected: float):
    assert factor(unit, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "unit",
    [
        "furlong",
        "tons",
        "Tons",
        "",
        " ",
        "5 kg",
        "kg; import os",
        "(kg",
        "2**99999999 kg",
        "MW",
        "kg/kg",
        "??",
    ],
)
def test_unknown_units_are_refused_by_name(unit: str):
    with pytest.raises(UnknownTermsError) as told:
        factor(unit, "metric_ton")
    assert repr(unit) in str(told.value)
    assert "harmonize/units.py" in str(told.value)


@settings(deadline=None)  # shared machines are slow at times
@given(st.text(max_size=12))
def test_whatever_stands_in_a_cell_is_a_factor_or_refused(unit: str):
    told = None
    try:
        told = factor(unit, "metric_ton")
    except UnknownTermsError:
        return
    assert told > 0


@settings(deadline=None)  # shared machines are slow at times
@given(st.sampled_from(MASSES), st.sampled_from(MASSES), st.sampled_from(MASSES))
def test_there_and_back_and_over_a_third(one: str, two: str, three: str):
    assert factor(one, two) * factor(two, one) == pytest.approx(1.0, rel=1e-12)
    assert factor(one, two) * factor(two, three) == pytest.approx(factor(one, three), rel=1e-12)


def test_every_spelling_is_a_unit():
    assert {text for text in SPELLINGS if factor(text, SPELLINGS[text]) != 1.0} == set()
