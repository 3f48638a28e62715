"""One frame of facilities from the registers of the three countries, and the long table of what they report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.facts import Facts
from naatlas.findings import finding
from naatlas.layers._prtr import reading, side_by_side, sums, suspects
from naatlas.layers.prtr_facilities import totals
from naatlas.model import Combined

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Combine the registers of the edition into one row a facility, with the origin of every value."""
    facts = Facts(work.edition.sources)
    lines = reading.read_all(tables, facts, spec, work, since=int(work.edition.name)).lines
    sums.add(facts, lines)
    frame, provenance = facts.winners(spec.key)
    lines["flag"] = suspects.flag(lines, frame, work)
    frame = totals.derive(frame, lines)
    _tell_states(frame, work)
    compared, found = side_by_side.tables(lines, frame)
    work.findings += found
    doubts = {"suspects": suspects.history(lines, frame)}
    return Combined(frame, provenance, totals.tables(lines, frame) | compared | doubts)


def _tell_states(frame: pd.DataFrame, work: Work) -> None:
    """Warn that the sums of the United States are those of the states whose files are here."""
    states = tuple(sorted(frame.loc[frame["country"].eq("USA"), "state"].unique()))
    work.findings.append(
        finding("register-of-some-states", "warning", where="USA", ids=states, states=", ".join(states))
    )
