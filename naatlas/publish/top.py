"""A tour of the largest features of a published layer, read from its GeoPackage."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely

from naatlas import framework, registry, styles
from naatlas.errors import UsageError
from naatlas.export.look import Look
from naatlas.export.numbers import format_all, format_measured, is_year, symbol
from naatlas.export.seal import MANIFEST
from naatlas.metadata import words as layer_words
from naatlas.publish.sites import Camera, Site, Tour
from naatlas.spec import LANGUAGES
from naatlas.validation.release import refusals

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from naatlas.metadata.words import Text
    from naatlas.spec import Field, LayerSpec

#: Distance of the camera from a point; from lines and polygons so much of their extent, but never nearer than this.
_POINT_KM, _EXTENTS, _NEAREST_KM = 12.0, 1.6, 8.0
_MOST_FACTS, _DWELL_S = 9, 8.0
_TITLE: Text = {
    "en": "{title}: top {count} by {label}",
    "fr": "{title}\u00a0: les {count} premiers selon «\u00a0{label}\u00a0»",
    "es": "{title}: los {count} primeros por «{label}»",
}
_RANK: Text = {
    "en": "Rank {rank} of {of} by {label}: {value}",
    "fr": "Rang {rank} sur {of} selon «\u00a0{label}\u00a0»\u00a0: {value}",
    "es": "Lugar {rank} de {of} por «{label}»: {value}",
}


def tour(slug: str, product: Path, *, count: int, by: str) -> Tour:
    """Return a tour of the features with the largest values of a field, the largest first.

    Parameters
    ----------
    product
        The GeoPackage of a published layer, with its manifest beside it.

    Raises
    ------
    UsageError
        The field is no number of the layer, no feature has a value, or the product may not go out.
    """
    spec = registry.spec(slug)
    field = _number(spec, by)
    _check(product)
    frame: gpd.GeoDataFrame = pyogrio.read_dataframe(product, layer=slug.replace("-", "_"))
    frame = frame[frame[by].notna() & ~shapely.is_missing(frame.geometry.to_numpy())]
    chosen = frame.sort_values([by, spec.key], ascending=[False, True], kind="stable").head(count)
    if not len(chosen):
        raise UsageError(f"{product.name}: no feature has a value of {by}; choose another field with --by")
    looks = [Look(layer_words.load(slug), styles.load(slug), language) for language in LANGUAGES]
    return Tour(
        slug=f"{slug}-top",
        name=f"{spec.name}_Top{len(chosen)}",
        title=_texts(looks, lambda look: _title(look, field, len(chosen))),
        about=_texts(looks, lambda look: look.text("abstract")),
        vintage=_year(product),
        colour=next(iter(looks[0].style.colours.values())),
        sites=tuple(_sites(chosen, spec, field, looks, of=len(frame), product=product.stem)),
    )


def _number(spec: LayerSpec, name: str) -> Field:
    numbers = {
        field.name: field for field in spec.fields if field.dtype in {"real", "integer"} and not field.gap
    }
    if name not in numbers:
        raise UsageError(f"layer {spec.slug} has no number {name!r}; it has {', '.join(numbers) or 'none'}")
    return numbers[name]


def _check(product: Path) -> None:
    manifest = product.parent / MANIFEST
    told = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {"draft": True}
    if why := refusals(told):
        raise UsageError(f"{product}: {'; '.join(why)}")


def _year(product: Path) -> str:
    found = re.search(r"_(\d{4})(?!\d)", product.stem)
    return found[1] if found else ""


def _texts(looks: list[Look], say: Any) -> Text:  # noqa: ANN401 - a function of a look
    return {look.language: say(look) for look in looks}


def _title(look: Look, field: Field, count: int) -> str:
    return _TITLE[look.language].format(title=look.text("title"), count=count, label=look.label(field.name))


def _sites(
    chosen: gpd.GeoDataFrame, spec: LayerSpec, by: Field, looks: list[Look], *, of: int, product: str
) -> list[Site]:
    metres = chosen.geometry.to_numpy()
    inside = shapely.point_on_surface(metres)
    lon, lat = framework.unproject(shapely.get_x(inside), shapely.get_y(inside))
    west, south, east, north = shapely.bounds(metres).T
    extents = np.hypot(east - west, north - south) / 1000
    sites = []
    for rank, (_, row) in enumerate(chosen.iterrows(), start=1):
        extent = float(extents[rank - 1])
        told = {"rank": rank, "of": of}
        sites.append(
            Site(
                id=f"{rank:02d}",
                name=_texts(looks, lambda look, row=row: _name(row, spec, look)),
                text=_texts(looks, lambda look, row=row, told=told: _rank(row, by, look, told)),
                lon=float(lon[rank - 1]),
                lat=float(lat[rank - 1]),
                place_source=f"{product}, {row[spec.key]}",
                facts=_facts(row, spec, by, looks),
                camera=Camera(
                    range_km=max(extent * _EXTENTS, _NEAREST_KM) if extent else _POINT_KM, tilt=50.0
                ),
                dwell_s=_DWELL_S,
            )
        )
    return sites


def _name(row: pd.Series, spec: LayerSpec, look: Look) -> str:
    names = (row.get(column) for column in ("name", f"name_{look.language}", spec.key))
    return next(str(name) for name in names if name is not None and name == name)  # noqa: PLR0124 - NaN is missing


def _rank(row: pd.Series, by: Field, look: Look, told: dict[str, int]) -> str:
    value = _shown(row[by.name], by, look)
    return _RANK[look.language].format(label=look.label(by.name), value=value, **told)


def _facts(row: pd.Series, spec: LayerSpec, by: Field, looks: list[Look]) -> tuple[tuple[Text, Text], ...]:
    """Return what the balloons of the layer show too, without zeros and what the rank tells already."""
    shown = [
        field
        for field in spec.fields
        if field.balloon
        and field.name != by.name
        and row.get(field.name) not in (None, 0)
        and row[field.name] == row[field.name]
    ]
    return tuple(
        (
            _texts(looks, lambda look, field=field: look.label(field.name)),
            _texts(looks, lambda look, field=field: _shown(row[field.name], field, look)),
        )
        for field in shown[:_MOST_FACTS]
    )


def _shown(value: Any, field: Field, look: Look) -> str:  # noqa: ANN401 - what a column holds
    if field.classes:
        return look.class_name(str(value), field.classes)
    if field.dtype == "text":
        return str(value)
    if field.dtype == "boolean":
        return look.phrase("yes" if value else "no")
    if is_year(field):
        return str(int(value))
    unit = symbol(field.unit)
    decimals = field.decimals if field.dtype == "real" else 0
    write = format_measured if unit else format_all
    return write([float(value)], decimals, look.language)[0] + (f"\u00a0{unit}" if unit else "")
