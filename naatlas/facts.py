"""Values that know where they come from: one fact is one value of one field of one feature, with its origin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from naatlas.harmonize.translate import Translated

#: Columns of the provenance table after the feature's key.
ORIGIN = ("field", "source", "row", "national_field", "national_value", "rule", "score")
#: Most have few distinct texts in half a million rows: they are kept once each.
_KINDS = {
    "source": "category",
    "row": "str",
    "national_field": "category",
    "national_value": "str",
    "rule": "category",
}


def row_list(rows: pd.Series | NDArray[np.int64]) -> str:
    """Write row numbers the short way: ``12-15, 20``."""
    numbers = set(np.asarray(rows, dtype="int64").tolist())
    first = sorted(n for n in numbers if n - 1 not in numbers)
    last = sorted(n for n in numbers if n + 1 not in numbers)
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in zip(first, last, strict=True))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one source says of one field.

    Bare arrays of Python objects: they share their texts, so that half a million origins stay small.
    """

    rank: int
    columns: dict[str, NDArray[Any]]
    value: pd.Series


@cache
def _number(row: int) -> str:
    """Row number as text; one object however many values stand in the row."""
    return str(row)


def _texts(values: pd.Series | pd.Index | Sequence[object]) -> NDArray[np.object_]:
    told = pd.Series(values)
    if pd.api.types.is_integer_dtype(told.dtype) and not told.hasnans:
        return np.array([_number(row) for row in told.tolist()], dtype=object)
    return np.asarray(told.astype("string"), dtype=object)


def _scores(score: float | pd.Series | None, count: int) -> NDArray[np.float64]:
    if isinstance(score, pd.Series):
        return score.to_numpy(dtype="float64", na_value=np.nan)
    return np.full(count, np.nan if score is None else score)


def _some(values: pd.Series | pd.Index | Sequence[object], known: NDArray[np.bool_]) -> pd.Series:
    return pd.Series(values)[known]


def _spread(text: str | pd.Series | Sequence[str], known: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Give each known value its text: the one of all, or its own."""
    if isinstance(text, str):
        return np.full(known.sum(), text, dtype=object)
    return np.asarray(text, dtype=object)[known]


class Facts:
    """Collects facts from all sources; where several speak of one value, the source of lower rank number wins.

    Parameters
    ----------
    precedence
        Source ids, the most trusted first: the order of the edition.
    """

    def __init__(self, precedence: Sequence[str]) -> None:
        self._rank = {source: number for number, source in enumerate(precedence)}
        self._parts: dict[str, list[_Part]] = {}
        self._best: dict[str, dict[object, int]] = {}
        self._texts: dict[object, object] = {}

    def _shared(self, texts: NDArray[Any]) -> NDArray[np.object_]:
        """Let equal texts be one object: a facility stands in a dozen fields of twenty files."""
        known = self._texts
        return np.fromiter((known.setdefault(t, t) for t in texts.tolist()), dtype=object, count=len(texts))

    def add(
        self,
        field: str,
        entity: pd.Series | pd.Index | Sequence[object],
        value: pd.Series | Sequence[object],
        *,
        source: str,
        row: pd.Series | pd.Index | Sequence[object],
        column: str | pd.Series,
        national: pd.Series | Sequence[object],
        rule: str | pd.Series | Sequence[str] = "as published",
        score: float | pd.Series | None = None,
        rank: int | None = None,
    ) -> None:
        """Add the facts of one field from one source; missing values say nothing and are left out.

        So is what a more trusted source has told already: it could never win.

        Parameters
        ----------
        entity, value, row, national
            Aligned by position: feature id, harmonized value, row in the source, cell as published.
        column
            Header of the national column (or a list of them, joined by " + "); one for all, or aligned with them.
        rule
            How the national value became this one.
        score
            Similarity with which the row was linked to the feature, 0 to 100; None where the key is shared.
        rank
            Overrides the source's place in the precedence; negative wins over all.
        """
        entities = np.asarray(entity, dtype=object)
        values = pd.Series(value).reset_index(drop=True)
        place = self._rank[source] if rank is None else rank
        known = values.notna().to_numpy() & pd.notna(entities)
        known[known] = self._better(field, entities[known], place)
        if not known.any():
            return
        columns = {
            "entity": self._shared(entities[known]),
            "source": np.full(known.sum(), source, dtype=object),
            "row": _texts(_some(row, known)),
            "national_field": _spread(column, known),
            "national_value": self._shared(_texts(_some(national, known))),
            "rule": _spread(rule, known),
            "score": _scores(score, len(entities))[known],
        }
        self._parts.setdefault(field, []).append(_Part(place, columns, values[known]))

    def _better(self, field: str, entities: NDArray[np.object_], place: int) -> NDArray[np.bool_]:
        """Tell of which features nobody as trusted has told the field so far, and keep it in mind."""
        best = self._best.setdefault(field, {})
        told = np.array([best.get(entity, place + 1) > place for entity in entities], dtype=np.bool_)
        best.update(dict.fromkeys(entities[told].tolist(), place))
        return told

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
        return self._winners(field).value if field in self._parts else pd.Series(dtype=object)

    def origins(self, field: str) -> pd.DataFrame:
        """Winning values of one field with their origin: entity, value, source, row, national_field, ..."""
        won = self._winners(field)
        return pd.DataFrame(won.columns | {"value": won.value.array})

    def _winners(self, field: str) -> _Part:
        """Put the parts of a field together; its values are indexed by feature."""
        # A part has one rank, so that ordering the parts orders their rows.
        parts = sorted(self._parts[field], key=lambda part: part.rank)
        columns = {name: np.concatenate([p.columns[name] for p in parts]) for name in parts[0].columns}
        first = ~pd.Series(columns["entity"], dtype=object).duplicated().to_numpy()
        columns = {name: array[first] for name, array in columns.items()}
        value = pd.concat([p.value for p in parts], ignore_index=True)[first]
        return _Part(parts[0].rank, columns, value.set_axis(pd.Index(columns["entity"], name="entity")))

    def winners(self, key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the wide frame (``key``, then a column a field) and the provenance of every value in it, by key.

        What lost is forgotten, so that it takes no memory beside the result: add nothing afterwards.
        """
        for field in self._parts:
            self._parts[field] = [self._winners(field)]
        best = {field: won for field, (won,) in self._parts.items()}
        ids = pd.Index(sorted(set().union(*(won.value.index for won in best.values()))), name=key)
        wide = pd.DataFrame({field: won.value.reindex(ids) for field, won in best.items()}, index=ids)
        return wide.reset_index(), _provenance({field: best[field] for field in sorted(best)}, ids)


def _provenance(best: dict[str, _Part], ids: pd.Index) -> pd.DataFrame:
    """Put the origins of all fields, which come in order, under each other; sorted by feature, then field."""
    place = np.concatenate([ids.get_indexer(won.value.index) for won in best.values()])
    order = np.argsort(place, kind="stable")
    sizes = [len(won.value) for won in best.values()]
    fields = pd.Categorical.from_codes(np.repeat(np.arange(len(sizes)), sizes)[order], pd.Index(list(best)))
    long: dict[str, Any] = {str(ids.name): ids.take(place[order]).array, "field": fields}
    for name in ORIGIN[1:]:
        long[name] = np.concatenate([won.columns[name] for won in best.values()])[order]
    return pd.DataFrame({name: pd.Series(column, dtype=_KINDS.get(name)) for name, column in long.items()})
