"""Quantities that look like a slip of the unit: listed for the owner of the data, never changed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import finding
from naatlas.layers._limits import LARGEST_CO2_T
from naatlas.layers._prtr import repeats, slips
from naatlas.layers._prtr.series import SERIES, series
from naatlas.layers._prtr.substances import names
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from naatlas.model import Work

#: Reasons in the order in which one is taken where several hold: the likely cause, and the rule that words both.
REASONS: Mapping[str, tuple[str, str]] = {
    "beyond_any_plant": ("unit", "suspect-beyond-any-plant"),
    "whole_report": ("unit_or_volume", "suspect-whole-report"),
    "own_years": ("unit", "suspect-own-years"),
    "swapped_columns": ("column", "suspect-swapped-columns"),
    "decimal_point": ("decimal_point", "suspect-decimal-point"),
    "far_from_own_years": ("unit_or_figure", "suspect-far-from-own-years"),
    "peers": ("unit_or_substance", "suspect-peers"),
    "same_for_many_substances": ("total_repeated", "suspect-same-for-many-substances"),
    "same_in_many_years": ("copied", "suspect-same-in-many-years"),
    "sudden_zero": ("column_left_empty", "suspect-sudden-zero"),
}
#: What the layer of one year flags: see :func:`flag`.
OF_ONE_YEAR = ("factor_1000", "beyond_any_plant")
#: Those that say that the quantity itself is too large or too small: sums are told with and without them.
OF_SIZE = ("beyond_any_plant", "whole_report", "own_years", "far_from_own_years", "decimal_point", "peers")
#: What a suspect is told with; see :func:`history`.
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
    "published",
    "expected_published",
    "rule",
    "listed",
    *(f"what_{language}" for language in LANGUAGES),
)
#: What is one finding though it stands on several lines, of which the owner of the data is told one.
_ONE = {
    "same_in_many_years": ["atlas_id", "substance", "medium", "amount"],
    "same_for_many_substances": ["atlas_id", "year", "medium", "amount"],
}

#: A slip between grams, kilograms and tonnes.
SLIP = 1000.0
#: Fewest values from which a median is taken, and how far beyond the scatter of the others a slip lies.
LEAST, FAR = 8, 5.0
_KG_PER_T = 1000.0
_NORMAL = 1.4826  # of a normal distribution, median absolute deviation to standard deviation


def flag(lines: pd.DataFrame, frame: pd.DataFrame, work: Work) -> pd.Series:
    """Name what is suspicious of each line (``OF_ONE_YEAR``); missing for the others.

    A line is compared with those of the same substance and medium in the same country. It is a suspect when it is a
    thousand times their median or more, lies far outside of their scatter, and a thousandth of it would lie inside
    of what the others report.
    """
    country = lines["atlas_id"].map(frame.set_index("atlas_id")["country"])
    told = pd.Series(pd.NA, index=lines.index, dtype="string")
    thousand, beyond = OF_ONE_YEAR
    told = told.mask(_slips(lines, country), thousand)
    tonnes = lines["kg"] / _KG_PER_T
    absurd = lines["substance"].eq("124-38-9") & tonnes.gt(LARGEST_CO2_T)
    told = told.mask(absurd.fillna(value=False), beyond)
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
        was to be expected in the same unit (missing where nothing was), their ratio, the first of the ``REASONS`` that
        holds with its likely cause, and where it stands. ``compared`` counts the other years, the facilities, or the
        equal figures. ``published``, ``expected_published``, ``rule`` and ``what`` word it for the owner of the data;
        of equal figures one is ``listed`` there. Nothing is changed.
    """
    table = series(lines, frame)
    parts = [part.assign(reason=reason) for reason, part in _judged(lines, table)]
    told = pd.concat([parts[0].assign(other_medium=None), *parts[1:]], ignore_index=True)
    told = told.drop_duplicates([*SERIES, "year"])
    told = told.astype({"atlas_id": "str", "other_medium": "string", "national_unit": "string"})
    country = frame.drop_duplicates("atlas_id").set_index("atlas_id")["country"]
    told["country"] = told["atlas_id"].map(country)
    told["cause"] = told["reason"].map({reason: cause for reason, (cause, _) in REASONS.items()})
    told["factor"] = told["kg"].fillna(told["g"]) / told["expected"]
    told = told.sort_values(["country", "source", "row", "medium"], ignore_index=True)
    return _worded(told).reindex(columns=list(COLUMNS))


def _worded(told: pd.DataFrame) -> pd.DataFrame:
    """Add what the owner of the data is shown: the value as its row has it, and the substance by name."""
    code = told["substance"].astype("string")
    number = (" (" + code.where(code.str.match(r"\d")) + ")").fillna("")
    for language in LANGUAGES:
        known = {substance: name[language] for substance, name in names().items()}
        told[f"what_{language}"] = code.map(known).fillna(code) + number
    told["published"] = told["amount"].map(partial(np.format_float_positional, trim="-"))
    told["expected_published"] = told["expected"] * told["rate"]
    told["rule"] = told["reason"].map({reason: rule for reason, (_, rule) in REASONS.items()})
    told["listed"] = True
    for reason, keys in _ONE.items():
        told["listed"] &= told["reason"].ne(reason) | ~told.duplicated(["reason", *keys], keep="last")
    return told


def _judged(lines: pd.DataFrame, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the suspects by reason, in the order of ``REASONS``."""
    own = table.assign(expected=10.0 ** table["usual"], compared=table["others"])
    yield "beyond_any_plant", own[slips.beyond_any_plant(table)]
    yield "whole_report", own[slips.whole_report(table)]
    yield "own_years", own[slips.own_years(table)]
    other = repeats.swapped(table)
    swapped = own.loc[other.index].assign(expected=10.0 ** other["expected"], other_medium=other["other"])
    yield "swapped_columns", swapped.assign(compared=other["years"])
    yield "decimal_point", own[slips.decimal_point(table)]
    peers = slips.peers(table)
    yield "far_from_own_years", own[slips.far_from_own_years(table, peers)]
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
    rate = zero["national_unit"].map(table[table["kg"].notna()].groupby("national_unit")["rate"].median())
    zero = zero.assign(expected=10.0 ** zero["expected"], rate=rate, kg=0.0, amount=0.0)
    yield "sudden_zero", zero.rename(columns={"others": "compared"})[~moved]


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
