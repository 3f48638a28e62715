"""For each line of the long table, the countries whose rules let such a quantity be reported at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.layers._prtr import rules
from naatlas.layers._prtr.comparable import CELL, NOT_STATED, compare

if TYPE_CHECKING:
    from naatlas.layers._prtr.comparable import Comparison


def can_report(lines: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Name the countries that can report the substance, sector, medium and year of a line.

    Parameters
    ----------
    lines
        The long table of all years.
    frame
        The facilities: ``atlas_id``, ``country``, ``sector``.

    Returns
    -------
    Series
        Such as ``MEX, USA``, by the index of the lines; missing where no country is sure to.
    """
    sector = frame.set_index("atlas_id")["sector"].astype("string").fillna(NOT_STATED)
    cells = pd.DataFrame(
        {
            "unit": rules.units(lines["substance"]),
            "sector": lines["atlas_id"].map(sector).astype("string"),
            "medium": rules.compared_medium(lines["medium"]),
            "year": lines["year"].astype("int64"),
        }
    )
    # A year at a time: the cells of all of them are many times the lines.
    parts = [
        cells[years].merge(_countries(compare(lines[years], frame)), how="left", on=list(CELL))["countries"]
        .set_axis(lines.index[years])
        for years in (lines["year"].eq(year) for year in sorted(lines["year"].unique()))
    ]  # fmt: skip
    none = pd.Series(dtype="string")
    told: pd.Series = pd.concat(parts or [none]).reindex(lines.index).astype("string")
    return told


def _countries(comparison: Comparison) -> pd.DataFrame:
    able = comparison.cells[comparison.cells["can_report"]]
    told = able.sort_values("country").groupby(list(CELL))["country"].agg(", ".join)
    return told.rename("countries").reset_index()
