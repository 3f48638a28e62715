"""Which pairs of rows are worth comparing, and how alike their names are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.process import cdist, cpdist
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from naatlas.harmonize.names import NameTable, normal, take_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

EARTH_KM = 6371.0088

#: A name that stands in brackets, or in front of them, is not as good as the whole.
PART = 0.95

#: Where one name has all words of the other and more, the shared words weigh this much, all words the rest.
SHARED_WORDS = 0.75


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tables, made comparable; arrays in the order of its rows."""

    keys: pd.Index
    names: NameTable
    owner: NDArray[np.object_]
    country: NDArray[np.object_]
    state: NDArray[np.object_]
    sources: NDArray[np.object_]
    capacity_mw: NDArray[np.float64]
    xyz: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.keys)


def side(frame: pd.DataFrame) -> Side:
    """Make a table comparable; columns that it lacks count as missing."""
    blank = pd.Series(pd.NA, index=frame.index, dtype="string")
    told = {
        c: frame[c].astype("string") if c in frame else blank
        for c in ("name", "alt_names", "owner", "country", "state", "energy_source")
    }
    numbers = {c: _numbers(frame, c) for c in ("capacity_mw", "longitude", "latitude")}
    return Side(
        frame.index,
        take_apart(told["name"], told["alt_names"]),
        normal(told["owner"]).to_numpy(dtype=object),
        told["country"].fillna("").to_numpy(dtype=object),
        told["state"].fillna("").to_numpy(dtype=object),
        told["energy_source"].fillna("").to_numpy(dtype=object),
        numbers["capacity_mw"],
        _on_sphere(numbers["longitude"], numbers["latitude"]),
    )


def candidates(
    left: Side, right: Side, *, name_floor: float, near_km: float, place_km: float
) -> pd.DataFrame:
    """List the pairs that a rule could link.

    A pair is listed when both stand in one country and either in one state (or one state is not known) with names at
    least ``name_floor`` alike, or within ``near_km`` with such names, or within ``place_km`` whatever the names.

    Returns
    -------
    pandas.DataFrame
        Positions ``left`` and ``right``, and ``name`` (0 to 100).
    """
    by_name = [_alike(left, right, ours, theirs, name_floor) for ours, theirs in _blocks(left, right)]
    near = _near(left, right, max(near_km, place_km))
    near["name"] = similarity(left.names, right.names, near["left"].to_numpy(), near["right"].to_numpy())
    near = near[(near["name"] >= name_floor) | (near["distance_km"] <= place_km)]
    pairs = pd.concat([*by_name, near[["left", "right", "name"]]], ignore_index=True)
    best: pd.DataFrame = pairs.groupby(["left", "right"])["name"].max().reset_index()
    return best


def distance_km(left: Side, right: Side, pairs: pd.DataFrame) -> NDArray[np.float64]:
    """Great-circle distance of each pair; not a number where a point is missing."""
    chord = np.linalg.norm(left.xyz[pairs["left"].to_numpy()] - right.xyz[pairs["right"].to_numpy()], axis=1)
    km: NDArray[np.float64] = 2.0 * EARTH_KM * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0))
    return km


def similarity(
    left: NameTable, right: NameTable, ours: NDArray[np.int64], theirs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Likeness (0 to 100) of the names of given pairs: the best over their variants."""
    pairs = pd.DataFrame({"left": ours, "right": theirs, "pair": np.arange(len(ours))})
    crossed = pairs.merge(left.variants, left_on="left", right_on="position").merge(
        right.variants, left_on="right", right_on="position", suffixes=("_left", "_right")
    )
    found = _likeness(crossed["core_left"].tolist(), crossed["core_right"].tolist())
    found = found * _part_factor(crossed["part_left"].to_numpy(), crossed["part_right"].to_numpy())
    best = pd.Series(found).groupby(crossed["pair"].to_numpy()).max()
    return np.asarray(best.reindex(range(len(ours)), fill_value=0.0), dtype=np.float64)


def _likeness(ours: list[str], theirs: list[str]) -> NDArray[np.float64]:
    """Best of three ways to compare: words in any order, shared words, letters without blanks."""
    ordered, shared = (cpdist(ours, theirs, scorer=s) for s in (fuzz.token_sort_ratio, fuzz.token_set_ratio))
    tight = cpdist(_tight(ours), _tight(theirs), scorer=fuzz.ratio)
    subset = SHARED_WORDS * shared + (1.0 - SHARED_WORDS) * ordered
    return np.asarray(np.maximum(np.maximum(ordered, subset), tight), dtype=np.float64)


def _tight(names: list[str]) -> list[str]:
    return [name.replace(" ", "") for name in names]


def _part_factor(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(ours, PART, 1.0) * np.where(theirs, PART, 1.0)


def _blocks(left: Side, right: Side) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to compare by name: those of one country and state, and those whose state is not known with all."""
    for country in sorted(set(left.country) & set(right.country)):
        ours, theirs = left.country == country, right.country == country
        for state in sorted((set(left.state[ours]) & set(right.state[theirs])) - {""}):
            yield (
                np.flatnonzero(ours & (left.state == state)),
                np.flatnonzero(theirs & (right.state == state)),
            )
        yield np.flatnonzero(ours & (left.state == "")), np.flatnonzero(theirs)
        yield np.flatnonzero(ours & (left.state != "")), np.flatnonzero(theirs & (right.state == ""))


def _alike(
    left: Side, right: Side, ours: NDArray[np.int64], theirs: NDArray[np.int64], floor: float
) -> pd.DataFrame:
    a = left.names.variants[left.names.variants["position"].isin(ours)]
    b = right.names.variants[right.names.variants["position"].isin(theirs)]
    if a.empty or b.empty:
        return pd.DataFrame(
            {
                "left": pd.Series(dtype="int64"),
                "right": pd.Series(dtype="int64"),
                "name": pd.Series(dtype="float64"),
            }
        )
    i, j = _worth_comparing(a["core"].tolist(), b["core"].tolist(), floor)
    a, b = a.iloc[i], b.iloc[j]
    found = _likeness(a["core"].tolist(), b["core"].tolist())
    found = found * _part_factor(a["part"].to_numpy(), b["part"].to_numpy())
    pairs = pd.DataFrame({"left": a["position"].to_numpy(), "right": b["position"].to_numpy(), "name": found})
    return pairs[pairs["name"] >= floor]


def _worth_comparing(
    ours: list[str], theirs: list[str], floor: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of pairs that share a word, or nearly all letters; comparing all with all would take minutes."""
    tokens = pd.Series([*ours, *theirs]).str.split().explode()
    words = pd.factorize(tokens)[0]
    shape = (len(ours) + len(theirs), words.max() + 1)
    used = csr_array((np.ones(len(words), dtype=np.int32), (tokens.index.to_numpy(), words)), shape=shape)
    shared = coo_array(used[: len(ours)] @ used[len(ours) :].T)
    letters = cdist(_tight(ours), _tight(theirs), scorer=fuzz.ratio, score_cutoff=floor, dtype=np.uint8)
    i, j = np.nonzero(letters)
    flat = np.union1d(shared.row * len(theirs) + shared.col, i * len(theirs) + j)
    return flat // len(theirs), flat % len(theirs)


def _near(left: Side, right: Side, radius_km: float) -> pd.DataFrame:
    """Pairs of one country within a distance."""
    ours, theirs = (np.flatnonzero(np.isfinite(s.xyz[:, 0])) for s in (left, right))
    if not len(ours) or not len(theirs):
        return pd.DataFrame({"left": ours[:0], "right": theirs[:0], "distance_km": np.zeros(0)})
    radius = 2.0 * np.sin(min(radius_km / EARTH_KM, np.pi) / 2.0)
    found = cKDTree(left.xyz[ours]).sparse_distance_matrix(
        cKDTree(right.xyz[theirs]), radius, output_type="ndarray"
    )
    i, j = ours[found["i"]], theirs[found["j"]]
    km = 2.0 * EARTH_KM * np.arcsin(np.clip(found["v"] / 2.0, 0.0, 1.0))
    same = left.country[i] == right.country[j]
    return pd.DataFrame({"left": i[same], "right": j[same], "distance_km": km[same]})


def _numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in frame:
        return np.full(len(frame), np.nan)
    return np.array(pd.to_numeric(frame[column]).astype("float64"), dtype=np.float64)


def _on_sphere(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = np.radians(lon), np.radians(lat)
    points: NDArray[np.float64] = np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)]).T
    return points
