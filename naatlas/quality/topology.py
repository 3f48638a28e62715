"""Is the geometry of a layer in order? Findings for every kind of lines and polygons; nothing is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from naatlas.findings import Item, finding
from naatlas.quality.coverage import coverage_findings
from naatlas.quality.shapes import ShapeLimits, parts_table, rows_outside, rows_with_near_misses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from naatlas.model import Finding, Severity

    Bools = NDArray[np.bool_]

#: ``coverage``: polygons that share borders; ``polygons``: each by itself; ``lines``.
Kind = Literal["coverage", "polygons", "lines"]

#: Examples that go into a finding: one more than is shown, so that it can tell that there are more.
_EXAMPLES = 4

#: Column of the table -> rule and severity.
_RULES: tuple[tuple[str, str, Severity], ...] = (
    ("invalid", "geometry-invalid", "error"),
    ("empty", "geometry-missing", "warning"),
    ("duplicate", "geometry-duplicated", "warning"),
    ("mixed_rings", "rings-mixed", "info"),
    ("slivers", "parts-slivers", "info"),
    ("tiny_parts", "parts-tiny", "info"),
    ("heavy", "vertices-many", "info"),
    ("outside", "outside-framework", "warning"),
    ("near_misses", "ends-near-miss", "warning"),
)


def check_topology(
    geometry_m: ArrayLike,
    keys: Sequence[str],
    *,
    kind: Kind,
    levels: pd.Series | None = None,
    context: Bools | None = None,
    limits: ShapeLimits | None = None,
) -> list[Finding]:
    """Check validity, coverage, slivers, tiny parts, rings, vertices, extent, dangles and doubled geometry.

    Parameters
    ----------
    geometry_m
        Shapely geometries in framework metres.
    keys
        Key of each feature, for the findings.
    kind
        A coverage is also checked for gaps, overlaps and unshared vertices, lines for ends that miss.
    levels
        Of features that lie on each other: only on one level is the same geometry twice a duplicate.
    context
        Features of other countries or of the sea, which may reach beyond the extent (``shapes.rows_outside``).
    limits
        What counts as thin, tiny, near or heavy; by default what 1:1,000,000 shows.
    """
    limits = limits or ShapeLimits()
    shapes = np.asarray(geometry_m, dtype=object)
    table = topology_table(shapes, keys, kind=kind, levels=levels, context=context, limits=limits)
    found = [_finding(table, *rule) for rule in _RULES if table[rule[0]].astype(bool).any()]
    if kind == "coverage":
        found += coverage_findings(shapes, list(keys), limits=limits, usable=_usable(table))
    return found


def topology_table(
    geometry_m: ArrayLike,
    keys: Sequence[str],
    *,
    kind: Kind,
    levels: pd.Series | None = None,
    context: Bools | None = None,
    limits: ShapeLimits | None = None,
) -> pd.DataFrame:
    """Return the figures behind the findings, one row a feature in the order given; parameters as above.

    Returns
    -------
    DataFrame
        key, vertices, parts, area_km2, length_km (of lines and outlines), invalid, reason, empty, duplicate,
        mixed_rings, slivers and tiny_parts (counts), heavy, outside, dangles and near_misses (counts of ends).
    """
    limits = limits or ShapeLimits()
    shapes = np.asarray(geometry_m, dtype=object)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    dangles, near_misses = rows_with_near_misses(shapes, limits=limits) if kind == "lines" else (0, 0)
    vertices = shapely.get_num_coordinates(shapes)
    table = pd.DataFrame(
        {
            "key": pd.Series(list(keys), dtype="string"),
            "vertices": vertices,
            "area_km2": np.nan_to_num(shapely.area(shapes)) / 1e6,
            "length_km": np.nan_to_num(shapely.length(shapes)) / 1e3,
            "invalid": invalid,
            "reason": pd.Series(
                np.where(invalid, shapely.is_valid_reason(shapes), np.array(None, dtype=object)),
                dtype="string",
            ),
            "empty": empty,
            "duplicate": _duplicates(shapes, empty, levels),
            "heavy": vertices > limits.heavy_vertices,
            "outside": rows_outside(shapes, context=context),
            "dangles": dangles,
            "near_misses": near_misses,
        }
    )
    return pd.concat([table, parts_table(shapes, limits=limits)], axis=1)


def _usable(table: pd.DataFrame) -> Bools:
    return np.asarray(~(table["invalid"] | table["empty"]).to_numpy(dtype=bool))


def _duplicates(shapes: NDArray[Any], empty: Bools, levels: pd.Series | None) -> Bools:
    """Tell geometries that an earlier feature of the level has too, however it is drawn and its parts are ordered."""
    text = pd.Series(shapely.to_wkb(shapely.normalize(shapes)), dtype=object)
    told = pd.DataFrame({"shape": text, "level": 0 if levels is None else levels.to_numpy()})
    return np.asarray(told.duplicated().to_numpy() & ~empty)


def _finding(table: pd.DataFrame, column: str, rule: str, severity: Severity) -> Finding:
    hit = table[table[column].astype(bool).to_numpy()]
    shown = tuple(_with_detail(row, column) for row in hit.head(_EXAMPLES).to_dict("records"))
    return finding(rule, severity, ids=tuple(hit["key"]), shown=shown)


def _with_detail(row: dict[Any, Any], column: str) -> str | Item:
    if column == "invalid":
        return f"{row['key']}: {row['reason']}"
    count = {"heavy": "vertices"}.get(column, column)
    if count in {"vertices", "slivers", "tiny_parts", "near_misses"}:
        return Item("{key}: {count:,}", key=str(row["key"]), count=int(row[count]))
    return str(row["key"])
