"""What the years of the registers tell that a reader or a register's owner should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.findings import Item, finding
from naatlas.layers.prtr_releases.history import MOVED_KM, RENAMED
from naatlas.register.matched import areas
from naatlas.text import year_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from naatlas.model import Finding

_COUNTRIES = ("CAN", "USA", "MEX")
_SUCCESSIONS = {
    "new_number": "facility-new-number",
    "merger": "facility-merger",
    "split": "facility-split",
}


def findings(
    frame: pd.DataFrame,
    years: pd.DataFrame,
    follow: pd.DataFrame,
    doubts: pd.DataFrame,
    balance: pd.DataFrame,
) -> list[Finding]:
    """Tell of states without files, years without files, changes of facilities, suspects, and the balance."""
    return [
        *_states(frame),
        *_years(years),
        *_changes(years),
        *_successions(follow),
        *_suspects(doubts),
        *_balance(balance),
    ]


def _states(frame: pd.DataFrame) -> Iterator[Finding]:
    """Warn that the sums of the United States are those of the states whose files are here."""
    states = tuple(sorted(frame.loc[frame["country"].eq("USA"), "state"].unique()))
    yield finding("register-of-some-states", "warning", where="USA", ids=states, states=", ".join(states))


def _years(years: pd.DataFrame) -> Iterator[Finding]:
    """Name the years that a register has files of, and those between them that it has none of."""
    area = areas(years["atlas_id"].str.slice(0, 3), years["state"])
    for name, part in years.groupby(area.to_numpy()):
        there = sorted({int(year) for year in part["year"]})
        lost = sorted(set(range(there[0], there[-1] + 1)) - set(there))
        if lost:
            ids, told = tuple(map(str, lost)), year_runs(lost)
            first, last = there[0], there[-1]
            yield finding(
                "register-years-missing",
                "warning",
                where=str(name),
                ids=ids,
                first=first,
                last=last,
                lost=told,
            )


def _changes(years: pd.DataFrame) -> Iterator[Finding]:
    rules = {
        "facility-moved": (years["moved_km"].gt(MOVED_KM), MOVED_KM),
        "facility-renamed": (years["name_score"].lt(RENAMED), RENAMED),
        "facility-changed-sector": (years["sector_before"].notna(), 0.0),
    }
    for rule, (hit, limit) in rules.items():
        for country in _COUNTRIES:
            part = years[hit & years["atlas_id"].str.startswith(country)]
            if len(part):
                ids = tuple(dict.fromkeys(part["atlas_id"]))
                first = part.iloc[0]
                example = Item("{name} ({year})", name=str(first["name"]), year=int(first["year"]))
                yield finding(
                    rule, "info", where=country, ids=ids, limit=limit, times=len(part), example=(example,)
                )


def _successions(follow: pd.DataFrame) -> Iterator[Finding]:
    for kind, part in follow.groupby("kind"):
        pairs = tuple(part["earlier"] + " -> " + part["later"])
        yield finding(_SUCCESSIONS[str(kind)], "info", ids=pairs, example=str(part["name"].iloc[0]))


def _suspects(doubts: pd.DataFrame) -> Iterator[Finding]:
    for country, part in doubts.groupby("country"):
        reasons = part["reason"].value_counts()
        told = tuple(Item("{reason} {count}", reason=str(r), count=int(n)) for r, n in reasons.items())
        ids = tuple(
            part["source"] + ", row " + part["row"].astype("str") + ", " + part["medium"].astype("str")
        )
        yield finding("suspect-quantities", "warning", where=str(country), ids=ids, reasons=told)


def _balance(balance: pd.DataFrame) -> Iterator[Finding]:
    """Say that every file balances, and what was refused of it."""
    kg = balance[balance["unit"].eq("kg")]
    yield finding(
        "registers-balance",
        "info",
        count=balance["source"].nunique(),
        first=int(balance["year"].min()),
        last=int(balance["year"].max()),
        tonnes=float(kg["read"].sum() / 1000),
        rejected=float(kg["rejected"].sum() / 1000),
    )
