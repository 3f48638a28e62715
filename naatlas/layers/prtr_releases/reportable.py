"""For each line of the long table, the countries whose rules let such a quantity be reported at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from naatlas.layers._prtr.comparable import CELL, able


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
    told = able(lines, frame)
    names = told.places.merge(_names(told.cells), how="left", on=list(CELL))["countries"]
    return names.set_axis(lines.index).astype("string")


def _names(cells: pd.DataFrame) -> pd.DataFrame:
    """Join the names of the countries that are able to; cells of which none is are left out."""
    wide = cells.pivot_table(index=list(CELL), columns="country", values="can_report", aggfunc="max")
    # Of three countries there are eight sets: each is a number, and its names are joined once.
    sets = (wide.to_numpy(dtype=bool) << np.arange(wide.shape[1])).sum(axis=1)
    names = [
        ", ".join(name for place, name in enumerate(wide.columns) if number >> place & 1)
        for number in range(2 ** wide.shape[1])
    ]
    told = wide.index.to_frame(index=False).assign(countries=pd.array(names, dtype="string")[sets])
    some: pd.DataFrame = told[sets > 0]
    return some
