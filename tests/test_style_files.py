"""Steps of a quantity, symbols by area, names and exemptions: from the file of a style into what is written of it."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from naatlas import registry, styles
from naatlas.errors import SpecError, UsageError
from naatlas.export import legend, stylefiles, symbols
from naatlas.metadata.files import ProductFile
from naatlas.styles import breaks, maplibre
from naatlas.styles.breaks import SCHEMES
from naatlas.styles.qml import qml
from naatlas.styles.se import SE, se
from naatlas.validation import colours
from tests import export_samples as samples
from tests import style_kit
from tests.style_kit import OGC, SLD, SVG

if TYPE_CHECKING:
    from naatlas.export.look import Look
    from naatlas.model import LayerData

STEPPED: dict[str, Any] = {
    "field": "hg_kg",
    "breaks": {"limits": [0, 10, 250.5], "scheme": "manual"},
    "colours": ["#FFFFCC", "#a1dab4", "#41b6c4", "#225ea8"],
}
CODES = ["step_0", "step_1", "step_2", "step_3"]


def stepped(**more: object) -> styles.Style:
    return styles.read(STEPPED | more, "test-plants")


def look(style: styles.Style, language: str = "en") -> Look:
    return dataclasses.replace(samples.look(language), style=style)


# steps of a quantity


def test_a_value_on_a_limit_belongs_below_it():
    style = stepped()
    values = pd.DataFrame({"hg_kg": [-5.0, 0.0, 0.1, 10.0, 250.5, 251.0, np.nan]})
    told = style.classes(values)
    assert told[:6].tolist() == ["step_0", "step_0", "step_1", "step_1", "step_2", "step_3"]
    assert pd.isna(told[6])
    assert list(style.colours) == CODES
    assert style.colours["step_0"] == "#ffffcc"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6, unique=True), st.floats(-2e6, 2e6))
def test_every_value_lies_in_the_bounds_of_its_step(limits: list[float], value: float):
    told = styles.Breaks(tuple(sorted(limits)))
    low, high = told.bounds(told.code(value))
    assert low is None or value > low
    assert high is None or value <= high


def test_steps_are_named_in_three_languages():
    told = {lang: list(look(stepped(), lang).class_names().values()) for lang in ("en", "fr", "es")}
    assert told["en"] == ["0 or less", "0 to 10", "10 to 250.5", "More than 250.5", "Not stated"]
    assert told["fr"] == ["0 ou moins", "0 à 10", "10 à 250,5", "Plus de 250,5", "Non précisé"]
    assert told["es"] == ["0 o menos", "0 a 10", "10 a 250.5", "Más de 250.5", "No indicado"]


def test_steps_in_qml_sld_and_maplibre():
    """The three say of every value what the style says of it."""
    style, values = stepped(), [-5.0, 0.0, 3.0, 10.0, 10.1, 250.5, 9999.0]
    wanted = [style.breaks.code(value) for value in values]
    names = look(style).class_names()
    ranges = [*etree.fromstring(qml(style, names).encode()).iter("range")]
    ends = [(float(one.get("lower")), float(one.get("upper"))) for one in ranges]
    # QGIS takes the first range that holds the value.
    assert [CODES[next(n for n, (a, b) in enumerate(ends) if a <= v <= b)] for v in values] == wanted
    files = stylefiles.documents(samples.layer(9), [look(style)])
    rules = [*etree.fromstring(files["styles/test-plants.sld"]).iter(f"{SLD}Rule")][:4]
    assert [next(CODES[n] for n, rule in enumerate(rules) if lets(rule, v)) for v in values] == wanted
    told = json.loads(files["styles/test-plants.maplibre.json"])["layers"][0]["paint"]["circle-color"]
    assert [case(told, value) for value in [*values, None]] == [
        *(style.colours[c] for c in wanted),
        "#ffffff",
    ]


def lets(rule: etree._Element, value: float) -> bool:
    """Tell whether the comparisons of a rule let a value through."""
    tests = {"PropertyIsGreaterThan": float.__gt__, "PropertyIsLessThanOrEqualTo": float.__le__}
    return all(
        test(value, float(found.findtext(f"{OGC}Literal")))
        for name, test in tests.items()
        for found in rule.iter(f"{OGC}{name}")
    )


def case(expression: list[Any], value: float | None) -> str:
    """Evaluate a case expression of comparisons with one value."""
    _, *pairs, otherwise = expression
    for (kind, _, limit), colour in zip(pairs[::2], pairs[1::2], strict=True):
        if (kind == "==" and value is limit) or (kind == "<=" and value is not None and value <= limit):
            return str(colour)
    return str(otherwise)


def test_the_legend_of_steps_tells_the_unit():
    data = samples.layer(9)
    root = etree.fromstring(legend.legend_svg(data, look(stepped())))
    told = [text.text for text in root.iter(f"{SVG}text")]
    assert told[0] == "Hg kg (kg)"
    assert told[1:4] == ["0 or less", "0 to 10", "Not stated"]
    assert colours.of_svg(legend.legend_svg(data, look(stepped()))) == {
        "step_0": "#ffffcc",
        "step_1": "#a1dab4",
        None: "#ffffff",
    }


# limits between classes


@pytest.mark.parametrize("scheme", SCHEMES)
def test_limits_are_found_and_the_same_every_time(scheme: breaks.Scheme):
    values = np.random.default_rng(1).lognormal(3, 1.2, 5000)
    told = breaks.find(values, scheme, 5)
    assert told == breaks.find(values[::-1], scheme, 5)
    assert told.scheme == scheme
    assert len(told.limits) == 4
    counts = pd.Series([told.code(value) for value in values]).value_counts()
    assert set(counts.index) == set(told.codes)
    if scheme == "quantiles":
        assert counts.max() - counts.min() < 60  # limits have three digits


@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=60), st.sampled_from([*SCHEMES]))
@example(values=[0.0, 0.0, 1.0, -1.0], scheme="quantiles")
def test_limits_lie_within_the_values(values: list[float], scheme: breaks.Scheme):
    if len(set(values)) < 3:
        with pytest.raises(UsageError, match="distinct values: ask for 2 to"):
            breaks.find(values, scheme, 3)
        return
    told = breaks.find([*values, math.nan, math.inf], scheme, 3).limits
    assert list(told) == sorted(set(told))
    assert len(told) <= 2
    assert all(min(values) <= limit < max(values) for limit in told)


def test_two_groups_are_parted_between_them():
    values = [1, 2, 3, 100, 101, 102]
    assert breaks.find(values, "fisher_jenks", 2).limits == (3.0,)
    assert breaks.find(values, "equal_interval", 2).limits == (51.5,)
    with pytest.raises(UsageError, match="there are quantiles, fisher_jenks, equal_interval"):
        breaks.find(values, "manual", 2)


# symbols by area


def test_area_grows_as_the_value_does():
    style = samples.STYLE
    (low, high), (small, large) = style.size_limits, style.size_range
    for value in np.linspace(low, high, 7).tolist():
        share = (value - low) / (high - low)
        assert style.diameter(value) ** 2 == pytest.approx(small**2 + share * (large**2 - small**2))
    assert style.diameter(high) == large


def test_steps_of_size_are_those_of_the_kmz():
    style = samples.STYLE
    steps = style.steps()
    for number, (low, high, diameter) in enumerate(steps):
        middle = np.array([(low + high) / 2])
        assert symbols.size_steps(middle, style)[0] == number
        assert style.diameter(low) < diameter < style.diameter(high)
    assert steps[0][0] == style.size_limits[0]
    assert steps[-1][1] == pytest.approx(style.size_limits[1])


def test_sld_gives_every_value_one_symbol_and_draws_the_large_first():
    data, style = samples.layer(9), samples.STYLE
    root = etree.fromstring(stylefiles.server_style(data, samples.look()))
    kinds = list(root.iter(f"{SLD}FeatureTypeStyle"))
    sizes = [float(kind.findtext(f".//{SLD}Size")) for kind in kinds]
    assert sizes == sorted(sizes, reverse=True)
    wanted = [round(diameter / 0.28, 1) for _, _, diameter in style.steps()][::-1]
    assert sizes == pytest.approx(wanted, abs=0.05)
    for kind in kinds:
        names = [rule.findtext(f"{SLD}Name") for rule in kind.iter(f"{SLD}Rule")]
        assert names == [*style.colours, "no-class"]
        for rule in kind.iter(f"{SLD}Rule"):
            assert len(rule.find(f"{OGC}Filter/{OGC}And")) == 2


# order of elements, as the schema of SLD 1.0.0 has it

ORDER = {
    "StyledLayerDescriptor": ["NamedLayer"],
    "NamedLayer": ["Name", "UserStyle"],
    "UserStyle": ["Name", "Title", "IsDefault", "FeatureTypeStyle"],
    "FeatureTypeStyle": ["Rule"],
    "Rule": [
        "Name", "Title", "Filter", "MaxScaleDenominator", "LineSymbolizer", "PolygonSymbolizer",
        "PointSymbolizer", "TextSymbolizer", "RasterSymbolizer",
    ],
    "PointSymbolizer": ["Graphic"],
    "Graphic": ["Mark", "Size"],
    "Mark": ["WellKnownName", "Fill", "Stroke"],
    "LineSymbolizer": ["Stroke"],
    "PolygonSymbolizer": ["Fill", "Stroke"],
    "TextSymbolizer": ["Label", "Font", "LabelPlacement", "Halo", "Fill"],
    "RasterSymbolizer": ["Opacity", "ColorMap"],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["Point", "LineString", "Polygon"])
def test_sld_has_its_elements_in_the_order_of_the_standard(kind: str):
    named = styles.Labels("name", 5e6)
    if kind == "Point":
        data, told = samples.layer(5), samples.look()
    else:
        data, told = samples.shape_layer(kind, 5), samples.shape_look()
    told = dataclasses.replace(told, style=dataclasses.replace(told.style, labels=named))
    root = etree.fromstring(stylefiles.server_style(data, told))
    assert root.get("version") == "1.0.0"
    for element in root.iter(f"{SLD}*"):
        name = etree.QName(element).localname
        if name in ORDER:
            places = [ORDER[name].index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), name
    assert [e.text for e in root.iter(f"{SLD}MaxScaleDenominator")] == ["5000000"]


# the newer form of the standard

#: Order of elements as the schemas of SLD 1.1.0 and Symbology Encoding 1.1.0 have it, where it is another one.
NEWER = {
    "UserStyle": ["Name", "Description", "IsDefault", "FeatureTypeStyle", "CoverageStyle"],
    "CoverageStyle": ["Rule"],
    "Rule": ["Name", "Description", *ORDER["Rule"][2:]],
    "Description": ["Title"],
    "ColorMap": ["Categorize"],
}
FRAME = {"StyledLayerDescriptor", "NamedLayer", "UserStyle", "IsDefault"}


def drawn(kind: str) -> tuple[LayerData, Look]:
    if kind == "Point":
        data, told = samples.layer(5), samples.look()
    else:
        data, told = samples.shape_layer(kind, 5), samples.shape_look()
    return data, dataclasses.replace(
        told, style=dataclasses.replace(told.style, labels=styles.Labels("name", 5e6))
    )


@pytest.mark.parametrize("kind", ["Point", "LineString", "Polygon"])
def test_the_newer_form_has_the_elements_of_its_standards_in_their_order(kind: str):
    root = etree.fromstring(se(stylefiles.server_style(*drawn(kind))))
    assert root.get("version") == "1.1.0"
    for element in root.iter("{*}*"):
        name = etree.QName(element)
        if name.namespace == OGC.strip("{}"):
            continue
        assert name.namespace == (SLD.strip("{}") if name.localname in FRAME else SE), name
        order = (ORDER | NEWER).get(name.localname)
        if order:
            places = [order.index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), name
    assert not [*root.iter("{*}CssParameter")]
    assert {e.get("name") for e in root.iter(f"{{{SE}}}SvgParameter")} >= {"stroke", "stroke-width"}


@pytest.mark.parametrize("kind", ["Point", "LineString", "Polygon"])
def test_the_filters_of_both_forms_are_valid(kind: str):
    pycsw = pytest.importorskip("pycsw")
    folder = Path(pycsw.__file__).parent / "core/schemas/ogc/filter/1.1.0"
    schema = etree.XMLSchema(etree.parse(folder / "filter.xsd", etree.XMLParser(no_network=True)))
    sld = stylefiles.server_style(*drawn(kind))
    for content in (sld, se(sld)):
        filters = [
            etree.fromstring(etree.tostring(one)) for one in etree.fromstring(content).iter(f"{OGC}Filter")
        ]
        assert filters
        for one in filters:
            assert schema.validate(one), schema.error_log


@pytest.mark.parametrize("slug", ["land-cover", "elevation"])
def test_the_steps_of_a_raster_are_those_of_the_style(slug: str, tmp_path: Path):
    """Evaluate the function as the standard says: a value takes the colour behind the last threshold below it."""
    style = styles.load(slug)
    data = style_kit.layer(registry.spec(slug), style, tmp_path)
    (told,) = etree.fromstring(se(stylefiles.server_style(data, style_kit.looks(style, slug)[0]))).iter(
        f"{{{SE}}}Categorize"
    )
    limits = [float(e.text) for e in told.iter(f"{{{SE}}}Threshold")]
    values = [e.text for e in told.iter(f"{{{SE}}}Value")]
    side = {"preceding": "left", "succeeding": "right"}[told.get("thresholdsBelongTo")]
    for code, colour in style.colours.items():
        number = float(data.rules.codes[code]) if data.rules.codes else style.breaks.bounds(code)[1]
        assert values[np.searchsorted(limits, math.inf if number is None else number, side=side)] == colour


# names on the map


def test_names_come_in_the_language_of_the_reader_and_else_as_they_are():
    labels = styles.Labels("name", 5e6)
    assert labels.columns(frozenset({"name", "name_fr"}), "fr") == ("name_fr", "name")
    assert labels.columns(frozenset({"name", "name_fr"}), "es") == ("name",)
    assert labels.columns(frozenset({"label"}), "en") == ()
    style = dataclasses.replace(samples.STYLE, labels=labels)
    text = qml(style, samples.look().class_names(), label=("name_fr", "name"))
    assert 'coalesce("name_fr", "name")' in etree.fromstring(text.encode()).find(".//text-style").get(
        "fieldName"
    )
    files = stylefiles.documents(samples.layer(5), [look(style, lang) for lang in ("es", "en", "fr")])
    told = json.loads(files["styles/test-plants.maplibre.json"])
    layers = [one for one in told["layers"] if one["type"] == "symbol"]
    assert [one["id"] for one in layers] == [f"test-plants-names-{lang}" for lang in ("es", "en", "fr")]
    assert [one["layout"]["visibility"] for one in layers] == ["visible", "none", "none"]
    assert {one["minzoom"] for one in layers} == {round(maplibre.zoom_of(5e6), 1)}


def test_zoom_of_a_scale():
    """At 45 degrees north a pixel of zoom 5 is 1,730 m: 1 to 6.5 million on a screen of 96 dots."""
    metres = 40_075_016.7 * math.cos(math.radians(45)) / 512 / 2**5
    assert maplibre.zoom_of(metres / (0.0254 / 96)) == pytest.approx(5, abs=0.01)
    assert maplibre.zoom_of(1e12) == 0


# files


def test_style_files_by_language_and_the_same_bytes_twice():
    looks = [samples.look(lang) for lang in ("fr", "en")]
    told = stylefiles.documents(samples.layer(9), looks)
    assert [*told] == [
        "styles/legend_en.png", "styles/legend_en.svg", "styles/legend_fr.png", "styles/legend_fr.svg",
        "styles/test-plants.maplibre.json", "styles/test-plants.qml", "styles/test-plants.sld",
        "styles/test-plants_en.qml", "styles/test-plants_en.sld",
        "styles/test-plants_sld11.sld", "styles/test-plants_sld11_en.sld",
    ]  # fmt: skip
    assert told == stylefiles.documents(samples.layer(9), looks)
    assert "Éolien" in told["styles/test-plants.sld"].decode()
    assert "Wind" in told["styles/test-plants_en.sld"].decode()
    legends = json.loads(told["styles/test-plants.maplibre.json"])["metadata"]["naatlas:legend"]
    assert legends[0] == {"class": "wind", "colour": "#35b779", "name": {"fr": "Éolien", "en": "Wind"}}
    types = {name.rpartition(".")[2]: ProductFile(name).media_type for name in told if "sld11" not in name}
    assert types == {
        "png": "image/png",
        "svg": "image/svg+xml",
        "json": "application/json",
        "qml": "application/xml",
        "sld": "application/vnd.ogc.sld+xml",
    }
    newer = [ProductFile(name) for name in told if "sld11" in name]
    assert [file.media_type for file in newer] == ["application/vnd.ogc.se+xml"] * 2
    assert [file.language for file in newer] == [None, "en"]


def test_a_long_name_goes_on_in_a_further_line_and_nothing_overlaps():
    name = "Mosaïque de cultures et de végétation naturelle, avec des arbres épars et des prairies"
    classes = samples.WORDS.classes | {
        "energy_source": {c: dict.fromkeys(("en", "fr", "es"), name) for c in ("wind", "coal")}
    }
    told = dataclasses.replace(samples.look("fr"), words=dataclasses.replace(samples.WORDS, classes=classes))
    root = etree.fromstring(legend.legend_svg(samples.layer(9), told))
    texts = [text for text in root.iter(f"{SVG}text") if text.text in name]
    assert " ".join(text.text for text in texts) == f"{name} {name}"
    places = [float(text.get("transform", text.get("y", "")).replace(")", " ").split()[-1]) if text.get("y") is None
              else float(text.get("y")) for text in texts]  # fmt: skip
    assert (np.diff(places) > 8).all()
    assert root.findtext(f"{SVG}title") == "Centrales d'essai, 2022 (Légende)"
    assert root.get("lang") == "fr"


# what no product could draw


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"breaks": {"limits": [10, 0]}}, "limits must ascend"),
        ({"breaks": {"limits": []}}, "limits must ascend"),
        ({"breaks": {"limits": [1, 2]}}, "2 limits need 3 colours"),
        ({"breaks": {"limits": [0, 10, 20], "scheme": "guess"}}, "no such scheme: guess; there are manual"),
        ({"class_list": "energy_source"}, "class_list of coded classes, or give breaks; one of them"),
        ({"order": "random"}, "no such order: random"),
        ({"exempt": {"taste": {"classes": ["step_0"], "reason": "x"}}}, "exempt from: taste"),
        ({"exempt": {"contrast": {"classes": ["step_9"], "reason": "x"}}}, "step_9, which is no class"),
        ({"exempt": {"contrast": {"classes": ["step_0"]}}}, "say why, in reason"),
    ],
)
def test_what_is_refused(change: dict[str, Any], words: str):
    with pytest.raises(SpecError, match=words):
        stepped(**change)


def test_an_exemption_is_kept_with_its_reason():
    told = stepped(
        exempt={"difference": {"classes": ["step_0", "step_1"], "reason": "The legend is\n sourced."}}
    )
    assert told.exempt["difference"] == styles.Exemption(
        frozenset({"step_0", "step_1"}), "The legend is sourced."
    )
