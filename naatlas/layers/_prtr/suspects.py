"""Quantities that look like a slip of the unit: listed for the owner of the data, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import finding
from naatlas.layers._limits import LARGEST_CO2_T
from naatlas.layers._prtr import repeats, slips
from naatlas.layers._prtr.series import SERIES, series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from naatlas.model import Work

#: Reasons in the order in which one is taken where several hold, each with the likely cause.
CAUSES: Mapping[str, str] = {
    "beyond_any_plant": "unit",
    "whole_report": "unit_or_volume",
    "own_years": "unit",
    "swapped_columns": "column",
    "decimal_point": "decimal_point",
    "peers": "unit_or_substance",
    "same_for_many_substances": "total_repeated",
    "same_in_many_years": "copied",
    "sudden_zero": "column_left_empty",
}
#: What a suspect is told with; ``expected`` is in the unit of the quantity, ``compared`` counts what it was held to.
COLUMNS = (
    "atlas_id",
    "country",
    "substance",
    "medium",
    "year",
    "kg",
    "g",
    "expected",
    "factor",
    "reason",
    "cause",
    "compared",
    "other_medium",
    "source",
    "row",
    "national_column",
    "amount",
    "national_unit",
)

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


def history(lines: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Find the quantities of all years that neither the facility's other years nor its peers bear out.

    Parameters
    ----------
    lines
        The long table of all years, as :func:`naatlas.layers._prtr.series.series` takes it.
    frame
        The facilities: ``atlas_id``, ``country``, ``sector``.

    Returns
    -------
    DataFrame
        One row a suspect quantity, ``COLUMNS``: what is reported (``kg``, or ``g`` of dioxins and furans) and what
        was to be expected in the same unit, their ratio, the first of the ``CAUSES`` that holds, and where it stands.
        ``compared`` counts the other years, the facilities, the equal figures. Nothing is changed.
    """
    table = series(lines, frame)
    told = pd.concat(
        [part.assign(reason=reason) for reason, part in _judged(lines, table)], ignore_index=True
    )
    told = told.drop_duplicates([*SERIES, "year"])
    country = frame.drop_duplicates("atlas_id").set_index("atlas_id")["country"]
    told["country"] = told["atlas_id"].map(country)
    told["cause"] = told["reason"].map(CAUSES)
    told = told.astype({"atlas_id": "str", "other_medium": "string", "national_unit": "string"})
    told["factor"] = told["kg"].fillna(told["g"]) / told["expected"]
    return told.reindex(columns=list(COLUMNS)).sort_values(
        ["country", "source", "row", "medium"], ignore_index=True
    )


def _judged(lines: pd.DataFrame, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the suspects by reason, in the order of ``CAUSES``."""
    own = table.assign(expected=10.0 ** table["usual"], compared=table["others"])
    yield "beyond_any_plant", own[slips.beyond_any_plant(table)]
    yield "whole_report", own[slips.whole_report(table)]
    yield "own_years", own[slips.own_years(table)]
    other = repeats.swapped(table)
    swapped = own.loc[other.index].assign(expected=10.0 ** other["expected"], other_medium=other["other"])
    yield "swapped_columns", swapped.assign(compared=other["years"])
    yield "decimal_point", own[slips.decimal_point(table)]
    peers = slips.peers(table)
    beside = table.assign(expected=10.0 ** peers["median"], compared=peers["facilities"])
    yield "peers", beside[peers["slip"]]
    for reason, count in (
        ("same_for_many_substances", repeats.same_for_many_substances(table)),
        ("same_in_many_years", repeats.same_in_many_years(table)),
    ):
        yield reason, table.assign(expected=np.nan, compared=count)[count.gt(0)]
    zero = repeats.sudden_zero(lines, table)
    moved = pd.MultiIndex.from_frame(zero[["atlas_id", "substance", "year"]]).isin(
        pd.MultiIndex.from_frame(swapped[["atlas_id", "substance", "year"]])
    )
    expected = 10.0 ** zero["expected"]
    yield "sudden_zero", zero.assign(expected=expected, compared=zero["others"], kg=0.0, amount=0.0)[~moved]


def flags_of(lines: pd.DataFrame, suspects: pd.DataFrame) -> pd.Series:
    """Put the reasons of :func:`history` onto the lines of the long table; missing for the others."""
    keys = [*SERIES, "year"]
    known = suspects.set_index(keys)["reason"]
    told = known.reindex(pd.MultiIndex.from_frame(lines[keys]))
    return told.set_axis(lines.index).astype("string")


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
