"""Two years of land cover on the grid: the kind of change in each cell, and the matrix by state and province."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas import framework
from naatlas.facts import row_list
from naatlas.findings import finding
from naatlas.harmonize import crosswalk
from naatlas.layers import _cell_tables as cell_tables
from naatlas.layers._cells import nothing, recode, settle
from naatlas.model import Cells, Combined
from naatlas.raster import cog, kernels
from naatlas.raster.align import align
from naatlas.raster.change import in_order
from naatlas.raster.shelter import Shelter
from naatlas.raster.zones import Zones
from naatlas.sources.raster import INSIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.model import Table, Work
    from naatlas.raster.align import Raster
    from naatlas.raster.source import Placed
    from naatlas.spec import LayerSpec, RasterRules

#: Groups of classes, of both legends, that the kinds of change are told by.
FOREST = frozenset(
    {
        "evergreen_needleleaf_forest", "evergreen_broadleaf_forest", "deciduous_needleleaf_forest",
        "deciduous_broadleaf_forest", "mixed_forest", "temperate_needleleaf_forest", "taiga_needleleaf_forest",
        "tropical_evergreen_forest", "tropical_deciduous_forest", "temperate_deciduous_forest",
    }
)  # fmt: skip
CROPS = frozenset({"cropland", "cropland_mosaic"})
WATER = frozenset({"water", "snow_and_ice", "wetland"})
#: What has been built or ploughed since, in the year that is made up.
YOUNG = frozenset({"urban", *CROPS})


def kind_of(before: str, after: str) -> str:
    """Name the kind of change from one class to another: the first of these that fits."""
    if before == after:
        return "unchanged_water" if after == "water" else "unchanged"
    if after == "urban":
        return "urban_growth"
    if (before in FOREST) != (after in FOREST):
        return "forest_loss" if before in FOREST else "forest_gain"
    if after in CROPS and before not in CROPS:
        return "cropland_gain"
    return "water_change" if (before in WATER) != (after in WATER) else "other_change"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A year that nobody observed: the land cover before its youngest fields and towns, by a rule.

    A cell that is built-up or cropland, and has a neighbour that is neither, nor water, ice or without data, had the
    class of that neighbour: of the one in the west, else north, east, south. All other cells were as they are.
    """

    later: Raster
    young: NDArray[np.bool_]
    giving: NDArray[np.bool_]
    name: str = "the year made up"

    @property
    def placed(self) -> Placed:
        """Where the cells lie."""
        return self.later.placed

    @property
    def nodata(self) -> float:
        """The number that stands for no data."""
        return self.later.nodata

    def read(self, row: int, col: int, rows: int, cols: int) -> NDArray[Any]:
        """Return a window of cells; it may reach over the edges, with nodata there."""
        wide = self.later.read(row - 1, col - 1, rows + 2, cols + 2)
        out = wide[1:-1, 1:-1].copy()
        open_ = self.young[out]
        for near in (wide[1:-1, :-2], wide[:-2, 1:-1], wide[1:-1, 2:], wide[2:, 1:-1]):
            taken = open_ & self.giving[near]
            out[taken] = near[taken]
            open_ &= ~taken
        return out


def combined(
    spec: LayerSpec, tables: Mapping[str, Table], work: Work, *, legend: Mapping[str, int], kinds: Mapping[str, int]
) -> Combined:  # fmt: skip
    """Compare two years cell by cell.

    Parameters
    ----------
    legend
        Class -> number, of both years.
    kinds
        Kind of change -> number in the cells.

    Returns
    -------
    Combined
        One row a zone and pair of classes that is there; the cells hold the kind of change.
    """
    rules = spec.rules(work.edition.name)
    grid = framework.GRIDS[rules.grid].coarser(rules.cell_m)
    years = [recode(t.rasters[0], [t], work, rules=rules, legend=legend) for t in tables.values()]
    if work.unknown:
        return nothing(spec)
    if len(years) == 1:
        years.insert(0, _earlier(years[0], legend, int(rules.nodata)))
        work.findings.append(finding("year-made-up", "warning", where="land_cover_from"))
    in_order(*years)
    cells, counts = _laid((years[0], years[1]), grid, rules, legend, kinds)
    frame = _table(spec, counts, grid, legend, kinds)
    settle(rules, tables, work)
    return Combined(frame, _provenance(spec, frame, tables, rules), cells=cells)


def _earlier(later: Raster, legend: Mapping[str, int], empty: int) -> Earlier:
    young, giving = np.zeros(256, dtype=bool), np.zeros(256, dtype=bool)
    young[[number for code, number in legend.items() if code in YOUNG]] = True
    giving[[number for code, number in legend.items() if code not in YOUNG | WATER]] = True
    giving[empty] = False
    return Earlier(later, young, giving)


def _laid(
    years: tuple[Raster, Raster], grid: Grid, rules: RasterRules, legend: Mapping[str, int], kinds: Mapping[str, int]
) -> tuple[Cells, NDArray[np.int64]]:  # fmt: skip
    """Write the kinds of change on the grid, block by block, and count the pairs by zone on the way."""
    shelter = Shelter()
    path = shelter.folder / "cells.tif"
    zones, numbers = Zones(cell_tables.polygons(grid), grid), sorted(legend.values())
    counts = np.zeros((len(zones) + 1, len(numbers) + 1, len(numbers) + 1), dtype=np.int64)
    kind, luts = _kind_table(legend, kinds, int(rules.nodata)), kernels.lookup(2, numbers)
    pieces = zip(*(align(year, grid, method="nearest") for year in years), strict=True)
    with cog.drafting(path, grid, dtype=rules.dtype, nodata=rules.nodata) as canvas:
        for (block, before), (_, after) in pieces:
            if (before != rules.nodata).any() and (after != rules.nodata).any():
                kernels.add(counts, luts, zones.of(block), before, after)
                canvas.put(block, kind[before, after])
    own = counts[:, :-1, :-1]
    cells = Cells(
        path=path, grid=grid, nodata=rules.nodata, count=int(own.sum()), method="nearest", shelter=shelter
    )
    return cells, own


def _kind_table(legend: Mapping[str, int], kinds: Mapping[str, int], empty: int) -> NDArray[np.uint8]:
    """Return the number of the kind of change of each pair of class numbers."""
    told = np.full((256, 256), empty, dtype=np.uint8)
    for before, number in legend.items():
        for after, other in legend.items():
            told[number, other] = kinds[kind_of(before, after)]
    return told


def _table(
    spec: LayerSpec, counts: NDArray[np.int64], grid: Grid, legend: Mapping[str, int], kinds: Mapping[str, int]
) -> pd.DataFrame:  # fmt: skip
    names = [name for _, name in sorted((number, name) for name, number in legend.items())]
    zone, before, after = np.nonzero(counts)
    cells = counts[zone, before, after]
    states = cell_tables.states()
    every = pd.DataFrame(
        {"country": [*states["country"], None], "state": [*states["state"], None]}, dtype="object"
    )
    frame = every.iloc[zone].reset_index(drop=True)
    for side, place in (("from", before), ("to", after)):
        frame[f"land_cover_{side}"] = [names[n] for n in place.tolist()]
        frame[f"{side}_value"] = [legend[names[n]] for n in place.tolist()]
    told = [kind_of(names[a], names[b]) for a, b in zip(before.tolist(), after.tolist(), strict=True)]
    frame = frame.assign(
        land_cover_change=told,
        cell_value=[kinds[kind] for kind in told],
        cells=cells,
        area_km2=cells * (grid.cell_m / 1000) ** 2,
        share_percent=100 * cells / counts.sum(axis=(1, 2))[zone],
    )
    pair = (frame[f"{side}_value"].map("{:02d}".format) for side in ("from", "to"))
    key = frame["state"].fillna(cell_tables.ELSEWHERE).astype("str")
    for part in pair:
        key = key + "-" + part
    return frame.assign(**{spec.key: key})


def _provenance(
    spec: LayerSpec, frame: pd.DataFrame, tables: Mapping[str, Table], rules: RasterRules
) -> pd.DataFrame:
    """Say of each class which rows of which source it comes from, and by which rule."""
    years = list(tables.values())
    sides = [("land_cover_from", years[0]), ("land_cover_to", years[-1])]
    parts = [_origins(spec, frame, side, table, rules, made_up=len(years) == 1) for side, table in sides]
    counted = f"cells of {rules.cell_m:g} m counted by the state or province that their centre lies in"
    whole = parts[-1].assign(field="area_km2", rule=counted)
    kinds = parts[-1].assign(field=rules.field, rule="kind of change from the one class to the other")
    told = pd.concat([*parts, kinds, whole], ignore_index=True)
    return told.sort_values([spec.key, "field", "source"], ignore_index=True)


def _origins(
    spec: LayerSpec, frame: pd.DataFrame, side: str, table: Table, rules: RasterRules, *, made_up: bool
) -> pd.DataFrame:  # fmt: skip
    walk = crosswalk.load(rules.crosswalk, table.source.id)
    account = table.frame[table.frame["place"].eq(INSIDE)]
    terms = {
        code: [term for term, own in walk.codes.items() if own == code] for code in set(walk.codes.values())
    }
    rows = {
        code: row_list(account.index[account["value"].isin(own)].to_series()) for code, own in terms.items()
    }
    rule = f"nearest of the cells of the source, on cells of {rules.cell_m:g} m"
    if made_up and side == "land_cover_from":
        rule = (
            "a year made up: built-up land and cropland had the class of a neighbour of another kind; " + rule
        )
    return pd.DataFrame(
        {
            spec.key: frame[spec.key],
            "field": side,
            "source": table.source.id,
            "row": frame[side].map(rows),
            "national_field": "value",
            "national_value": frame[side].map({code: ", ".join(own) for code, own in terms.items()}),
            "rule": rule,
            "score": np.nan,
        }
    )
