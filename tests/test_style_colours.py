"""Every style as its readers see it: classes told apart, with a colour-vision deficiency too, and seen on the map."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from coloraide import Color

from naatlas import registry, styles
from naatlas.styles import colour as colours
from tests import style_kit

if TYPE_CHECKING:
    from naatlas.styles import Style

#: Differences of CIEDE2000: 2.3 is just noticeable side by side; these are told apart across a map and its legend.
LEAST_NORMAL, LEAST_SIMULATED = 9.0, 6.0
#: Neighbours in an order, which lightness tells besides: told apart side by side.
LEAST_STEP = 4.5
#: Machado 2009 for the red-green deficiencies, Brettel 1997 for blue-yellow, which the former leaves out.
VISIONS = {"normal": "", "deutan": "machado", "protan": "machado", "tritan": "brettel"}


@pytest.fixture(params=style_kit.cases())
def case(request: pytest.FixtureRequest) -> tuple[Style, str]:
    """Return a style and the geometry of what it is for."""
    slug, edition = request.param
    spec = registry.spec(slug)
    return styles.load(style_kit.style_name(spec, edition)), spec.geometry


@pytest.fixture
def style(case: tuple[Style, str]) -> Style:
    return case[0]


def seen(colour: str, vision: str) -> Color:
    return Color(colour).filter(vision, method=VISIONS[vision]) if VISIONS[vision] else Color(colour)


def difference(one: str, other: str, vision: str) -> float:
    return float(seen(one, vision).delta_e(seen(other, vision), method="2000"))


def too_close(style: Style, vision: str) -> dict[tuple[str, str], float]:
    """Return the pairs of classes that are not told apart; those of an order are held against their neighbours."""
    codes = list(style.colours)
    least = dict.fromkeys(itertools.combinations(codes, 2), LEAST_SIMULATED)
    if style.order == "nominal" and vision == "normal":
        least = dict.fromkeys(least, LEAST_NORMAL)
    elif style.order != "nominal":
        least |= dict.fromkeys(itertools.pairwise(codes), LEAST_STEP)
    told = {(a, b): difference(style.colours[a], style.colours[b], vision) for a, b in least}
    return {pair: round(value, 1) for pair, value in told.items() if value < least[pair]}


def faint(style: Style, geometry: str) -> set[str]:
    """Return the classes that neither their colour nor their outline parts from land and sea."""
    if geometry == "Raster":
        return set()  # cells lie side by side and are the ground themselves
    edges = {
        "Point": lambda code: colours.rim(style.colours[code]),
        "LineString": lambda code: style.colours[code],
        "Polygon": lambda code: style.edge(code, style.colours[code]),
    }[geometry]
    return {
        code
        for code, colour in style.colours.items()
        if not any(map(colours.stands_out, (colour, edges(code))))
    }


@pytest.mark.parametrize("vision", VISIONS)
def test_classes_are_told_apart(style: Style, vision: str):
    exempt = style.exempt["difference"].classes if "difference" in style.exempt else frozenset()
    close = {pair: value for pair, value in too_close(style, vision).items() if not exempt & set(pair)}
    assert close == {}


def test_an_order_runs_from_light_to_dark_or_back(style: Style):
    if style.order == "nominal":
        pytest.skip("the classes have no order")
    lightness = [Color(colour).convert("lab-d65")["lightness"] for colour in style.colours.values()]
    steps = np.diff(lightness)
    turns = int((np.diff(np.sign(steps)) != 0).sum())
    assert (steps != 0).all()
    assert turns == (1 if style.order == "diverging" else 0)


def test_symbols_are_seen_on_land_and_sea(case: tuple[Style, str]):
    style, geometry = case
    exempt = style.exempt["contrast"].classes if "contrast" in style.exempt else frozenset()
    assert faint(style, geometry) - exempt == set()


def test_what_is_exempt_needs_it_and_says_why(case: tuple[Style, str]):
    """An exemption that is no longer needed goes, or it would hide the next fault."""
    style, geometry = case
    needed = {
        "contrast": faint(style, geometry),
        "difference": {code for vision in VISIONS for pair in too_close(style, vision) for code in pair},
    }
    for check, entry in style.exempt.items():
        assert entry.classes <= needed[check], check
        assert len(entry.reason) > 20


def test_one_technology_one_colour_in_every_layer():
    plants, renewables = (styles.load(slug).colours for slug in ("power-plants", "renewable-capacity"))
    assert renewables.items() <= plants.items()


@pytest.mark.parametrize("pair", [("#000000", "#ffffff"), ("#f2c400", "#fbfaf6"), ("#0093b2", "#e3edf3")])
def test_our_contrast_is_that_of_the_guidelines(pair: tuple[str, str]):
    told = Color(pair[0]).contrast(Color(pair[1]), method="wcag21")
    assert colours.contrast(*pair) == colours.contrast(*pair[::-1]) == pytest.approx(told, rel=1e-3)


def test_the_checks_find_what_is_wrong():
    """Red and green of one lightness, and a yellow line: what they are there for."""
    bad = styles.read(
        {
            "field": "a",
            "class_list": "a",
            "classes": {"x": {"colour": "#b05040"}, "y": {"colour": "#7a7a2a"}},
        },
        "bad",
    )
    assert not too_close(bad, "normal")
    assert too_close(bad, "deutan").keys() == {("x", "y")}
    pale = styles.read({"field": "a", "class_list": "a", "classes": {"x": {"colour": "#f2e400"}}}, "pale")
    assert faint(pale, "LineString") == {"x"}
    assert faint(pale, "Point") == set()
