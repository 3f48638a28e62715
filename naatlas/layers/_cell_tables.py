"""The table of a raster layer: what its cells hold, counted by state and province."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from naatlas import framework
from naatlas.facts import row_list
from naatlas.framework.base import layer_naaf
from naatlas.harmonize import crosswalk
from naatlas.raster.source import crs_of
from naatlas.sources.raster import DATA, INSIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.model import Table
    from naatlas.raster.zones import Numbers
    from naatlas.spec import LayerSpec, RasterRules

    Floats = NDArray[np.float64]

#: How the key of a row begins that lies in no state or province.
ELSEWHERE = "other"


@cache
def states() -> pd.DataFrame:
    """Return code, country and polygon (framework CRS, metres) of each state and province, sorted by code."""
    frame = layer_naaf("states", "1M").sort_values("state", ignore_index=True)
    return pd.DataFrame(frame.rename_geometry("polygon"))


def polygons(grid: Grid) -> NDArray[np.object_]:
    """Return the states and provinces in metres of a grid's CRS, aligned with :func:`states`."""
    shapes: NDArray[np.object_] = np.asarray(states()["polygon"], dtype=object)
    if grid.figure == "sphere":
        return shapes
    onward = pyproj.Transformer.from_crs("OGC:CRS84", crs_of(grid), always_xy=True)

    def placed(xy: Floats) -> Floats:
        return np.column_stack(onward.transform(*framework.unproject(xy[:, 0], xy[:, 1])))

    told: NDArray[np.object_] = shapely.transform(shapes, placed)
    return told


class Tally:
    """What the cells of each zone hold, added up block by block; the last zone is that of cells in none.

    Attributes
    ----------
    counts
        Of classes: cells by zone and number. Of quantities: cells with data, in column 0.
    sums, lows, highs
        Of quantities, by zone.
    """

    def __init__(self, zones: int, *, classes: bool) -> None:
        self.classes = classes
        self.counts = np.zeros((zones + 1, 256 if classes else 1), dtype=np.int64)
        self.sums = np.zeros(zones + 1)
        self.lows, self.highs = np.full(zones + 1, np.inf), np.full(zones + 1, -np.inf)

    def add(self, zones: Numbers, cells: NDArray[Any], there: NDArray[np.bool_]) -> None:
        """Add a block: the zone of each cell, what it holds, and which have data."""
        own, values = zones[there], cells[there]
        count, width = self.counts.shape
        if self.classes:
            place = own.astype(np.int64) * width + values
            self.counts += np.bincount(place, minlength=count * width).reshape(count, width)
            return
        values = values.astype(np.float64)
        self.counts[:, 0] += np.bincount(own, minlength=count)
        self.sums += np.bincount(own, weights=values, minlength=count)
        np.minimum.at(self.lows, own, values)
        np.maximum.at(self.highs, own, values)

    def whole(self) -> dict[str, float]:
        """Return lowest, highest and mean value of all cells of a quantity."""
        count = int(self.counts.sum())
        if not count:
            return {}
        return {
            "low": float(self.lows.min()),
            "high": float(self.highs.max()),
            "mean": float(self.sums.sum() / count),
        }


def table(spec: LayerSpec, rules: RasterRules, tally: Tally, grid: Grid) -> pd.DataFrame:
    """Return the table of a raster: a row for each zone and class that is there, or each zone with data."""
    km2 = (grid.cell_m / 1000) ** 2
    zone, number = np.nonzero(tally.counts)
    cells = tally.counts[zone, number]
    codes = pd.Index([*states()["state"], None], dtype="object")
    frame = pd.DataFrame({"country": [*states()["country"], None], "state": codes}).iloc[zone]
    frame = frame.reset_index(drop=True).assign(cells=cells, area_km2=cells * km2)
    keys = frame["state"].fillna(ELSEWHERE)
    if rules.kind == "class":
        names = {value: code for code, value in rules.codes.items()}
        frame[rules.field], frame["cell_value"] = [names[n] for n in number.tolist()], number
        frame["share_percent"] = 100 * cells / tally.counts.sum(axis=1)[zone]
        keys = keys + "-" + pd.Series(number).map("{:02d}".format)
    else:
        frame = frame.assign(**_figures(rules, tally, zone))
    return frame.assign(**{spec.key: keys})


def _figures(rules: RasterRules, tally: Tally, zone: NDArray[np.intp]) -> dict[str, Floats]:
    return {
        rules.field: tally.sums[zone] / tally.counts[zone, 0],
        f"lowest_{rules.field}": tally.lows[zone],
        f"highest_{rules.field}": tally.highs[zone],
    }


def provenance(
    spec: LayerSpec, rules: RasterRules, frame: pd.DataFrame, tables: Mapping[str, Table], *, method: str
) -> pd.DataFrame:
    """Say of every value where it comes from: the rows of the account, that is the kinds of cell, and the rule."""
    parts = [_origins(spec, rules, frame, table, method) for table in tables.values()]
    told = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return told.sort_values([spec.key, "field", "source"], ignore_index=True)


def _origins(
    spec: LayerSpec, rules: RasterRules, frame: pd.DataFrame, table: Table, method: str
) -> pd.DataFrame:
    """Return the origins of the field of the cells and of the area, from one source."""
    cell = f"{method} of the cells of the source, on cells of {rules.cell_m:g} m"
    counted = f"cells of {rules.cell_m:g} m counted by the state or province that their centre lies in"
    if rules.kind == "count":
        counted = "land counted by state and province; of each cell of the source its parts on land"
    origin = pd.DataFrame({spec.key: frame[spec.key], "field": rules.field, "source": table.source.id})
    if table.rasters and rules.kind == "class":
        told = _terms(table, rules)
        by_class = frame[rules.field].map(told.to_dict("index"))
        for name in ("row", "national_value", "rule"):
            origin[name] = [entry[name] if isinstance(entry, dict) else "" for entry in by_class]
        origin["rule"] = origin["rule"] + f"; {cell}"
    else:
        rows = table.frame.index.to_series()
        own = (
            table.frame["value"].eq(DATA) & table.frame["place"].eq(INSIDE) if table.rasters else rows.notna()
        )
        origin = origin.assign(row=row_list(rows[own]), national_value="", rule=cell)
    origin = origin.assign(national_field="value", score=np.nan)
    others = [str(name) for name in frame if name not in {spec.key, rules.field}]
    rest = [origin[frame[name].notna()].assign(field=name, rule=counted) for name in others]
    names = [spec.key, "field", "source", "row", "national_field", "national_value", "rule", "score"]
    return pd.concat([origin, *rest], ignore_index=True)[names]


def _terms(table: Table, rules: RasterRules) -> pd.DataFrame:
    """Return rows, numbers and rule of each class in a source, indexed by class."""
    walk = crosswalk.load(rules.crosswalk, table.source.id)
    own = table.frame[table.frame["value"].isin(list(walk.codes)) & table.frame["place"].eq(INSIDE)]
    parts = own.assign(code=own["value"].map(walk.codes)).groupby("code")
    return pd.DataFrame(
        {
            "row": {code: row_list(part.index.to_series()) for code, part in parts},
            "national_value": {code: ", ".join(part["value"].unique()) for code, part in parts},
            "rule": {code: "; ".join(map(walk.rule, part["value"].unique())) for code, part in parts},
        }
    )
