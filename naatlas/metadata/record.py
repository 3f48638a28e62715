"""Build the metadata record of a finished layer: its words, and what the build measured."""

from __future__ import annotations

import uuid
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

import naatlas
from naatlas import styles
from naatlas.framework.crs import NAME, WKT2
from naatlas.framework.placement import TOLERANCE_KM
from naatlas.framework.scales import SCALES
from naatlas.ledger import State
from naatlas.metadata import grid, shape_words, statements
from naatlas.metadata.content import Box, FieldEntry, InputEntry, Record, Step
from naatlas.metadata.gate import check_words, gate
from naatlas.metadata.marks import marked
from naatlas.metadata.phrasing import fill, join, listed, number, same, scale_text, steps
from naatlas.metadata.words import load
from naatlas.model import Cells, Points
from naatlas.spec import COUNTRIES
from naatlas.stamp import stamp
from naatlas.text import span

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.metadata.words import Text, Words
    from naatlas.model import InputFile, LayerData
    from naatlas.spec import Field
    from naatlas.styles import Style

__all__ = ["Record", "describe"]

#: A tenth of a metre, which projecting there and back may lose.
_NO_DEGREES = 1e-6

#: The framework CRS as PROJ spells it: the reference system code that catalogues of the NAP understand.
PROJ4 = "+proj=laea +lat_0=45 +lon_0=-100 +x_0=0 +y_0=0 +R=6370997 +units=m +no_defs"


def describe(data: LayerData, words: Words) -> Record:
    """Describe a finished layer.

    Raises
    ------
    GateError
        The words are incomplete; all that is missing is listed.
    SpecError
        A text has braces that nothing fills, or the layer has no style.
    """
    gate(check_words(words, data.spec))
    cells = grid.entry(data)
    resolution = grid.cell_text(cells.cell_m) if cells else scale_text(SCALES[data.scale].denominator)
    inputs, warnings = _inputs(data), _warnings(data, words)
    return Record(
        words=words,
        resolution=resolution,
        warnings=warnings,
        limits=(*warnings, *_limits(data, words, inputs, resolution)),
        inputs=inputs,
        grid=cells,
        **_named(data, words),
        **_placed(data),
        **_made(data, words),
        **_explained(data, words),
    )


def _named(data: LayerData, words: Words) -> dict[str, Any]:
    """Tell what the layer is called, and of what time it is."""
    return {
        "slug": data.spec.slug,
        "identifier": _identifier(data),
        "version": naatlas.__version__,
        "edition": span(data.edition),
        "variant": data.variant,
        "title": _title(data, words),
        "date": stamp(data).date(),
        "period": _period(data),
    }


def _placed(data: LayerData) -> dict[str, Any]:
    """Tell where its features lie, how many there are, and in which coordinate system."""
    return {
        "box": _box(data),
        "geometry": data.spec.geometry,
        "features": len(data.frame),
        "countries": _countries(data.frame),
        "scale": SCALES[data.scale].denominator,
        "tolerance_km": TOLERANCE_KM,
        "crs_name": NAME,
        "crs_wkt": WKT2,
        "crs_proj4": PROJ4,
    }


def _made(data: LayerData, words: Words) -> dict[str, Any]:
    """Tell how it was made, and what the checks say of it."""
    counts = Counter(finding.severity for finding in data.findings)
    severities = {severity: counts[severity] for severity in ("error", "warning", "info")}
    findings = fill(words.texts["findings_summary"], **{s: number(n) for s, n in severities.items()})
    return {
        "accuracy": shape_words.accuracy(data, words),
        "findings": findings,
        "severities": severities,
        "steps": _steps(data, words, findings),
    }


def _explained(data: LayerData, words: Words) -> dict[str, Any]:
    """Tell what its fields, classes and values mean, and what they do not."""
    return {
        "fields": tuple(_field(field, data.frame, words) for field in data.spec.fields),
        "classes": {name: words.classes[name] for name in _lists(data) if name in words.classes},
        "codesets": {name: words.codesets[name] for name in _lists(data) if name in words.codesets},
        "gaps": statements.gaps(data, words) or (words.texts["no_gap"],),
        "absence": statements.absence(data, words),
        "comparability": statements.comparability(data, words),
        "outliers": statements.outliers(data, words),
        "legend": _legend(words, styles.of(data)),
    }


def _identifier(data: LayerData) -> str:
    """Name the product and not its bytes: a record that is corrected keeps its identifier."""
    tier = "starter" if any(entry.tier == "starter" for entry in data.inputs) else ""
    variant = "-".join(part for part in (data.variant, *data.marks) if part)
    name = f"naatlas/{data.spec.slug}/{data.edition}/{variant}/{tier}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"http://www.cec.org/{name}"))


def _title(data: LayerData, words: Words) -> Text:
    told = words.texts
    title = fill(
        told["full_title"], atlas=told["atlas"], title=words.title(data.edition), edition=span(data.edition)
    )
    title = title if not data.variant else join((title, same(f"({data.variant})")))
    return marked(title, data.marks)


def _box(data: LayerData) -> Box | None:
    """Measure the window; the Aleutians beyond 180 count as the far west, not as the far east."""
    if isinstance(data.geometry, Points):
        points = np.column_stack([data.points.lon, data.points.lat])
        bounds = np.hstack([points, points])
    elif isinstance(data.geometry, Cells):
        bounds = grid.corners(data)
    else:
        bounds = shapely.bounds(shapely.get_parts(data.shapes.degrees))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    west, south, east, north = bounds.T
    far = np.where(west > 0, 360, 0)  # a part that lies east of Greenwich
    west, east = (west - far).min(), (east - far).max()
    if east - west >= 360:  # noqa: PLR2004 - around the globe
        west, east = -180.0, 180.0
    else:
        west, east = ((value + 180) % 360 - 180 for value in (west, east))
    sides = np.array([west, east, south.min(), north.max()])
    sides[np.abs(sides) < _NO_DEGREES] = 0.0  # the equator is 0, not -0.000000
    return Box(*sides.tolist())


def _period(data: LayerData) -> tuple[int, int]:
    years = {int(entry.source.vintage[:4]) for entry in data.dated_inputs}
    if "reference_period" in data.frame:
        told = data.frame["reference_period"].dropna().astype("string").str.extract(r"^(\d{4})", expand=False)
        years |= {int(year) for year in told.dropna().unique()}
    years = years or {int(data.edition[:4])}
    return min(years), max(years)


def _countries(frame: pd.DataFrame) -> dict[str, int]:
    """Count the features of each country; empty for a layer that knows no countries."""
    if "country" not in frame:
        return {}
    counts: Mapping[Any, int] = dict(frame["country"].value_counts())
    return {country: int(counts.get(country, 0)) for country in COUNTRIES}


def _inputs(data: LayerData) -> tuple[InputEntry, ...]:
    read: Mapping[Any, int] = dict(data.ledger.counts()["read"]) if data.ledger.sources else {}
    return tuple(_input(entry, int(read.get(entry.source.id, 0))) for entry in data.inputs)


def _input(entry: InputFile, records: int) -> InputEntry:
    source = entry.source
    return InputEntry(
        source=source.id,
        title=source.title,
        publisher=source.publisher,
        country=source.country,
        vintage=source.vintage,
        landing_page=source.landing_page,
        licence=source.licence,
        file=entry.name,
        sha256=entry.sha256,
        size=entry.size,
        tier=entry.tier,
        records=records,
    )


def _warnings(data: LayerData, words: Words) -> tuple[Text, ...]:
    told = words.texts
    variant = (fill(told["variant_note"], variant=data.variant),) if data.variant else ()
    starter = any(entry.tier == "starter" for entry in data.inputs)
    marks = (told[f"{mark}_limit"] for mark in data.marks)
    return (*marks, *variant, *((told["starter_note"],) if starter else ()))


def _limits(
    data: LayerData, words: Words, inputs: tuple[InputEntry, ...], resolution: Text
) -> tuple[Text, ...]:
    told = words.texts
    limits = [fill(told["scale_limits"], scale=resolution), *shape_words.limits(data, words)]
    limits += [told["limitations"], *(told[name] for name in words.notes)]
    limits.append(fill(told["vintage_note"], vintages=_vintages(inputs, words)))
    return tuple(limits)


def _vintages(inputs: tuple[InputEntry, ...], words: Words) -> Text:
    """Join the data years by country, files of several countries under "all countries"."""
    years: dict[str | None, set[str]] = {}
    for entry in inputs:
        years.setdefault(entry.country, set()).add(entry.vintage)
    parts = [
        join((words.classes["country"][c] if c else words.texts["all_countries"], same(", ".join(sorted(v)))))
        for c, v in sorted(years.items(), key=lambda item: item[0] or "")
    ]
    return listed(parts)


def _steps(data: LayerData, words: Words, findings: Text) -> tuple[Step, ...]:
    told, ledger = words.texts, data.ledger
    files = tuple(entry.source.id for entry in data.inputs)
    counts = ledger.counts() if ledger.sources else None
    states = {s: 0 if counts is None else int(counts[str(s)].sum()) for s in State}
    shown = join((join((number(n), told[f"state_{s}"])) for s, n in states.items() if n), ", ")
    combined = {"read": sum(states.values()), "features": len(data.frame)}
    changes = {"corrections": len(ledger.corrections()), "rejected": states[State.REJECTED]}
    found = Counter(finding.severity for finding in data.findings)
    return (
        Step(told["lineage"]),
        *_below(data, words),
        Step(fill(told["step_read"], sources=number(len(files))), files, "read", {"files": len(files)}),
        Step(told["step_translate"], files, "translate"),
        Step(fill(told["step_correct"], **_numbers(changes)), files, "correct", changes),
        Step(
            fill(told["step_combine"], **_numbers(combined), states=shown),
            files,
            "combine",
            combined | {str(state): n for state, n in states.items()},
        ),
        *shape_words.steps(data, words),
        Step(
            fill(told["step_check"], findings=findings),
            name="check",
            figures={s: found[s] for s in ("error", "warning", "info")},
        ),
    )


def _below(data: LayerData, words: Words) -> tuple[Step, ...]:
    """Name the layers that this one was made from, each with its edition."""
    if not data.stands_on:
        return ()
    used = [
        fill(words.texts["layer_edition"], title=load(slug).title(edition), edition=span(edition))
        for slug, edition in data.stands_on.items()
    ]
    return (Step(fill(words.texts["step_used"], layers=listed(used))),)


def _numbers(figures: Mapping[str, int]) -> dict[str, Text]:
    return {name: number(value) for name, value in figures.items()}


def _field(field: Field, frame: pd.DataFrame, words: Words) -> FieldEntry:
    return FieldEntry(
        name=field.name,
        dbf=field.dbf,
        dtype=field.dtype,
        label=words.labels[field.name],
        definition=words.definitions[field.name],
        unit=_symbol(field.unit) if field.unit else "",
        low=field.low,
        high=field.high,
        domain=field.classes,
        codes=tuple(sorted(frame[field.name].dropna().astype("str").unique())) if field.classes else (),
        filled=int(frame[field.name].notna().sum()),
        gap=field.gap,
    )


@cache
def _symbol(unit: str) -> str:
    import pint  # reading its registry takes longer than all of the rest

    return f"{pint.application_registry.Unit(unit):~P}"


def _lists(data: LayerData) -> list[str]:
    return list(dict.fromkeys(field.classes for field in data.spec.fields if field.classes))


def _legend(words: Words, style: Style) -> tuple[tuple[str, Text, str], ...]:
    if style.breaks:
        labels = {code: steps(words.texts, *style.breaks.bounds(code)) for code in style.colours}
    else:
        labels = dict(words.classes[style.class_list])
    return tuple((code, labels[code], colour) for code, colour in style.colours.items())
