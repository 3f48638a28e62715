"""The account of records and quantities: every row read ends in exactly one state."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.errors import AccountError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from naatlas.model import Table


class State(StrEnum):
    """Where an input row went."""

    PUBLISHED = "published"
    MERGED = "merged"
    AGGREGATED = "aggregated"
    ENRICHES = "enriches"
    CONTROL = "control"
    OUT_OF_SCOPE = "out_of_scope"
    REJECTED = "rejected"


#: States whose detail is the id of the feature that took the row up; for the others it is the rule or reason.
INTO_A_FEATURE = frozenset({State.PUBLISHED, State.MERGED, State.AGGREGATED, State.ENRICHES})


class Ledger:
    """Keeps the state of each row of each source, what was corrected, and the quantities to balance."""

    def __init__(self) -> None:
        self._rows: dict[str, pd.DataFrame] = {}
        self._text: dict[str, pd.DataFrame] = {}
        self._open: dict[str, int] = {}
        self._refused: dict[str, list[pd.DataFrame]] = {}
        self._measures: dict[tuple[str, str], pd.DataFrame] = {}
        self._corrections: list[dict[str, str]] = []

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the sources that were opened, in that order."""
        return tuple(self._rows)

    def open(self, table: Table) -> None:
        """Take the rows of a table on the books; every one must be settled before the books close."""
        self.open_rows(table.source.id, table.frame)

    def open_rows(self, source_id: str, frame: pd.DataFrame) -> None:
        """Take rows on the books that are not from a file, such as the features of a layer that is used."""
        if source_id in self._rows:
            raise AccountError(f"source {source_id} was opened twice")
        if not frame.index.is_unique:
            raise AccountError(f"source {source_id}: row numbers repeat")
        blank = pd.Series(pd.NA, index=frame.index, dtype="string")
        self._rows[source_id] = pd.DataFrame({"state": blank, "detail": blank})
        self._text[source_id], self._open[source_id], self._refused[source_id] = frame, len(frame), []

    def settle(
        self, source_id: str, rows: Iterable[int] | pd.Index, state: State, detail: str | pd.Series
    ) -> None:
        """Say where rows went.

        Parameters
        ----------
        rows
            Row numbers of the source.
        detail
            One text for all, or a Series aligned with ``rows`` by position: feature id, or rule or reason.

        Raises
        ------
        AccountError
            A row was settled before, or does not belong to the source.
        """
        index = pd.Index(rows)
        if index.empty:
            return
        book = self._rows[source_id]
        if not index.isin(book.index).all() or not index.is_unique:
            raise AccountError(
                f"source {source_id}: rows settled as {state} that are not in it, or twice at once"
            )
        taken = book.loc[index, "state"].notna()
        if taken.any():
            row = index[taken.to_numpy()][0]
            was = "{} ({})".format(*book.loc[row, ["state", "detail"]])
            raise AccountError(f"source {source_id}, row {row}: already {was}, cannot also be {state}")
        told = pd.Series(detail, index=index if isinstance(detail, str) else None, dtype="string")
        if told.fillna("").eq("").any():
            raise AccountError(
                f"source {source_id}: rows settled as {state} that do not say into what, or why"
            )
        book.loc[index, "state"] = str(state)
        book.loc[index, "detail"] = told.to_numpy()
        self._forget(source_id, index, state)

    def _forget(self, source_id: str, settled: pd.Index, state: State) -> None:
        """Keep the text of refused rows, and the file as a whole no longer than until its last row is settled."""
        if state == State.REJECTED:
            self._refused[source_id].append(self._text[source_id].loc[settled])
        self._open[source_id] -= len(settled)
        if not self._open[source_id]:
            del self._text[source_id]

    def open_of(self, source_id: str) -> pd.Index:
        """Row numbers of a source that have no state yet."""
        book = self._rows[source_id]
        return book.index[book["state"].isna()]

    def restate(self, source_id: str, ids: Iterable[str], state: State, rule: str) -> None:
        """Move all rows that went into the given features to another state: the features are left out."""
        book = self._rows[source_id]
        hit = book["detail"].isin(list(ids)) & book["state"].isin([str(s) for s in INTO_A_FEATURE])
        book.loc[hit, "state"] = str(state)
        book.loc[hit, "detail"] = rule

    def merge(self, into: Mapping[str, str]) -> None:
        """Move all rows of features that became one with another, such as two tracks that are one line at a scale.

        Parameters
        ----------
        into
            Id of the feature that is no more -> id of the one that stands for both.
        """
        for book in self._rows.values():
            hit = book["detail"].isin(list(into)) & book["state"].isin([str(s) for s in INTO_A_FEATURE])
            book.loc[hit, "state"] = str(State.MERGED)
            book.loc[hit, "detail"] = book.loc[hit, "detail"].map(dict(into))

    def rename(self, ids: Mapping[str, str]) -> None:
        """Give features other ids, such as those of an earlier product."""
        for book in self._rows.values():
            into = book["state"].isin([str(s) for s in INTO_A_FEATURE])
            told = book.loc[into, "detail"]
            book.loc[into, "detail"] = told.map(dict(ids)).fillna(told)

    def measure(self, source_id: str, quantity: str, values: pd.Series, country: pd.Series | str) -> None:
        """Put a quantity of each row on the books, so that its sum can be followed.

        Parameters
        ----------
        quantity
            Field name with its unit, such as ``capacity_mw``.
        values
            Numbers by row of the source, after corrections (``correct`` logs the old ones); missing counts
            as nothing.
        country
            ISO 3166-1 alpha-3 code by row, or one for all.
        """
        frame = pd.DataFrame({"value": values.astype("float64").fillna(0.0)})
        # A file has few countries, and a dozen quantities: their names are kept once.
        self._measures[source_id, quantity] = frame.assign(country=country).astype({"country": "category"})

    def correct(
        self, source_id: str, row: int | str, *, field: str, old: object, new: object, reason: str, by: str
    ) -> None:
        """Log that a published value differs from the national one, with both values and the reason."""
        self._corrections.append(
            {"source": source_id, "row": str(row), "field": field, "old": str(old), "new": str(new)}
            | {"reason": reason, "decided_by": by}
        )

    def close(self) -> None:
        """Prove that no row was lost.

        Raises
        ------
        AccountError
            Rows without a state, by source, with examples.
        """
        lost = {name: self.open_of(name) for name in self._rows}
        if told := [f"{n}: {len(r)} row(s), e.g. row {r[0]}" for n, r in lost.items() if len(r)]:
            raise AccountError("rows that went nowhere: " + "; ".join(told))

    def states(self, source_id: str) -> pd.DataFrame:
        """State and detail of each row of a source, indexed by row number."""
        return self._rows[source_id].copy()

    def counts(self) -> pd.DataFrame:
        """Rows by source and state, with the rows read; one line a source."""
        lines = {name: book["state"].value_counts() for name, book in self._rows.items()}
        table = pd.DataFrame(lines).T.reindex(columns=[str(s) for s in State]).fillna(0).astype("int64")
        table.insert(0, "read", [len(book) for book in self._rows.values()])
        return table.rename_axis("source")

    def quantities(self) -> pd.DataFrame:
        """Give the sums of each measured quantity by source, country and state."""
        keys = ["source", "quantity", "country", "state"]
        state = {name: book["state"].astype("category") for name, book in self._rows.items()}
        parts = [
            _summed(frame.assign(state=state[source]), ["country", "state"], "value").assign(
                source=source, quantity=quantity
            )
            for (source, quantity), frame in self._measures.items()
        ]
        if not parts:
            return pd.DataFrame(columns=[*keys, "rows", "value"])
        told = pd.concat(parts)[[*keys, "rows", "value"]]
        return told.astype({"country": "str", "state": "object"}).sort_values(keys, ignore_index=True)

    def totals(self) -> pd.DataFrame:
        """Rows and sum of each measured quantity as read, by source, country and quantity."""
        keys = ["source", "country", "quantity"]
        parts = [
            _summed(frame, ["country"], "read").assign(source=source, quantity=quantity)
            for (source, quantity), frame in self._measures.items()
        ]
        if not parts:
            return pd.DataFrame(columns=[*keys, "rows", "read"])
        told = pd.concat(parts)[[*keys, "rows", "read"]]
        return told.astype({"country": "str"}).sort_values(keys, ignore_index=True)

    def by_feature(
        self, quantity: str, *, states: Iterable[State] = (State.PUBLISHED, State.AGGREGATED)
    ) -> pd.DataFrame:
        """Give the sum of a quantity by source and feature (id, value, source).

        Parameters
        ----------
        states
            Over rows of these states; by default those that are the feature, since a merged row repeats it.
        """
        told = [str(state) for state in states]
        parts = []
        for source in (source for source, name in self._measures if name == quantity):
            book = self._rows[source]
            own = book["state"].isin(told)
            if own.any():
                value = self._measures[source, quantity]["value"]
                sums = value[own].groupby(book.loc[own, "detail"]).sum()
                parts.append(sums.rename("value").rename_axis("id").reset_index().assign(source=source))
        return pd.concat(parts) if parts else pd.DataFrame(columns=["id", "value", "source"])

    def left_out(self) -> pd.DataFrame:
        """Give the rows that are in no feature, by source, state and rule or reason, with their quantities.

        Returns
        -------
        DataFrame
            source, state, reason, rows, then a column a quantity in its unit; missing where not measured.
        """
        outside = [str(state) for state in State if state not in INTO_A_FEATURE]
        parts = []
        for source, book in self._rows.items():
            hit = book[book["state"].isin(outside)].rename(columns={"detail": "reason"}).assign(rows=1)
            for (measured, quantity), frame in self._measures.items():
                if measured == source:
                    hit[quantity] = frame["value"].reindex(hit.index)
            sums = hit.groupby(["state", "reason"]).sum(numeric_only=True).reset_index()
            parts.append(sums.assign(source=source))
        names = ["source", "state", "reason", "rows"]
        told = pd.concat(
            [p for p in parts if not p.empty] or [pd.DataFrame(columns=names)], ignore_index=True
        )
        return told[[*names, *sorted(set(map(str, told)) - set(names))]].sort_values(
            names[:3], ignore_index=True
        )

    def rejected(self) -> pd.DataFrame:
        """Rows that were rejected: source, row, reason, and the original cells as ``header=text`` pairs."""
        parts = []
        for source, book in self._rows.items():
            hit = book.index[book["state"] == str(State.REJECTED)]
            if len(hit):
                text = pd.concat(self._refused[source]).loc[hit]
                cells = [_cells(record) for record in text.to_dict("records")]
                reasons = book.loc[hit, "detail"].to_numpy()
                parts.append(
                    pd.DataFrame({"source": source, "row": hit, "reason": reasons, "original": cells})
                )
        columns = ["source", "row", "reason", "original"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def corrections(self) -> pd.DataFrame:
        """Values that were changed, with the original, the new one, the reason and who decided."""
        columns = ["source", "row", "field", "old", "new", "reason", "decided_by"]
        return pd.DataFrame(self._corrections, columns=columns)


def _summed(frame: pd.DataFrame, keys: list[str], name: str) -> pd.DataFrame:
    """Count and add up one quantity of one source: table by table, so that no copy of all of them is made."""
    groups = frame.groupby(keys, dropna=False, observed=True)["value"]
    return pd.DataFrame({"rows": groups.size(), name: groups.sum()}).reset_index()


def _cells(record: Mapping[Hashable, Any]) -> str:
    return "; ".join(f"{name}={text}" for name, text in record.items() if not pd.isna(text))
