"""Quantities that look like a slip of the unit: listed for the owner of the data, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import finding
from naatlas.layers._limits import LARGEST_CO2_T

if TYPE_CHECKING:
    from naatlas.model import Work

#: A slip between grams, kilograms and tonnes.
SLIP = 1000.0
#: Fewest values from which a median is taken, and how far beyond the scatter of the others a slip lies.
LEAST, FAR = 8, 5.0
_KG_PER_T = 1000.0
_NORMAL = 1.4826  # of a normal distribution, median absolute deviation to standard deviation


def flag(lines: pd.DataFrame, frame: pd.DataFrame, work: Work) -> pd.Series:
    """Name what is suspicious of each line: ``beyond_any_plant``, ``factor_1000``; missing for the others.

    A line is compared with those of the same substance and medium in the same country. It is a suspect when it is a
    thousand times their median or more, lies far outside of their scatter, and a thousandth of it would lie inside
    of what the others report.
    """
    country = lines["atlas_id"].map(frame.set_index("atlas_id")["country"])
    told = pd.Series(pd.NA, index=lines.index, dtype="string")
    told = told.mask(_slips(lines, country), "factor_1000")
    tonnes = lines["kg"] / _KG_PER_T
    absurd = lines["substance"].eq("124-38-9") & tonnes.gt(LARGEST_CO2_T)
    told = told.mask(absurd.fillna(value=False), "beyond_any_plant")
    _tell(lines.assign(flag=told, tonnes=tonnes), frame.set_index("atlas_id")["name"], work)
    return told


def _slips(lines: pd.DataFrame, country: pd.Series) -> pd.Series:
    value = lines["kg"].fillna(lines["g"])
    log = pd.Series(np.log10(value.where(value.gt(0))), index=lines.index)
    groups = log.groupby([lines["substance"], lines["medium"], country])
    median, count = groups.transform("median"), groups.transform("count")
    apart = log - median
    scatter = apart.abs().groupby([lines["substance"], lines["medium"], country]).transform("median")
    far = apart.ge(np.log10(SLIP)) & apart.gt(FAR * _NORMAL * scatter)
    told: pd.Series = far & count.ge(LEAST) & (log - np.log10(SLIP)).ge(groups.transform("min"))
    return told


def _tell(lines: pd.DataFrame, names: pd.Series, work: Work) -> None:
    absurd = lines[lines["flag"].eq("beyond_any_plant").fillna(value=False)]
    for _, line in absurd.iterrows():
        work.findings.append(
            finding(
                "emission-beyond-any-plant",
                "warning",
                where=str(line["source"]),
                ids=(f"row {line['row']}",),
                name=str(names[line["atlas_id"]]),
                t=float(line["tonnes"]),
            )
        )
    slips = lines[lines["flag"].eq("factor_1000").fillna(value=False)]
    for source, part in slips.sort_values("row").groupby("source"):
        shown = zip(part["row"], part["substance"], part["medium"], strict=True)
        work.findings.append(
            finding(
                "release-a-thousand-times-its-peers",
                "warning",
                where=str(source),
                ids=tuple(f"row {row}: {substance}, {medium}" for row, substance, medium in shown),
                example=str(names[part["atlas_id"].iloc[0]]),
            )
        )
