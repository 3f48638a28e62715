"""Sums of partitions, added to each other in whatever order they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from naatlas.register import quantities
from naatlas.register.partial import SUMS
from naatlas.register.schema import PARTITIONS, QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from naatlas.register.partial import Partial, Request

    Whole = NDArray[np.int64]

#: Never in the text of a register: they part, and stand for missing, where several columns become one label.
_BETWEEN, _MISSING = "\x1f", "\x00"

#: Possible pairs of group and facility of a country that are kept as one byte each.
_DENSE = 2**26


class _Members:
    """Which facilities of a country are in which group; a facility belongs to one country.

    One byte a possible pair where these fit into ``_DENSE``; beyond that the pairs that occur, as one number each.
    """

    def __init__(self) -> None:
        self._facilities: pa.StringArray = pa.array([], pa.string())
        self._marks = np.zeros((0, 0), dtype=np.bool_)
        self._pairs: Whole | None = None
        self._waiting: list[Whole] = []

    def add(self, groups: Whole, count: int, members: NDArray[np.int32], facilities: pa.StringArray) -> None:
        """Take pairs: numbers of groups, of which there are ``count``, and places in ``facilities``."""
        self._facilities, at = _known(self._facilities, facilities)
        if self._pairs is None and count * len(self._facilities) > _DENSE:
            group, facility = np.nonzero(self._marks)
            self._pairs, self._marks = (group << 32) | facility, self._marks[:0]
        if self._pairs is None:
            self._marks = _grown(self._marks, count, len(self._facilities))
            self._marks[groups, at[members]] = True
            return
        self._waiting.append((groups << 32) | at[members])
        # Each pair is looked at a few times only if as many wait as are known.
        if sum(map(len, self._waiting)) > max(len(self._pairs), _DENSE // 64):
            self._pairs, self._waiting = pd.unique(np.concatenate([self._pairs, *self._waiting])), []

    def count(self, groups: int) -> Whole:
        """Return the number of facilities of each group."""
        if self._pairs is None:
            marks = self._marks[:groups]
            return np.pad(marks.sum(axis=1), (0, groups - len(marks)))
        pairs = pd.unique(np.concatenate([self._pairs, *self._waiting]))
        return np.bincount(pairs >> 32, minlength=groups)


def _grown(marks: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    """Make room for more groups and facilities, with some to spare."""
    if rows <= marks.shape[0] and columns <= marks.shape[1]:
        return marks
    shape = [
        max(wanted + wanted // 4, there) for wanted, there in zip((rows, columns), marks.shape, strict=True)
    ]
    told = np.zeros(shape, dtype=np.bool_)
    told[: marks.shape[0], : marks.shape[1]] = marks
    return told


def _known(known: pa.StringArray, names: pa.StringArray) -> tuple[pa.StringArray, Whole]:
    """Give each name its place in a list that grows by those that are new."""
    at = pc.index_in(names, value_set=known)
    new = names.filter(pc.is_null(at))
    places = at.fill_null(0).to_numpy().astype(np.int64)
    places[at.is_null().to_numpy(zero_copy_only=False)] = len(known) + np.arange(len(new))
    return (pa.concat_arrays([known, new]) if len(new) else known), places


class _Home:
    """Groups of one country, one year or both, where the sums are asked by them: groups of two homes never meet."""

    def __init__(self) -> None:
        self._labels: pa.StringArray = pa.array([], pa.string())
        self._keys: list[pa.Table] = []
        self._sums = np.zeros((0, len(SUMS)), dtype=np.int64)
        self._members: dict[str, _Members] = {}

    def add(self, told: Partial) -> None:
        size = len(self._labels)
        self._labels, places = _known(self._labels, _label(told))
        new = told.keys.filter(pa.array(places >= size)) if told.keys.num_columns else told.keys
        self._keys.append(new)
        self._sums = np.pad(self._sums, ((0, len(self._labels) - size), (0, 0)))
        quantities.guard(self._sums, told.sums)
        self._sums[places] += told.sums
        groups, members = told.members
        if len(groups):
            home = self._members.setdefault(told.country, _Members())
            home.add(places[groups], len(self._labels), members, told.facilities)

    def result(self) -> tuple[pa.Table, Whole]:
        """Return the keys, and the sums beside them."""
        sums = self._sums.copy()
        for members in self._members.values():
            sums[:, 0] += members.count(len(sums))
        return pa.concat_tables(self._keys), sums


class Merger:
    """Adds the sums of partitions to each other, in any order."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._homes: dict[tuple[object, ...], _Home] = {}

    def add(self, told: Partial) -> None:
        """Take the sums of a partition."""
        key = tuple(getattr(told, name) for name in PARTITIONS if name in self._request.by)
        self._homes.setdefault(key, _Home()).add(told)

    def result(self, *, exact: bool) -> pd.DataFrame:
        """Give the sums, as :func:`naatlas.register.aggregate` does."""
        by = list(self._request.by)
        found = [home.result() for home in self._homes.values()]
        keys = (
            pa.concat_tables([told[0] for told in found]).to_pandas() if found else pd.DataFrame(columns=by)
        )
        table = np.concatenate([np.zeros((0, len(SUMS)), dtype=np.int64), *(told[1] for told in found)])
        keys = keys.reindex(pd.RangeIndex(len(table)))  # a frame without columns has lost its rows
        frame = _told(keys, dict(zip(SUMS, table.T, strict=True)), exact=exact)
        return frame.sort_values(by, ignore_index=True) if by else frame


def _told(keys: pd.DataFrame, sums: Mapping[str, Whole], *, exact: bool) -> pd.DataFrame:
    """Make numbers of the sums; what no line tells is missing."""
    frame = keys.assign(facilities=sums["facilities"], lines=sums["lines"])
    join = quantities.decimals if exact else quantities.join
    for name in QUANTITIES:
        total = pd.Series(join(sums[f"{name}_whole"], sums[f"{name}_parts"]), index=frame.index)
        frame[name] = total.where(sums[f"{name}_told"] > 0)
    return frame


def _label(told: Partial) -> pa.StringArray:
    """One text a group, from all its keys."""
    if not told.keys.num_columns:  # such a table may have lost its only row on the way
        return pa.array([""] * len(told.sums), pa.string())
    texts = [column.combine_chunks().cast(pa.string()) for column in told.keys.columns]
    return pc.binary_join_element_wise(*texts, _BETWEEN, null_handling="replace", null_replacement=_MISSING)
