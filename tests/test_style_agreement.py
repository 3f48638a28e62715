"""One class, one colour: in KMZ, GeoPackage, QML, SLD, MapLibre style, legend, preview and raster of every layer."""

from __future__ import annotations

import dataclasses
from importlib import resources
from typing import TYPE_CHECKING

import pytest
import yaml

from naatlas import registry, styles
from naatlas.styles.colour import NO_CLASS_COLOUR, NO_CLASS_LINE
from tests import style_kit

if TYPE_CHECKING:
    from pathlib import Path


def as_written(slug: str, geometry: str) -> dict[str | None, str]:
    """Return the colours as they stand in the file, and that of features without class."""
    path = resources.files("naatlas") / "styles" / f"{slug}.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "like" in told:
        return as_written(told["like"], geometry)
    if "breaks" in told:
        return {f"step_{n}": colour.lower() for n, colour in enumerate(told["colours"])}
    without = {"LineString": NO_CLASS_LINE, "Raster": None}.get(geometry, NO_CLASS_COLOUR)
    classes = {code: entry["colour"].lower() for code, entry in told["classes"].items()}
    return classes | ({None: without} if without else {})


@pytest.mark.parametrize(("slug", "edition"), style_kit.cases())
def test_every_product_shows_the_colour_of_the_style(slug: str, edition: str, tmp_path: Path):
    spec = registry.spec(slug)
    name = style_kit.style_name(spec, edition)
    style = styles.load(name)
    data = style_kit.layer(spec, style, tmp_path, edition)
    wanted, names = as_written(name, spec.geometry), []
    for product, shown in style_kit.all_shown(data, style, tmp_path):
        assert shown == wanted, product
        names.append(product)
    assert len(names) == 15


@pytest.mark.parametrize("slug", ["power-plants", "roads", "political-boundaries"])
def test_a_colour_changed_in_one_product_is_found(slug: str, tmp_path: Path):
    """What is read back is what is drawn: with one colour changed, each product differs in that class and no other."""
    style = styles.load(slug)
    data = style_kit.layer(registry.spec(slug), style, tmp_path)
    code = next(iter(style.colours))
    changed = dataclasses.replace(style, colours=style.colours | {code: "#123456"})
    for name, shown in style_kit.all_shown(data, changed, tmp_path):
        assert shown == as_written(slug, data.spec.geometry) | {code: "#123456"}, name
