"""What the report says, as plain data: the same layer gives the same report."""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from naatlas import styles
from naatlas.errors import SpecError
from naatlas.findings import tell
from naatlas.metadata import words as layer_words
from naatlas.metadata.marks import marked
from naatlas.model import Cells, Shapes
from naatlas.quality import account, comparability, outliers
from naatlas.report import owners
from naatlas.spec import LANGUAGES
from naatlas.text import span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.metadata.words import Words
    from naatlas.model import Finding, LayerData
    from naatlas.spec import Field, Gap
    from naatlas.styles import Style

_SEVERITIES = ("error", "warning", "info")
#: Column of the table in which a layer tells what became of the ids of the edition before.
_FATE = "fate"
#: Figures of generalization that say nothing of lines.
_OF_AREAS = ("area", "islands", "lakes")
#: Significant digits of numbers in the report: enough for a national total in tenths of a tonne.
_DIGITS = 12


def build(data: LayerData, *, words: Words | None = None, style: Style | None = None) -> dict[str, Any]:
    """Put the report together.

    Parameters
    ----------
    data
        The finished layer with its books, inputs and findings.
    words, style
        Those of the layer's slug when left out. Without a style that fits, sums are by country alone.

    Returns
    -------
    dict
        JSON-able and sorted: layer, inputs, accounts, totals, coverage, comparability, outliers, owners (the reports
        on suspect values that go to those who own the data), findings, corrections, gaps, shape, ids, tables, labels.
        Numbers that are not known are None.

    Raises
    ------
    AccountError
        The layer's rows or quantities do not add up.
    """
    told = words or layer_words.load(data.spec.slug)
    look = style or _style(data)
    return {
        "layer": _layer(data, told),
        "inputs": _inputs(data),
        "accounts": _accounts(data),
        "totals": _totals(data, told, look),
        "coverage": _coverage(data),
        "comparability": _records(comparability.comparability(data.frame, data.spec)),
        "outliers": _outliers(data),
        "owners": owners.summary(data, told),
        "findings": _findings(data.findings),
        "corrections": _records(data.ledger.corrections()),
        "gaps": [_gap(gap, told) for gap in data.spec.gaps],
        "shape": _shape(data),
        "ids": _ids(data),
        "tables": {name: len(table) for name, table in sorted(data.tables.items())},
        "labels": _labels(data, told),
    }


def _gap(gap: Gap, words: Words) -> dict[str, Any]:
    """Tell a gap with its reason, in all languages where the words of the layer have it."""
    text = words.texts.get(f"gap_{gap.field}_{gap.country or 'all'}")
    return {"field": gap.field, "country": gap.country, "why": gap.why, "texts": _three(text, gap.why)}


def _style(data: LayerData) -> Style | None:
    try:
        return styles.of(data)
    except SpecError:
        return None


def _layer(data: LayerData, words: Words) -> dict[str, Any]:
    codes = comparability.countries(data.frame)
    return {
        "slug": data.spec.slug,
        "title": dict(marked(words.title(data.edition), data.marks)),
        "notes": [dict(words.texts[name]) for name in words.notes],
        "edition": span(data.edition),
        "variant": data.variant,
        "scale": data.scale,
        "cell_m": data.cells.grid.cell_m if isinstance(data.geometry, Cells) else None,
        "key": data.spec.key,
        "features": len(data.frame),
        "countries": [{"code": c, "features": int(data.frame["country"].eq(c).sum())} for c in codes],
        "starter": bool(data.inputs) and all(i.tier == "starter" for i in data.inputs),
        "version": version("naatlas"),
    }


def _inputs(data: LayerData) -> list[dict[str, Any]]:
    lines = [
        {
            "source": i.source.id,
            "country": i.source.country,
            "title": i.source.title,
            "publisher": i.source.publisher,
            "vintage": i.source.vintage,
            "lookup": i.lookup,
            "tier": i.tier,
            "file": i.name,
            "size_bytes": i.size,
            "sha256": i.sha256,
            "licence": i.source.licence.name,
            "landing_page": i.source.landing_page,
        }
        for i in data.inputs
    ]
    return sorted(lines, key=lambda line: (line["country"] or "", line["source"], line["file"]))


def _accounts(data: LayerData) -> dict[str, Any]:
    balance = account.balance(data.ledger, data.frame, data.provenance, data.spec)
    return {
        "rows": _records(data.ledger.counts().reset_index()),
        "quantities": _records(balance),
        "left_out": _records(data.ledger.left_out()),
    }


def _totals(data: LayerData, words: Words, style: Style | None) -> dict[str, Any]:
    """Sum quantities by class, or by level where levels lie on each other: then there is no sum over the lines."""
    nested = data.spec.nested_by
    by = nested or (style.field if style and style.field in data.frame else "country")
    coloured = style is not None and by == style.field
    order = list(style.colours) if style and coloured else comparability.countries(data.frame)
    tables = [
        _total(data, field, by, order)
        for field in comparability.quantities(data.spec)
        if field.name in data.frame
    ]
    class_list = next((f.classes for f in data.spec.fields if f.name == by), None)
    return {
        "by": by,
        "nested": bool(nested),
        "countries": comparability.countries(data.frame),
        "colours": dict(style.colours) if style and coloured else {},
        "classes": {
            c: dict(words.classes[str(class_list)][c])
            for c in order
            if c in words.classes.get(str(class_list), {})
        },
        "quantities": [table for table in tables if table["rows"]],
    }


def _total(data: LayerData, field: Field, by: str, order: list[str]) -> dict[str, Any]:
    """Sum one quantity; classes in the order of the legend, then what the legend does not know."""
    # The sea and other countries are in the table of a raster, but in no country's column.
    frame = data.frame.dropna(subset="country") if data.spec.geometry == "Raster" else data.frame
    table = comparability.pivot(frame, field.name, by)
    body = table.drop(index=comparability.TOTAL)
    body = body[body.notna().any(axis=1)]
    known = [c for c in order if c in body.index] + sorted(set(body.index) - set(order))
    rows = [{"code": c} | {k: _plain(v) for k, v in body.loc[c].items()} for c in known]
    told = {"field": field.name, "unit": field.unit, "rows": rows}
    if data.spec.nested_by:
        return told
    return told | {"total": {k: _plain(v) for k, v in table.loc[comparability.TOTAL].items()}}


def _coverage(data: LayerData) -> list[dict[str, Any]]:
    if data.spec.geometry == "Raster":
        return []  # what its cells lack is told by the account of cells
    table = comparability.coverage(data.frame, data.spec)
    by_field = dict(iter(table.groupby("field", sort=False)))
    numbers = ["features", "filled", "share", "median", "sum"]
    return [
        {
            "field": field.name,
            "unit": field.unit,
            "gap": field.gap,
            "required": field.required,
            "countries": {
                line["country"]: {n: line[n] for n in numbers} for line in _records(by_field[field.name])
            },
        }
        for field in data.spec.fields
        if field.name in by_field
    ]


def _outliers(data: LayerData) -> dict[str, Any]:
    table = outliers.outliers(data.frame, data.spec.outliers, key=data.spec.key)
    if "name" in data.frame:
        names = data.frame.set_index(data.spec.key)["name"]
        table.insert(1, "name", table[data.spec.key].map(names))
    values = [{"id": line.pop(data.spec.key)} | line for line in _records(table)]
    return {"score_above": outliers.FAR, "fewest_peers": outliers.LEAST, "values": values}


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    lines = [
        {
            "severity": f.severity,
            "rule": f.rule,
            "where": f.where,
            "count": f.count,
            "message": f.message,
            "advice": f.advice,
            "texts": {
                lang: dict(zip(("message", "advice"), tell(f, lang), strict=True)) for lang in LANGUAGES
            },
            "ids": list(f.ids),
        }
        for f in findings
    ]
    rank = {severity: number for number, severity in enumerate(_SEVERITIES)}
    return sorted(
        lines, key=lambda line: (rank[line["severity"]], line["rule"], line["where"], line["message"])
    )


def _shape(data: LayerData) -> dict[str, Any] | None:
    """Tell what generalization did, and how large the geometry is; None for points and cells."""
    if not isinstance(data.geometry, Shapes):
        return None
    vertices = shapely.get_num_coordinates(data.shapes.metres)
    figures = {
        name: _plain(value)
        for name, value in sorted(data.shapes.figures.items())
        if data.spec.geometry == "Polygon" or not name.startswith(_OF_AREAS)
    }
    return {
        "figures": figures,
        "vertices": int(vertices.sum()),
        "parts": int(shapely.get_num_geometries(data.shapes.metres).sum()),
        "vertices_of_largest": int(vertices.max(initial=0)),
    }


def _ids(data: LayerData) -> dict[str, Any] | None:
    """Tell what became of the ids of the edition before; None for a build that was not given one."""
    table = next((t for t in data.tables.values() if _FATE in t), None)
    if table is None:
        return None
    counts = {str(fate): int(n) for fate, n in table[_FATE].value_counts().sort_index().items()}
    changed = table[table[_FATE] != "kept"].rename(columns={data.spec.key: "id"})
    return {"counts": counts, "changed": _records(changed)}


def _labels(data: LayerData, words: Words) -> dict[str, Any]:
    """Labels of the fields and classes that the report names, in all languages, so that any page can be made of it."""
    lists = {"country": "country", "comparability": "comparability"}
    # Layers that show the land around have a list of their own for their countries.
    lists |= {f.name: f.classes for f in data.spec.fields if f.name == "country" and f.classes}
    used = {f.classes for f in data.spec.fields}
    return {
        "fields": {f.name: _three(words.labels.get(f.name), f.name) for f in data.spec.fields},
        "classes": {
            name: {c: dict(t) for c, t in words.classes[group].items()}
            for name, group in sorted(lists.items())
            if group in used and group in words.classes
        },
    }


def _three(text: object, otherwise: str) -> dict[str, str]:
    return dict(text) if isinstance(text, dict) else dict.fromkeys(LANGUAGES, otherwise)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _plain(v) for k, v in line.items()} for line in table.to_dict("records")]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a cell
    """Make a cell JSON-able: missing and infinite become None, whole floats stay floats, numpy becomes Python."""
    if value is None or value is pd.NA:
        return None
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else None
    return number if isinstance(number, int | bool) else str(number)
