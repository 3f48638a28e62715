"""What the framework layers do by overlay: cut lines at borders, find the polygon of another layer that holds one.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas.errors import InputError
from naatlas.framework import base
from naatlas.layers import _features as features

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from naatlas.model import Table

#: Cylindrical equal area on the unit sphere: shares of area need no more, and polygons stay where they are.
_DEGREE = np.pi / 180.0


def shapes_of(table: Table, rows: pd.Index | None = None) -> NDArray[Any]:
    """Return the lines or polygons of a table, polygons repaired where they are invalid.

    Raises
    ------
    InputError
        The file holds points, or no geometry.
    """
    if table.geometry is None:
        raise InputError(
            f"{table.input.name}: holds no lines or polygons (source {table.source.id}); get the layer itself"
        )
    told = table.geometry if rows is None else table.geometry.loc[rows]
    shapes = told.to_numpy(copy=True)
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return shapes


def first_of_equal(shapes: NDArray[Any], mark: pd.Series) -> NDArray[np.int64]:
    """Return for each shape the position of the first one with the same geometry and mark: a row published twice."""
    text = pd.Series(shapely.to_wkb(shapely.normalize(shapes), hex=True))
    told = pd.DataFrame({"shape": text, "mark": mark.to_numpy(), "position": range(len(shapes))})
    first = told.groupby(["shape", "mark"], dropna=False)["position"].transform("first")
    return first.to_numpy(dtype=np.int64)


def cut_at_borders(lines: ArrayLike) -> pd.DataFrame:
    """Cut lines at the international borders, so that each piece lies in one country.

    What lies on no land (a bridge, a ferry, a shore that is drawn otherwise) goes with the rest of its line.

    Parameters
    ----------
    lines
        Lines in degrees.

    Returns
    -------
    DataFrame
        ``line`` (position), ``country`` (one of the three; lines that touch none have no row), ``states``,
        ``geometry``; one row a line and country.
    """
    whole = np.asarray(lines, dtype=object)
    told = features.touched(whole)
    several = told["countries"].str.contains(",").fillna(value=False).to_numpy(dtype=bool)
    single = np.flatnonzero(told["country"].notna().to_numpy() & ~several)
    inside = pd.DataFrame({"line": single, "country": told["country"].to_numpy()[single]})
    inside["geometry"] = whole[single]
    crossing = np.flatnonzero(several)
    cut = _cut(whole[crossing], crossing, told["country"])
    pieces = pd.concat([inside, cut], ignore_index=True).sort_values(["line", "country"], ignore_index=True)
    pieces["states"] = features.touched(pieces["geometry"].to_numpy())["states"]
    return pieces


def _cut(lines: NDArray[Any], position: NDArray[np.int64], mostly: pd.Series) -> pd.DataFrame:
    borders = base.layer("boundaries", "1M")
    border = shapely.union_all(borders.geometry.to_numpy()[(borders["kind"] == "country").to_numpy()])
    parts, owner = shapely.get_parts(shapely.difference(lines, border), return_index=True)
    frame = pd.DataFrame({"line": position[owner]})
    frame["geometry"] = parts
    country = features.touched(parts)["country"]
    frame["country"] = country.fillna(frame["line"].map(mostly)).to_numpy()
    joined = frame.groupby(["line", "country"])["geometry"].agg(list).reset_index()
    joined["geometry"] = [shapely.line_merge(shapely.multilinestrings(p)) for p in joined["geometry"]]
    return joined


def equal_area(polygons: ArrayLike) -> NDArray[Any]:
    """Return polygons in degrees on a map where areas are true to each other, for shares and not for maps."""

    def lay(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([xy[:, 0] * _DEGREE, np.sin(xy[:, 1] * _DEGREE)])

    return np.asarray(shapely.transform(np.asarray(polygons, dtype=object), lay))


def holders(polygons: ArrayLike, others: ArrayLike) -> pd.DataFrame:
    """Find for each polygon the one of another layer that holds the greatest share of its area.

    Parameters
    ----------
    polygons, others
        Valid polygons in degrees.

    Returns
    -------
    DataFrame
        By position: ``other`` (position, -1 where none meets it), ``share`` of the polygon that lies in it, and
        ``back``, the share of the other that lies in the polygon.
    """
    own, held = equal_area(polygons), equal_area(others)
    left, right = shapely.STRtree(held).query(own, predicate="intersects")
    shared = shapely.area(shapely.intersection(own[left], held[right]))
    pairs = pd.DataFrame({"own": left, "other": right, "share": shared / shapely.area(own)[left]})
    pairs["back"] = shared / shapely.area(held)[right]
    best = (
        pairs.sort_values(["share", "other"], ascending=[False, True]).drop_duplicates("own").set_index("own")
    )
    told = best.reindex(range(len(own)))
    return told.assign(other=told["other"].fillna(-1).astype("int64"), **told[["share", "back"]].fillna(0.0))
