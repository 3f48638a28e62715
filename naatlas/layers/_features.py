"""What the framework layers do alike: find the same feature in two files, see what it touches, write down origins.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.errors import InputError
from naatlas.framework.land import GRID_DEGREES, pieces
from naatlas.geometry.measure import area_km2 as area_km2  # noqa: PLC0414 - layers take all from here
from naatlas.geometry.measure import length_km as length_km  # noqa: PLC0414
from naatlas.ledger import State
from naatlas.model import Combined
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from naatlas.facts import Facts
    from naatlas.ledger import Ledger
    from naatlas.model import Table
    from naatlas.spec import LayerSpec

    Values = pd.Series | pd.Index | Sequence[object] | NDArray[Any]
    #: Which of the earlier geometries each of the later ones is, -1 where it is none of them.
    Same = Callable[[NDArray[Any], NDArray[Any]], NDArray[np.int64]]

#: A feature touches a country or state when this share of its length or area lies there; less is what two files
#: differ by along a border.
TOUCHING_SHARE = 0.001

#: Two polygons are one feature when they share this much of the larger one, and one is part of the other when they
#: share this much of the smaller one.
SAME_AREA_SHARE = 0.5

#: Why rows are in no feature.
ELSEWHERE = "touches none of the three countries"
VANISHES = "smaller than the grid of the framework (14 m)"

#: Derived values stand behind all published ones.
DERIVED_RANK = 10_000

_POLYGONS = 2
_GRID = round(1 / GRID_DEGREES)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the values of some features come from: source, rows, column and cells, aligned by position."""

    source: str
    row: pd.Index | pd.Series
    column: str
    cell: pd.Series


def derive(facts: Facts, field: str, ids: Values, value: Values, origin: Origin, rule: str) -> None:
    """Add values that follow from published ones, with the origin of these and the rule."""
    facts.add(
        field, pd.Series(ids), pd.Series(value), source=origin.source, row=origin.row, column=origin.column,
        national=origin.cell, rule=f"derived: {rule}", rank=DERIVED_RANK,
    )  # fmt: skip


def combined(facts: Facts, spec: LayerSpec, geometry: Mapping[Any, Any]) -> Combined:
    """Put the winning values and the geometry (by id) together, sorted by id."""
    frame, provenance = facts.winners(spec.key)
    shapes = np.empty(len(frame), dtype=object)
    shapes[:] = [geometry[key] for key in frame[spec.key]]
    return Combined(frame, provenance, geometry=shapes)


def shapes_of(table: Table) -> NDArray[np.object_]:
    """Return the lines or polygons of a table by position.

    Raises
    ------
    InputError
        The file holds points, or no geometry at all.
    """
    if table.geometry is None:
        raise InputError(f"{table.input.name}: holds no lines or polygons; get the complete file")
    return np.asarray(table.geometry.to_numpy(), dtype=object)


def on_grid(geometry: ArrayLike) -> NDArray[Any]:
    """Round to the grid of the base geometry, so that vertices which files share are shared with it too."""
    shapes = np.asarray(geometry, dtype=object)
    if (shapely.get_dimensions(shapes) == _POLYGONS).all():
        return np.asarray(shapely.set_precision(shapely.make_valid(shapes), GRID_DEGREES))
    rounded = shapely.transform(shapes, lambda xy: np.round(xy / GRID_DEGREES) * GRID_DEGREES)
    return np.asarray(shapely.remove_repeated_points(rounded))


def gather(tables: Sequence[Table], same: Same) -> pd.DataFrame:
    """Bring the rows of several files together, each feature once.

    Parameters
    ----------
    tables
        The first one gives the geometry of what stands in several of them.
    same
        Tells which of the geometries that are there already a new one is.

    Returns
    -------
    DataFrame
        ``source``, ``row``, ``geometry`` (on the grid), ``piece`` (number of the feature, -1 for what vanishes on
        the grid) and ``own``, whether the geometry of the row is that of the piece.
    """
    parts: list[pd.DataFrame] = []
    found = np.empty(0, dtype=object)
    for table in tables:
        shapes = on_grid(shapes_of(table))
        piece = same(shapes, found) if len(found) else np.full(len(shapes), -1)
        own = (piece < 0) & ~shapely.is_empty(shapes)
        piece[own] = len(found) + np.arange(own.sum())
        found = np.concatenate([found, shapes[own]])
        told = {
            "source": table.source.id,
            "row": table.frame.index,
            "geometry": shapes,
            "piece": piece,
            "own": own,
        }
        parts.append(pd.DataFrame(told))
    return pd.concat(parts, ignore_index=True)


def settle(rows: pd.DataFrame, ledger: Ledger) -> None:
    """Say where the rows of ``gather`` went, by their ``id``; rows without one are out of scope.

    Rows marked as ``part`` lie within the feature of that id and are merged into it.
    """
    mine = rows["own"] & rows["id"].notna()
    alone = rows["id"].map(rows.loc[mine, "id"].value_counts()).eq(1)
    part = rows["part"] if "part" in rows else pd.Series(data=False, index=rows.index)
    cases = [mine & alone, mine, part & rows["id"].notna(), rows["id"].notna()]
    states = [State.PUBLISHED, State.AGGREGATED, State.MERGED, State.ENRICHES]
    into = np.select(cases, states, default=State.OUT_OF_SCOPE)
    detail = rows["id"].fillna(rows["piece"].lt(0).map({True: VANISHES, False: ELSEWHERE}))
    for (source, state), told in rows.assign(state=into, detail=detail).groupby(["source", "state"]):
        ledger.settle(str(source), pd.Index(told["row"]), State(str(state)), pd.Series(told["detail"]))


def same_area(new: NDArray[Any], old: NDArray[Any]) -> NDArray[np.int64]:
    """Find for each polygon the one that shares ``SAME_AREA_SHARE`` of the larger of the two, the best one first."""
    left, right = shapely.STRtree(old).query(new, predicate="intersects")
    shared = shapely.area(shapely.intersection(new[left], old[right]))
    share = shared / np.maximum(shapely.area(new[left]), shapely.area(old[right]))
    return _best(len(new), left, right, share, SAME_AREA_SHARE)


def within(polygons: NDArray[Any]) -> NDArray[np.int64]:
    """Find for each polygon the larger one of the same array that holds ``SAME_AREA_SHARE`` of it, -1 where none does.

    A bay drawn on top of its lake is found so, and of two equal polygons the second one.
    """
    area = shapely.area(polygons)
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    larger = (area[right] > area[left]) | ((area[right] == area[left]) & (right < left))
    left, right = left[larger], right[larger]
    share = shapely.area(shapely.intersection(polygons[left], polygons[right])) / area[left]
    return _best(len(polygons), left, right, share, SAME_AREA_SHARE)


def abutting(polygons: NDArray[Any]) -> NDArray[Any]:
    """Return the polygons without overlaps, vertex by vertex next to each other; the earlier one keeps its land.

    Only those that meet others are touched: their outlines are cut at each other on the grid, and each face goes
    to the first polygon that holds it.
    """
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    rows = np.unique(left[left != right])
    if not len(rows):
        return polygons
    meeting = polygons[rows]
    lines = shapely.union_all(shapely.boundary(meeting), grid_size=GRID_DEGREES)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    face, owner = shapely.STRtree(meeting).query(shapely.point_on_surface(faces), predicate="intersects")
    first = pd.Series(owner).groupby(face).min()
    told = polygons.copy()
    for row, mine in first.groupby(first):
        told[rows[int(str(row))]] = shapely.coverage_union_all(faces[mine.index])
    return told


def same_line(new: NDArray[Any], old: NDArray[Any], share: float = 0.9) -> NDArray[np.int64]:
    """Find for each line the one that holds this share of its vertices on the grid, the best one first.

    Files of one family share vertices to the last bit, so that no distance is needed; lines that only meet share
    one or two.
    """
    (here, row), (there, owner) = _vertices(new), _vertices(old)
    known = pd.DataFrame({"vertex": there, "old": owner}).drop_duplicates()
    met = pd.DataFrame({"vertex": here, "new": row}).merge(known, on="vertex")
    count = met.groupby(["new", "old"]).size().rename("hits").reset_index()
    shares = count["hits"].to_numpy() / np.bincount(row, minlength=len(new))[count["new"]]
    return _best(len(new), count["new"].to_numpy(), count["old"].to_numpy(), shares, share)


def _best(
    size: int, left: NDArray[Any], right: NDArray[Any], share: NDArray[Any], least: float
) -> NDArray[np.int64]:
    told = np.full(size, -1, dtype=np.int64)
    order = np.lexsort((-right, share))  # of equal ones the first
    order = order[share[order] >= least]
    told[left[order]] = right[order]
    return told


def _vertices(lines: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the vertices as numbers, one a place of the grid, and whose they are."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    cell = np.round(xy * _GRID).astype(np.int64)
    return cell[:, 0] * (1000 * _GRID) + cell[:, 1], np.asarray(owner, dtype=np.int64)


def chains(lines: NDArray[Any], name: pd.Series, number: pd.Series) -> NDArray[np.int64]:
    """Return the group of each line: lines that carry one name and meet, or one name and one number, are one.

    Lines without a name, and those without a number, are held together by the other one only; a line that has
    neither stands alone.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    vertex, owner = _vertices(lines)
    meeting = pd.DataFrame({"line": owner, "name": name.to_numpy()[owner], "by": vertex.astype(str)}).dropna()
    numbered = pd.DataFrame(
        {"line": range(len(lines)), "name": name.fillna("").to_numpy(), "by": "#" + number.astype("string")}
    )
    links = pd.concat([meeting, numbered.dropna()])
    first = links.groupby(["by", "name"])["line"].transform("first").to_numpy()
    graph = coo_array((np.ones(len(links)), (links["line"].to_numpy(), first)), shape=(len(lines),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def touched(geometry: ArrayLike) -> pd.DataFrame:
    """Tell which of the three countries and their states each line or polygon (degrees) lies in.

    Returns
    -------
    DataFrame
        Aligned by position, missing where it touches none: ``country`` with the greatest share (of equal ones the
        first of Canada, United States, Mexico), ``countries`` and ``states``, codes joined by ", ".
    """
    shapes = np.asarray(geometry, dtype=object)
    land = pieces()
    own = land[land["country"].isin(COUNTRIES)]
    row, piece, share = _shares(shapes, own.geometry.to_numpy())
    hits = pd.DataFrame({"row": row, "share": share, "states": own["code"].to_numpy()[piece]})
    hits["countries"] = own["country"].to_numpy()[piece]
    hits = hits[hits["share"] >= TOUCHING_SHARE]
    sums = hits.pivot_table(index="row", columns="countries", values="share", aggfunc="sum").round(6)
    sums = sums.reindex(columns=list(COUNTRIES))
    told = {name: hits.groupby("row")[name].agg(_joined) for name in ("countries", "states")}
    return pd.DataFrame({"country": sums.idxmax(axis=1), **told}, dtype="string").reindex(range(len(shapes)))


def _joined(codes: Iterable[str]) -> str:
    return ", ".join(sorted(set(codes)))


def _shares(
    shapes: NDArray[Any], land: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of shape and piece of land that meet, and the share of the shape in it."""
    tree = shapely.STRtree(shapes)  # asked with the land, which shapely prepares
    piece, row = tree.query(land, predicate="intersects")
    whole = set(zip(*tree.query(land, predicate="contains_properly"), strict=True))
    inside = np.array([pair in whole for pair in zip(piece, row, strict=True)], dtype=bool)
    share = np.ones(len(row))
    cut = ~inside
    shared = shapely.intersection(shapes[row[cut]], land[piece[cut]])
    share[cut] = _size(shared) / _size(shapes[row[cut]])
    return row, piece, share


def _size(shapes: NDArray[Any]) -> NDArray[np.float64]:
    area = shapely.area(shapes)
    return np.where(area > 0, area, shapely.length(shapes))


def place_ids(prefix: str, geometry: ArrayLike, mark: pd.Series | None = None) -> pd.Series:
    """Make ids from where features lie (centre to 0.01 degree), and a mark; neighbours get a number, west to east."""
    centre = shapely.get_coordinates(shapely.centroid(np.asarray(geometry, dtype=object)))
    near = pd.DataFrame(np.round(centre * 100).astype(np.int64), columns=["x", "y"]).astype("str")
    basis = near["x"] + "|" + near["y"] + ("" if mark is None else "|" + mark.fillna("").to_numpy())
    order = np.lexsort((centre[:, 1], centre[:, 0]))
    nth = basis.iloc[order].groupby(basis.iloc[order]).cumcount().sort_index()
    told = basis.where(nth == 0, basis + "|" + nth.astype("str"))
    return told.map(lambda text: f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def add_shapes(
    facts: Facts,
    features: pd.DataFrame,
    tables: Mapping[str, Table],
    measures: Mapping[str, NDArray[np.float64]],
) -> None:
    """Add what follows from the geometry: countries and states touched, and measures on the ellipsoid.

    Parameters
    ----------
    features
        ``id``, ``source`` and ``row`` of the geometry, and the columns of ``touched``.
    measures
        Field -> values, aligned by position.
    """
    told = features.assign(**measures)
    for source, part in told.groupby("source"):
        cell = tables[str(source)].frame.loc[part["row"], "geometry"]
        origin = Origin(str(source), pd.Index(part["row"]), "geometry", cell)
        for field in ("country", "countries", "states"):
            derive(facts, field, part["id"], part[field], origin, "overlay with the land of the framework")
        for field in measures:
            derive(facts, field, part["id"], part[field], origin, "measured on the WGS84 ellipsoid")
