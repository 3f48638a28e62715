"""What the metadata say of the geometry: how true it is, what it is fit for, and what was done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.framework.placement import TOLERANCE_KM
from naatlas.framework.scales import SCALES
from naatlas.metadata import grid
from naatlas.metadata.content import Step
from naatlas.metadata.phrasing import decimal, fill, join, number, scale_text
from naatlas.model import Cells, Points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.metadata.words import Text, Words
    from naatlas.model import LayerData

_M_PER_MM = 1e-3
#: Figures of generalization that lines do not have, by the beginning of their names.
_OF_AREAS = ("area_", "islands_", "lakes_")


def accuracy(data: LayerData, words: Words) -> Text:
    """Tell how true positions are: as published for points; how far generalization moved lines and polygons."""
    told = words.texts
    if isinstance(data.geometry, Cells):
        return grid.accuracy(data, words)
    if isinstance(data.geometry, Points):
        return fill(told["accuracy_point"], tolerance_km=f"{TOLERANCE_KM:g}")
    figures = data.shapes.figures
    if "displacement_max_mm" not in figures:
        return told["accuracy_shapes"]
    metres = SCALES[data.scale].denominator * _M_PER_MM
    moved = {
        "largest_mm": decimal(figures["displacement_max_mm"], 3),
        "largest_m": number(figures["displacement_max_mm"] * metres),
        "mean_mm": decimal(figures["displacement_mean_mm"], 3),
        "scale": scale_text(SCALES[data.scale].denominator),
    }
    return join((told["accuracy_shapes"], fill(told["accuracy_generalized"], **moved)))


def limits(data: LayerData, words: Words) -> tuple[Text, ...]:
    """Tell that the sources are coarser than the scale of the product, where they are."""
    if isinstance(data.geometry, Cells):
        return grid.limits(data, words)
    source, scale = data.spec.source_scale, SCALES[data.scale].denominator
    if source <= scale:
        return ()
    return (fill(words.texts["source_scale_note"], source=scale_text(source), scale=scale_text(scale)),)


def steps(data: LayerData, words: Words) -> tuple[Step, ...]:
    """Tell how the layer was placed in the framework, and how it was brought to its scale."""
    told = words.texts
    if isinstance(data.geometry, Cells):
        return grid.steps(data, words)
    if isinstance(data.geometry, Points):
        text = fill(told["step_place"], tolerance_km=f"{TOLERANCE_KM:g}")
        return (Step(text, name="place", figures={"tolerance_km": TOLERANCE_KM}),)
    placed = Step(told["step_place_shapes"], name="place")
    if not data.shapes.figures:
        return (placed,)
    return (placed, Step(_generalized(data, words), name="generalize", figures=_figures(data)))


def _figures(data: LayerData) -> dict[str, float]:
    """Return what generalization did, as numbers; of lines nothing that only areas have."""
    told = {"scale_denominator": float(SCALES[data.scale].denominator)}
    areas = data.spec.geometry == "Polygon"
    return told | {
        name: round(value, 6)
        for name, value in data.shapes.figures.items()
        if areas or not name.startswith(_OF_AREAS)
    }


def _generalized(data: LayerData, words: Words) -> Text:
    told, figures = words.texts, data.shapes.figures
    filled = {
        "scale": scale_text(SCALES[data.scale].denominator),
        "before": number(figures["vertices_before"]),
        "after": number(figures["vertices_after"]),
        "largest_mm": decimal(figures["displacement_max_mm"], 3),
        "mean_mm": decimal(figures["displacement_mean_mm"], 3),
    }
    parts = [fill(told["step_generalize"], **filled)]
    if data.spec.generalize == "coverage":
        parts.append(told["step_generalize_coverage"])
    if data.spec.geometry == "Polygon":
        parts.append(fill(told["step_generalize_areas"], **_areas(data, figures)))
    return join(parts)


def _areas(data: LayerData, figures: Mapping[str, float]) -> Mapping[str, Text | str]:
    smallest = data.spec.minimum_km2 * (SCALES[data.scale].denominator / SCALES["10M"].denominator) ** 2
    return {
        "largest": decimal(100 * figures["area_change_max"], 2),
        "mean": decimal(100 * figures["area_change_mean"], 3),
        "islands": number(figures["islands_dropped"]),
        "lakes": number(figures["lakes_dropped"]),
        "minimum_km2": f"{smallest:g}",
    }
