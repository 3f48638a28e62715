"""Record linkage: which rows of two registers are the same plant, with a score and the reason in words.

Nothing is guessed: a pair is linked when it scores well and no other comes near it, or when a person decided so
(``crosswalks/links_<name>.csv``). Everything else is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from naatlas.errors import LinkageError
from naatlas.harmonize.candidates import Side, candidates, side
from naatlas.harmonize.evidence import evidence, reasons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.harmonize.overrides import Overrides

LINKED, AMBIGUOUS, BELOW = "linked", "ambiguous", "below threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """What counts as the same plant between two registers.

    Attributes
    ----------
    threshold
        Score (0 to 100) from which a pair may be linked.
    margin
        Points by which a pair must beat every rival that is not linked better itself.
    name_floor
        Pairs with less alike names are compared only within ``place_km``.
    scale_km
        Distance at which the evidence of place halves.
    limit_km
        Farther apart is not the same plant.
    place_km
        Within this distance equal capacity and source speak even when the name changed.
    capacity_tolerance
        Share by which two capacities may differ and still count as equal.
    source_veto
        Refuse pairs whose energy sources share no class (wind, solar, hydro, nuclear, geothermal, combustion).
    """

    threshold: float = 75.0
    margin: float = 4.0
    name_floor: float = 60.0
    scale_km: float = 5.0
    limit_km: float = 50.0
    place_km: float = 1.0
    capacity_tolerance: float = 0.02
    source_veto: bool = True


@dataclass(frozen=True, slots=True)
class Links:
    """What linkage found.

    Attributes
    ----------
    pairs
        ``left``, ``right`` (index labels), ``score``, ``reason``, ``decision`` (linked, ambiguous, below threshold);
        each row of either side is in at most one linked pair, unless an override declares more.
    unmatched_left, unmatched_right
        Rows that are in no linked pair: ``name``, ``capacity_mw``, ``decision`` of their best pair (empty: none).
    """

    pairs: pd.DataFrame
    unmatched_left: pd.DataFrame
    unmatched_right: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Pairs by decision."""
        return {str(k): int(n) for k, n in self.pairs["decision"].value_counts().items()}

    @property
    def linked(self) -> pd.DataFrame:
        """The linked pairs: left, right, score, reason."""
        return self.pairs.loc[
            self.pairs["decision"] == LINKED, ["left", "right", "score", "reason"]
        ].reset_index(drop=True)


def link(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    rules: LinkRules | None = None,
    overrides: Overrides | None = None,
    partial: bool = False,
) -> Links:
    """Link the rows of two registers.

    Parameters
    ----------
    left, right
        One row a plant; the index is what the result speaks of and must be unique. Columns, any may be missing:
        ``key`` (text that overrides name a row by; else the index), ``name``, ``alt_names`` (separated by ``|``),
        ``owner``, ``country``, ``state``, ``energy_source`` (atlas codes, the primary one first, separated by
        ``;``), ``capacity_mw``, ``longitude``, ``latitude`` (degrees).
    partial
        The inputs are known to be a selection, such as the starter rows: decisions about other rows are skipped.

    Raises
    ------
    LinkageError
        An index label repeats, or an override names a row that is not there.
    """
    rules = rules or LinkRules()
    ours, theirs = _checked(left, "left"), _checked(right, "right")
    same, different = _decided(left, right, overrides, partial=partial)
    pairs = candidates(
        ours, theirs, name_floor=rules.name_floor, near_km=rules.limit_km, place_km=rules.place_km
    )
    pairs = _without(pairs, same, different)
    pairs = evidence(ours, theirs, pairs, rules)
    pairs["decision"] = _decide(pairs, rules)
    pairs["reason"] = reasons(ours, theirs, pairs)
    told = pd.concat([same, pairs[pairs["decision"] != ""]], ignore_index=True)
    told = told.sort_values(["left", "right"], ignore_index=True)
    return _links(told, left, right)


def _checked(frame: pd.DataFrame, which: str) -> Side:
    if not frame.index.is_unique:
        raise LinkageError(
            f"linkage: labels of the {which} table repeat, such as {frame.index[frame.index.duplicated()][0]!r}"
        )
    return side(frame)


def _decided(
    left: pd.DataFrame, right: pd.DataFrame, overrides: Overrides | None, *, partial: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Positions of the pairs that a person decided: the same, and different."""
    columns = ["left", "right", "decision", "reason"]
    if overrides is None:
        empty = pd.DataFrame(
            {c: pd.Series(dtype="int64" if c in {"left", "right"} else "str") for c in columns}
        )
        return empty.assign(score=np.nan), empty
    ours, theirs = _keys(left), _keys(right)
    overrides = overrides.within(ours.index, theirs.index) if partial else overrides
    overrides.check(ours.index, theirs.index)
    rows = [
        (_one(ours, o.left_key), _one(theirs, o.right_key), o.decision, o.reason) for o in overrides.lines
    ]
    # Without any decision the columns would have no type.
    table = pd.DataFrame(rows, columns=columns).astype({"left": "int64", "right": "int64"})
    same = table[table["decision"] == "same"].assign(decision=LINKED, score=np.nan)
    return same, table[table["decision"] == "different"]


def _keys(frame: pd.DataFrame) -> pd.Series:
    text = frame["key"].astype("str") if "key" in frame else frame.index.astype("str")
    return pd.Series(np.arange(len(frame)), index=pd.Index(text))


def _one(keys: pd.Series, key: str) -> int:
    found = np.atleast_1d(keys.loc[key])
    if len(found) > 1:
        raise LinkageError(f"linkage: the key {key!r} stands for {len(found)} rows; make it longer")
    return int(found[0])


def _without(pairs: pd.DataFrame, same: pd.DataFrame, different: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows that a person linked, and pairs that a person parted."""
    free = ~pairs["left"].isin(same["left"]) & ~pairs["right"].isin(same["right"])
    parted = pd.MultiIndex.from_frame(different[["left", "right"]])
    return pairs[free & ~pd.MultiIndex.from_frame(pairs[["left", "right"]]).isin(parted)].reset_index(
        drop=True
    )


def _decide(pairs: pd.DataFrame, rules: LinkRules) -> NDArray[np.object_]:
    """Decide on each candidate; an empty text where another pair is plainly better."""
    decision = np.full(len(pairs), "", dtype=object)
    good = np.flatnonzero(pairs["score"].to_numpy() >= rules.threshold)
    chosen = good[_assign(pairs.iloc[good])]
    doubtful, rivals = _doubtful(pairs, good, chosen, rules.margin)
    decision[chosen] = LINKED
    decision[doubtful] = AMBIGUOUS
    decision[rivals] = AMBIGUOUS
    decision[_best_of_the_rest(pairs, good)] = BELOW
    return decision


def _assign(pairs: pd.DataFrame) -> NDArray[np.int64]:
    """Choose pairs one to one so that the sum of scores is largest, group by group of rows that touch."""
    if pairs.empty:
        return np.zeros(0, dtype="int64")
    a, ours = np.unique(pairs["left"].to_numpy(), return_inverse=True)
    b, theirs = np.unique(pairs["right"].to_numpy(), return_inverse=True)
    size = len(a) + len(b)
    graph = coo_array((np.ones(len(pairs)), (ours, theirs + len(a))), shape=(size, size))
    group = connected_components(graph, directed=False)[1][ours]
    members = pd.Series(np.arange(len(pairs))).groupby(group)
    scores = pairs["rank"].to_numpy()
    parts = [_best(rows.to_numpy(), ours, theirs, scores) for _, rows in members]
    return np.sort(np.concatenate(parts))


def _best(
    rows: NDArray[np.int64], ours: NDArray[np.int64], theirs: NDArray[np.int64], scores: NDArray[np.float64]
) -> NDArray[np.int64]:
    if len(rows) == 1:
        return rows
    a, i = np.unique(ours[rows], return_inverse=True)
    b, j = np.unique(theirs[rows], return_inverse=True)
    gain = np.zeros((len(a), len(b)))
    which = np.full((len(a), len(b)), -1)
    # Squared, so that one sure pair outweighs two middling ones that would break it up.
    gain[i, j] = scores[rows] ** 2
    which[i, j] = rows
    found = which[linear_sum_assignment(gain, maximize=True)]
    return found[found >= 0]


def _doubtful(
    pairs: pd.DataFrame, good: NDArray[np.int64], chosen: NDArray[np.int64], margin: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find chosen pairs that a rival comes near to, and those rivals.

    A rival shares a row with the chosen pair and scores within the margin. Where its other row is linked too, the
    rival would break up both pairs: it counts only when what both lose together is within the margin.
    """
    scores = pairs["rank"]
    taken = {
        s: pd.Series(scores.iloc[chosen].to_numpy(), index=pairs[s].iloc[chosen].to_numpy())
        for s in ("left", "right")
    }
    rows = {s: pd.Series(chosen, index=pairs[s].iloc[chosen].to_numpy()) for s in ("left", "right")}
    others = pairs.iloc[np.setdiff1d(good, chosen)]
    hit: list[NDArray[np.int64]] = []
    rivals: list[NDArray[np.int64]] = []
    for mine, other in (("left", "right"), ("right", "left")):
        best = others[mine].map(taken[mine])
        elsewhere = others[other].map(taken[other])
        lost = (best - others["rank"]) + (elsewhere - others["rank"]).clip(lower=0.0).fillna(0.0)
        near = best.notna() & (lost < margin)
        hit.append(rows[mine].reindex(others.loc[near, mine]).to_numpy(dtype="int64"))
        rivals.append(others.index[near].to_numpy())
    return np.unique(np.concatenate(hit)), np.unique(np.concatenate(rivals))


def _best_of_the_rest(pairs: pd.DataFrame, good: NDArray[np.int64]) -> NDArray[np.int64]:
    """Best pair below the threshold of each row that has none above it."""
    above = pairs.iloc[good]
    rest = pairs[~pairs.index.isin(good)]
    rest = rest[
        (rest["score"] > 0.0) & ~(rest["left"].isin(above["left"]) | rest["right"].isin(above["right"]))
    ]
    tops = [rest.groupby(s)["score"].idxmax().to_numpy(dtype="int64") for s in ("left", "right")]
    return np.unique(np.concatenate(tops))


def _links(told: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame) -> Links:
    pairs = told.assign(left=left.index[told["left"]], right=right.index[told["right"]])
    pairs = pairs[["left", "right", "score", "reason", "decision"]].reset_index(drop=True)
    return Links(pairs, _unmatched(left, told, "left"), _unmatched(right, told, "right"))


def _unmatched(frame: pd.DataFrame, told: pd.DataFrame, which: str) -> pd.DataFrame:
    free = np.setdiff1d(np.arange(len(frame)), told.loc[told["decision"] == LINKED, which])
    best = told.drop_duplicates(which).set_index(which)["decision"]
    columns = {c: frame[c].iloc[free] if c in frame else pd.NA for c in ("name", "capacity_mw")}
    return pd.DataFrame(columns, index=frame.index[free]).assign(
        decision=best.reindex(free).fillna("").to_numpy()
    )
