"""Tables of a comparison of the registers: by substance group, sector and medium, with the share of what is unknown."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import Item, finding
from naatlas.layers._prtr import rules
from naatlas.layers._prtr.comparable import STATES, compare
from naatlas.layers._prtr.rules import UNKNOWN

if TYPE_CHECKING:
    from naatlas.layers._prtr.comparable import Comparison
    from naatlas.model import Finding

#: First rows of each table: all groups, sectors or media together.
ALL = "all"

#: Tables by the column of the cells that they go by.
BY = {"group": "comparability_groups", "sector": "comparability_sectors", "medium": "comparability_media"}

#: Sums of the kinds of substances, which are never added to each other; dioxins are in grams.
_SUMS = {"toxic": "toxics_kg", "criteria": "criteria_kg", "greenhouse_gas": "greenhouse_gases_kg"}


def tables(lines: pd.DataFrame, facilities: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Compare the registers and tell it in tables.

    Parameters
    ----------
    lines, facilities
        As for :func:`naatlas.layers._prtr.comparable.compare`.

    Returns
    -------
    tuple
        ``comparability_groups``, ``comparability_sectors`` and ``comparability_media`` (:func:`summary`);
        ``comparable`` (:func:`common`); ``reporting_rules``, the entries on which they stand. And what to tell of them.
    """
    told = compare(lines, facilities)
    years = told.cells["year"].unique()
    frames = {name: summary(told, by) for by, name in BY.items()}
    frames["comparable"] = common(told)
    frames["reporting_rules"] = rules.in_force(lines["substance"].dropna().unique(), years)
    return frames, findings(told)


def summary(comparison: Comparison, by: str) -> pd.DataFrame:
    """Count the cells of each country by their state.

    Parameters
    ----------
    by
        ``group`` (of substances), ``sector`` or ``medium``.

    Returns
    -------
    DataFrame
        ``year``, the column of ``by``, ``country``, ``cells``, ``share_unknown`` (0 to 1), one column for each of
        ``STATES`` (cells), and what is reported, missing where nothing is: ``toxics_kg``, ``criteria_kg``,
        ``greenhouse_gases_kg``, ``dioxins_g``, ``dioxins_g_teq``. The first rows of a year, ``all`` for ``by``, are
        the whole comparison: what is unknown stands on top.
    """
    cells = comparison.cells
    both = pd.concat([cells.assign(**{by: ALL}), cells], ignore_index=True).astype({by: "string"})
    keys = ["year", by, "country"]
    counts = both.pivot_table(index=keys, columns="state", values="unit", aggfunc="count", fill_value=0)
    told = counts.reindex(columns=list(STATES), fill_value=0)
    told.insert(0, "cells", told.sum(axis=1))
    told.insert(1, "share_unknown", told[UNKNOWN] / told["cells"])
    told = told.join(_sums(both, keys)).rename_axis(columns=None).reset_index()
    return told.sort_values(keys, key=_all_first, ignore_index=True)


def _sums(cells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add up what is told, each kind by itself; missing where nothing is told, which is not zero."""
    parts = {name: cells["kg"].where(cells["kind"].eq(kind)) for kind, name in _SUMS.items()}
    # Of what is told in kilograms the grams are zero, and say nothing of dioxins.
    grams = {f"dioxins_{name}": cells[name].where(cells[name].gt(0)) for name in ("g", "g_teq")}
    amounts = pd.DataFrame({**parts, **grams})
    return amounts.groupby([cells[key] for key in keys]).sum(min_count=1)


def _all_first(column: pd.Series) -> pd.Series:
    return column.mask(column.eq(ALL), "") if column.dtype == "string" else column


def common(comparison: Comparison) -> pd.DataFrame:
    """Tell what each two countries, and all of them, can report.

    Returns
    -------
    DataFrame
        ``countries`` (such as ``MEX + USA``), ``country``, ``year``, ``substances``, ``sectors``, ``media`` and
        ``cells`` that all of ``countries`` can report, those with ``no_file`` in ``country``, and what it reports:
        ``toxics_kg``, ``criteria_kg``, ``greenhouse_gases_kg``, ``dioxins_g``, ``dioxins_g_teq``.
    """
    names = sorted(comparison.countries)
    sets = [each for size in range(2, len(names) + 1) for each in combinations(names, size)]
    parts = [_of(comparison, countries) for countries in sets]
    return pd.concat(parts, ignore_index=True)


def _of(comparison: Comparison, countries: tuple[str, ...]) -> pd.DataFrame:
    shared = comparison.common(countries)
    cells = comparison.cells.merge(shared, on=list(shared.columns))
    cells = cells[cells["country"].isin(countries)]
    keys = ["country", "year"]
    counts = cells.groupby(keys).agg(
        substances=("unit", "nunique"),
        sectors=("sector", "nunique"),
        media=("medium", "nunique"),
        cells=("state", "size"),
        no_file=("state", lambda state: int(state.eq("no_file").sum())),
    )
    told = counts.join(_sums(cells, keys)).reset_index()
    told.insert(0, "countries", " + ".join(countries))
    return told


def findings(comparison: Comparison) -> list[Finding]:
    """Tell the share of unknown cells, in all and by country."""
    cells = comparison.cells
    unknown = cells["state"].eq(UNKNOWN)
    if not unknown.any():
        return []
    shares = unknown.groupby(cells["country"]).mean()
    return [
        finding(
            "cells-of-a-comparison-unknown",
            "info",
            count=int(unknown.sum()),
            cells=len(cells),
            share=comparison.share_unknown,
            bare=float(cells["state"].eq("no_file").mean()),
            countries=tuple(
                Item("{country} {share:.1%}", country=str(c), share=s) for c, s in shares.items()
            ),
        )
    ]
