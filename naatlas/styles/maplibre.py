"""The style of a layer for MapLibre GL and Mapbox GL (style specification, version 8), in three languages.

The address of the data is the web team's: the source has the name of the layer, and its ``source-layer`` that of the
table in the GeoPackage. Names of the classes in all languages stand in ``metadata``, for a legend beside the map.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from naatlas.styles.colour import rim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.spec import Geometry, Language
    from naatlas.styles import Style

    Names = Mapping[str | None, str]
    Expression = list[Any]

PIXELS_PER_MM = 96 / 25.4
#: Symbols are this much smaller when the whole continent is in view, and whole from the second zoom on.
_FAR_SHARE, _FAR_ZOOM, _NEAR_ZOOM = 0.5, 3, 7
#: A line thinner than this is not seen on a screen.
_THINNEST_PIXELS = 0.5
_RIM_PIXELS, _LABEL_PIXELS = 0.6, 11
_TEXT, _HALO = "#222222", "#ffffff"
#: Scale of zoom 0 at 45 degrees north on a screen of 96 dots an inch with tiles of 512 pixels: 1 to so many.
_SCALE_OF_ZOOM_0 = 209_000_000


def maplibre(
    style: Style,
    names: Mapping[Language, Names],
    geometry: Geometry,
    *,
    layer: str,
    titles: Mapping[Language, str],
    columns: Mapping[Language, Sequence[str]],
) -> bytes:
    """Return the style as JSON in UTF-8.

    Symbols that grow with a value are one layer, so that small ones lie above large ones of whatever class; lines and
    polygons are one layer a class, in the order of drawing. Names are one layer a language, the first one visible.

    Parameters
    ----------
    names
        Of the classes by code, by language.
    layer
        Name of the table.
    titles
        Of the layer.
    columns
        Columns of the names that stand on the map, the first that is filled counts.
    """
    drawn = _raster(layer) if geometry == "Raster" else _features(style, geometry, layer, columns)
    told = {
        "version": 8,
        "name": next(iter(titles.values())),
        "metadata": _metadata(style, names, titles),
        "sources": {layer: {"type": "raster" if geometry == "Raster" else "vector"}},
        "layers": drawn,
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _features(
    style: Style, geometry: Geometry, layer: str, columns: Mapping[Language, Sequence[str]]
) -> list[dict[str, Any]]:
    if geometry == "Point":
        drawn = [_circles(style)]
    else:
        places = style.layers()
        one = _line if geometry == "LineString" else _polygon
        drawn = [part for code in sorted(places, key=lambda code: places[code]) for part in one(style, code)]
    return [{"source": layer, "source-layer": layer} | part for part in (*drawn, *_labels(style, columns))]


def _metadata(
    style: Style, names: Mapping[Language, Names], titles: Mapping[Language, str]
) -> dict[str, Any]:
    legend = [
        {"class": code, "colour": style.colours[code], "name": {lang: names[lang][code] for lang in names}}
        for code in style.colours
    ]
    return {"naatlas:field": style.field, "naatlas:title": dict(titles), "naatlas:legend": legend}


def _raster(layer: str) -> list[dict[str, Any]]:
    """Tiles of a raster come in the colours of its colour table; between cells nothing is mixed."""
    return [{"source": layer, "id": layer, "type": "raster", "paint": {"raster-resampling": "nearest"}}]


def _circles(style: Style) -> dict[str, Any]:
    """Colour by class, area by value, the large ones below."""
    rims = {code: rim(colour) for code, colour in style.colours.items()}
    told: dict[str, Any] = {
        "id": f"{style.slug}-symbols",
        "type": "circle",
        "paint": {
            "circle-color": _by_class(style, style.colours, style.colour(None)),
            "circle-stroke-color": _by_class(style, rims, rim(style.colour(None))),
            "circle-stroke-width": _RIM_PIXELS,
            "circle-radius": _radius(style),
        },
    }
    if style.size_field:
        told["layout"] = {"circle-sort-key": ["-", 0, _size(style)]}
    return told


def _by_class(style: Style, told: Mapping[str, str], otherwise: str) -> Expression:
    """Return an expression that gives a colour to the class of a feature."""
    value: Expression = ["get", style.field]
    if style.breaks is None:
        return ["match", value, *(part for pair in told.items() for part in pair), otherwise]
    steps: Expression = ["case", ["==", value, None], otherwise]
    for code, colour in told.items():
        high = style.breaks.bounds(code)[1]
        steps += [colour] if high is None else [["<=", value, high], colour]
    return steps


def _filter(style: Style, code: str | None) -> Expression:
    value: Expression = ["get", style.field]
    if code is None or style.breaks is None:
        return ["==", value, code]
    low, high = style.breaks.bounds(code)
    told: Expression = ["all", ["!=", value, None]]
    told += [] if low is None else [[">", value, low]]
    return told + ([] if high is None else [["<=", value, high]])


def _size(style: Style) -> Expression:
    """Return the value that decides the size, between the limits; a missing one is the lowest."""
    low, high = style.size_limits
    return ["max", low, ["min", high, ["coalesce", ["get", style.size_field], low]]]


def _radius(style: Style) -> Expression:
    """Return the radius in pixels: half the diameter, whose square grows as the value does."""
    near = _near(style)
    far = ["*", _FAR_SHARE, near]
    return ["interpolate", ["linear"], ["zoom"], _FAR_ZOOM, far, _NEAR_ZOOM, near]


def _near(style: Style) -> Expression | float:
    (low, high), (small, large) = style.size_limits, style.size_range
    half = PIXELS_PER_MM / 2
    if not style.size_field:
        return round(small * half, 3)
    slope = (large**2 - small**2) / (high - low)
    square: Expression = ["+", round(small**2, 6), ["*", float(f"{slope:.9g}"), ["-", _size(style), low]]]
    return ["*", round(half, 6), ["sqrt", square]]


def _line(style: Style, code: str | None) -> list[dict[str, Any]]:
    paint = {"line-color": style.colour(code, "LineString"), "line-width": _pixels(style.width_mm(code))}
    return [_one(style, code, "line", paint, {"line-cap": "round", "line-join": "round"})]


def _polygon(style: Style, code: str | None) -> list[dict[str, Any]]:
    """Fill and outline are two layers: the outline of a fill is a hair line that has no width."""
    colour = style.colour(code, "Polygon")
    edge = {"line-color": style.edge(code, colour), "line-width": _pixels(style.width_mm(code))}
    outline = _one(style, code, "line", edge, {"line-join": "round"}, "-outline")
    if code in style.unfilled:
        return [outline]
    return [_one(style, code, "fill", {"fill-color": colour, "fill-opacity": style.opacity}), outline]


def _one(  # the parts of a layer
    style: Style,
    code: str | None,
    kind: str,
    paint: dict[str, Any],
    layout: dict[str, Any] | None = None,
    ending: str = "",
) -> dict[str, Any]:
    told = {"id": f"{style.slug}-{code or 'no-class'}{ending}", "type": kind, "filter": _filter(style, code)}
    return told | ({"layout": layout} if layout else {}) | {"paint": paint}


def _pixels(width_mm: float) -> float:
    return round(max(width_mm * PIXELS_PER_MM, _THINNEST_PIXELS), 2)


def _labels(style: Style, columns: Mapping[Language, Sequence[str]]) -> list[dict[str, Any]]:
    if style.labels is None:
        return []
    zoom, told = round(zoom_of(style.labels.from_scale), 1), {lang: c for lang, c in columns.items() if c}
    return [_label(style, zoom, lang, names, first=not n) for n, (lang, names) in enumerate(told.items())]


def _label(
    style: Style, zoom: float, language: Language, columns: Sequence[str], *, first: bool
) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "text-field": ["coalesce", *(["get", column] for column in columns), ""],
        "text-size": _LABEL_PIXELS,
        "visibility": "visible" if first else "none",
    }
    if style.size_field:
        layout |= {"text-offset": [0, -1], "symbol-sort-key": ["-", 0, _size(style)]}
    return {
        "id": f"{style.slug}-names-{language}",
        "type": "symbol",
        "minzoom": zoom,
        "layout": layout,
        "paint": {"text-color": _TEXT, "text-halo-color": _HALO, "text-halo-width": 1},
    }


def zoom_of(scale: float) -> float:
    """Return the zoom at which the map has a scale (1 to ``scale``) at 45 degrees north."""
    from math import log2

    return max(0.0, log2(_SCALE_OF_ZOOM_0 / scale))
