"""One frame of facilities over all years of the registers, and the tables that go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from naatlas.facts import Facts
from naatlas.layers._prtr import reading, sums, suspects
from naatlas.layers._prtr.npri_files import FLOWS, PLACES
from naatlas.layers._prtr.releases import NONE, measure
from naatlas.layers._prtr.sources import NPRI
from naatlas.layers._prtr.substances import is_pbt
from naatlas.layers.prtr_releases import found, history, totals, trends
from naatlas.layers.prtr_releases.balance import balances
from naatlas.layers.prtr_releases.border import border
from naatlas.layers.prtr_releases.reportable import can_report
from naatlas.model import Combined

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.layers._prtr.reading import Registers
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec


def assemble(spec: LayerSpec, tables: dict[str, Table], work: Work) -> Combined:
    """Combine all years of the registers into one row a facility, with the origin of every value."""
    facts = Facts(work.edition.sources)
    registers = reading.read_all(tables, facts, spec, work)
    lines = registers.lines
    sites = _yearly(registers)
    newest = sites.drop_duplicates("atlas_id").set_index("atlas_id")["year"]
    latest = lines[lines["year"].eq(lines["atlas_id"].map(newest))]
    sums.add(facts, latest)
    _measure_latest(tables, latest, registers.lost, work)
    # The text of all files would take as much memory as all that follows.
    tables.clear()
    pa.default_memory_pool().release_unused()
    frame, provenance = facts.winners(spec.key)
    frame = frame.join(border(frame["longitude"], frame["latitude"]))
    doubts = suspects.history(lines, frame)
    lines["flag"] = suspects.flags_of(lines, doubts)
    lines["can_report"] = can_report(lines, frame)
    years = history.history(sites, lines)
    follow = history.successions(years)
    frame = _derived(frame, lines, years, follow, newest)
    further = _tables(frame, registers, years, follow) | {"suspects": doubts}
    work.findings.extend(found.findings(frame, years, follow, doubts, further["balances"]))
    names = {field.name for field in spec.fields}
    return Combined(frame, provenance[provenance["field"].isin(names)].reset_index(drop=True), further)


def _measure_latest(
    tables: Mapping[str, Table], latest: pd.DataFrame, lost: pd.DataFrame, work: Work
) -> None:
    """Of files that hold all years put only the quantities of the latest year of each facility on the books.

    The points show these, so that they balance with them; the table of balances proves the files as a whole.
    """
    for name in (name for name in FLOWS if name in tables):
        shown = pd.concat([part[part["source"].eq(name)] for part in (latest, lost)], ignore_index=True)
        measure(tables[name], shown, "CAN", work)


def _yearly(registers: Registers) -> pd.DataFrame:
    """Give the facilities by the years that they report for, the newest first.

    Canada lists its facilities once, for all years: there the quantities tell the years.
    """
    sites = registers.sites
    listed = sites["source"].isin([NPRI.id, PLACES.id])
    own = sites[listed].drop_duplicates("atlas_id").drop(columns="year")
    years = registers.lines[["atlas_id", "year"]].drop_duplicates()
    told = pd.concat([years.merge(own, on="atlas_id"), sites[~listed]], ignore_index=True)
    return told.sort_values("year", ascending=False, kind="stable", ignore_index=True)


def _derived(
    frame: pd.DataFrame, lines: pd.DataFrame, years: pd.DataFrame, follow: pd.DataFrame, newest: pd.Series
) -> pd.DataFrame:
    """Complete the facilities with what follows from their years."""
    told, ids = frame.copy(), frame["atlas_id"]
    span = years.groupby("atlas_id")["year"].agg(["min", "max", "nunique"])
    told["first_year"] = ids.map(span["min"]).astype("Int64")
    told["last_year"] = ids.map(span["max"]).astype("Int64").fillna(told["last_year"].astype("Int64"))
    told["years_reported"] = ids.map(span["nunique"]).astype("Int64")
    real = lines[lines["medium"].ne(NONE)]
    told["substances"] = ids.map(lines.groupby("atlas_id")["substance"].nunique()).astype("Int64")
    told["substance_groups"] = ids.map(sums.groups(real))
    latest = lines[lines["year"].eq(lines["atlas_id"].map(newest))]
    told["releases_status"] = sums.status(ids, latest, told["country"])
    own = trends.own_trends(lines)
    for name in own.columns:
        told[name] = ids.map(own[name])
    told["may_continue"] = ids.map(follow.groupby("later")["earlier"].agg("; ".join))
    told["may_go_on_as"] = ids.map(follow.groupby("earlier")["later"].agg("; ".join))
    told["flags"] = _joined(told, _flags(ids, lines, years))
    return told


def _joined(frame: pd.DataFrame, flags: pd.Series) -> pd.Series:
    """Put flags behind those that a register's reader gave."""
    one, other = frame.get("flags", pd.Series(pd.NA, index=frame.index)), flags
    texts = [column.astype("string") for column in (one, other)]
    both: pd.Series = texts[0].str.cat(texts[1], sep="; ")
    return both.fillna(texts[0]).fillna(texts[1])


def _flags(ids: pd.Series, lines: pd.DataFrame, years: pd.DataFrame) -> pd.Series:
    """List what changed through the years, and the suspicions that hold for some quantity."""
    changed = history.changes(years).reset_index().melt("atlas_id", var_name="flag", value_name="holds")
    both = pd.concat([changed.loc[changed["holds"], ["atlas_id", "flag"]], lines.dropna(subset="flag")])
    return ids.map(sums.listed(both, "flag"))


def _tables(
    frame: pd.DataFrame, registers: Registers, years: pd.DataFrame, follow: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    order = ["atlas_id", "year", "substance", "medium", "source", "row"]
    lines = registers.lines[[*reading.COLUMNS, "can_report"]].sort_values(order, ignore_index=True)
    lines["pbt"] = is_pbt(lines["substance"])
    return {
        "releases": lines,
        **totals.tables(lines, frame),
        "trends": trends.trends(lines, frame),
        "facility_years": years,
        "successions": follow,
        "balances": balances(registers),
    }
