"""Values that know where they come from: one fact is one value of one field of one feature, with its origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.harmonize.translate import Translated

#: Columns of the provenance table after the feature's key.
ORIGIN = ("field", "source", "row", "national_field", "national_value", "rule", "score")


def row_list(rows: pd.Series) -> str:
    """Write row numbers the short way: ``12-15, 20``."""
    numbers = np.unique(rows.to_numpy(dtype="int64"))
    if not len(numbers):
        return ""
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


class Facts:
    """Collects facts from all sources; where several speak of one value, the source of lower rank number wins.

    Parameters
    ----------
    precedence
        Source ids, the most trusted first: the order of the edition.
    """

    def __init__(self, precedence: Sequence[str]) -> None:
        self._rank = {source: number for number, source in enumerate(precedence)}
        self._parts: dict[str, list[pd.DataFrame]] = {}

    def add(
        self,
        field: str,
        entity: pd.Series | pd.Index | Sequence[object],
        value: pd.Series | Sequence[object],
        *,
        source: str,
        row: pd.Series | pd.Index | Sequence[object],
        column: str,
        national: pd.Series | Sequence[object],
        rule: str | pd.Series | Sequence[str] = "as published",
        score: float | pd.Series | None = None,
        rank: int | None = None,
    ) -> None:
        """Add the facts of one field from one source; missing values say nothing and are left out.

        Parameters
        ----------
        entity, value, row, national
            Aligned by position: feature id, harmonized value, row in the source, cell as published.
        column
            Header of the national column (or a list of them, joined by " + ").
        rule
            How the national value became this one.
        score
            Similarity with which the row was linked to the feature, 0 to 100; None where the key is shared.
        rank
            Overrides the source's place in the precedence; negative wins over all.
        """
        part = pd.DataFrame(
            {
                "entity": np.asarray(entity, dtype=object),
                "value": pd.Series(value).reset_index(drop=True),
                "source": source,
                "row": np.asarray(pd.Series(row).astype("string"), dtype=object),
                "national_field": column,
                "national_value": np.asarray(pd.Series(national).astype("string"), dtype=object),
                "rule": rule if isinstance(rule, str) else np.asarray(rule, dtype=object),
                "score": np.nan
                if score is None
                else score
                if isinstance(score, float)
                else np.asarray(score),
                "rank": self._rank[source] if rank is None else rank,
            }
        )
        part = part[part["value"].notna() & part["entity"].notna()]
        if not part.empty:
            self._parts.setdefault(field, []).append(part)

    def add_translated(
        self,
        rows: Translated,
        entity: pd.Series,
        *,
        fields: Sequence[str] | None = None,
        score: pd.Series | None = None,
        rank: int | None = None,
    ) -> None:
        """Add all fields of a translated table at once.

        Parameters
        ----------
        entity
            Feature id by row of the table; rows that are not in it, or have none, say nothing.
        """
        entity = entity.dropna()
        for field in fields or list(rows.frame.columns):
            pick = rows.picks[field]
            self.add(
                field,
                entity,
                rows.frame.loc[entity.index, field],
                source=rows.table.source.id,
                row=entity.index,
                column=pick.column,
                national=rows.table.frame.loc[entity.index, pick.column],
                rule=rows.rule(field, entity.index),
                score=None if score is None else score.loc[entity.index],
                rank=rank,
            )

    def of(self, field: str) -> pd.Series:
        """Winning values of one field, by feature."""
        return (
            self._winners(field).set_index("entity")["value"]
            if field in self._parts
            else pd.Series(dtype=object)
        )

    def origins(self, field: str) -> pd.DataFrame:
        """Winning values of one field with their origin: entity, value, source, row, national_field, ..."""
        return self._winners(field).drop(columns="rank")

    def _winners(self, field: str) -> pd.DataFrame:
        told = pd.concat(self._parts[field], ignore_index=True)
        return told.sort_values("rank", kind="stable").drop_duplicates("entity")

    def winners(self, key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the wide frame (``key``, then a column a field) and the provenance of every value in it, by key."""
        best = {field: self._winners(field) for field in self._parts}
        wide = pd.DataFrame({field: told.set_index("entity")["value"] for field, told in best.items()})
        wide = wide.rename_axis(key).sort_index().reset_index()
        long = pd.concat([told.assign(field=field) for field, told in best.items()], ignore_index=True)
        long = long.rename(columns={"entity": key}).sort_values([key, "field"], kind="stable")
        return wide, long[[key, *ORIGIN]].reset_index(drop=True)
