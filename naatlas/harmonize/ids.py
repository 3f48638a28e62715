"""Stable ids: the same plant keeps its id from edition to edition."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.errors import LinkageError
from naatlas.harmonize.candidates import candidates, side
from naatlas.harmonize.evidence import evidence
from naatlas.harmonize.linkage import LinkRules, link

if TYPE_CHECKING:
    from naatlas.harmonize.linkage import Links

_LENGTH = 8

#: Ids that another agency gave: they never change hands.
_FIXED = r"USA-\d+"

#: From one edition to the next a plant may be renamed, uprated, or placed better.
HAND_OVER = LinkRules(threshold=80.0, margin=5.0, limit_km=30.0)

#: Parts of a plant that was split: near, of its name, and together about its capacity.
_SPLIT_KM, _SPLIT_NAME, _SPLIT_SHARE = 10.0, 90.0, 0.10


def stable_id(country: str, name: str, state: str, lon: float, lat: float) -> str:
    """Make an id from what seldom changes: ``CAN-2kq7zd4m``.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-3.
    lon, lat
        Degrees, rounded to 0.01 (about 1 km) so that a better survey does not make a new plant.
    """
    return _hashed(country, _basis(country, name, state, lon, lat))


def stable_ids(
    country: pd.Series, name: pd.Series, state: pd.Series, lon: pd.Series, lat: pd.Series
) -> pd.Series:
    """Make the ids of a table; plants of one name within 0.01 degree get ids of their own, west to east.

    Raises
    ------
    LinkageError
        Two different plants come to one id.
    """
    parts = zip(country, name, state, lon, lat, strict=True)
    basis = pd.Series([_basis(*part) for part in parts], index=country.index, dtype="str")
    order = np.lexsort((np.arange(len(basis)), lat.to_numpy(), lon.to_numpy()))
    nth = (
        basis.iloc[order].groupby(basis.iloc[order]).cumcount().sort_index(kind="stable").reindex(basis.index)
    )
    told = basis.where(nth == 0, basis + "|" + nth.astype("str"))
    ids = pd.Series(
        [_hashed(c, b) for c, b in zip(country, told, strict=True)], index=country.index, dtype="str"
    )
    if (twice := ids.duplicated()).any():
        raise LinkageError(
            f"ids: {ids[twice].iloc[0]} stands for two plants, {' and '.join(told[ids == ids[twice].iloc[0]])}"
        )
    return ids


def _basis(country: str, name: str, state: str, lon: float, lat: float) -> str:
    # Its own folding, not names.normal: better linkage must never change an id that was published.
    letters = unicodedata.normalize("NFKD", str(name).casefold())
    folded = re.sub(r"[^0-9a-z]", "", letters)
    return f"{country}|{folded}|{state}|{round(float(lon) * 100)}|{round(float(lat) * 100)}"


def _hashed(country: str, basis: str) -> str:
    digest = hashlib.sha256(basis.encode()).digest()
    return f"{country}-{base64.b32encode(digest).decode().lower()[:_LENGTH]}"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Ids handed from one edition to the next.

    Attributes
    ----------
    ids
        Provisional id -> id to publish, one entry a current plant.
    report
        ``atlas_id``, ``fate`` (kept, new, ended, split), ``name``, ``capacity_mw``, ``score``, ``reason``; one row a
        current plant, and one a previous plant whose id is not used any more.
    """

    ids: pd.Series
    report: pd.DataFrame


def hand_over(previous: pd.DataFrame, current: pd.DataFrame) -> HandOver:
    """Hand the ids of an earlier edition to the plants that are the same.

    An id that stands in both is kept. Of the rest only what links clearly takes over an id; an unlinked row never
    takes another's. US plants keep EIA's codes and are never linked.

    Parameters
    ----------
    previous, current
        Indexed by id, with name, owner, country, state, energy_source, capacity_mw, longitude, latitude.

    Raises
    ------
    LinkageError
        An id repeats in either table.
    """
    both = current.index.intersection(previous.index)
    old, new = (_loose(frame.drop(index=both)) for frame in (previous, current))
    links = link(old, new, rules=HAND_OVER)
    ids = pd.Series(current.index, index=current.index, dtype="str")
    ids[links.linked["right"].to_numpy()] = links.linked["left"].to_numpy()
    split = _split(old.loc[links.unmatched_left.index], new.loc[links.unmatched_right.index])
    return HandOver(ids, _report(previous, current, ids, links, split))


def _loose(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame.index.astype("str").str.fullmatch(_FIXED)]


def _split(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, list[str]]:
    """Previous plants whose capacity now stands in two or more new plants beside them."""
    ours, theirs = side(old), side(new)
    pairs = candidates(ours, theirs, name_floor=_SPLIT_NAME, near_km=_SPLIT_KM, place_km=0.0)
    pairs = evidence(ours, theirs, pairs, LinkRules(limit_km=_SPLIT_KM))
    pairs = pairs[pairs["score"] > 0.0]
    part_mw = pd.Series(theirs.capacity_mw[pairs["right"]], index=pairs.index)
    whole_mw = pd.Series(ours.capacity_mw, index=range(len(ours)))
    told = pd.DataFrame({"mw": part_mw.groupby(pairs["left"]).sum(), "parts": pairs.groupby("left").size()})
    close = (told["mw"] - whole_mw.reindex(told.index)).abs() <= _SPLIT_SHARE * whole_mw.reindex(told.index)
    groups = pairs[pairs["left"].isin(told.index[close & (told["parts"] > 1)])].groupby("left")["right"]
    before, after = old.index.to_numpy(), new.index.to_numpy()
    return {str(before[int(str(i))]): [str(k) for k in after[rows.to_numpy()]] for i, rows in groups}


def _report(
    previous: pd.DataFrame, current: pd.DataFrame, ids: pd.Series, links: Links, split: dict[str, list[str]]
) -> pd.DataFrame:
    told = current[["name", "capacity_mw"]].assign(atlas_id=ids)
    told["fate"] = np.where(told["atlas_id"].isin(previous.index), "kept", "new")
    by_right = links.linked.set_index("right")[["score", "reason"]]
    told = told.join(by_right)
    part_of = {part: whole for whole, parts in split.items() for part in parts}
    split_off = told.index.to_series().map(part_of)
    told["reason"] = told["reason"].astype("string").fillna("part of what was " + split_off.astype("string"))
    gone = previous[~previous.index.isin(ids)][["name", "capacity_mw"]]
    gone = gone.assign(atlas_id=gone.index, fate=["split" if i in split else "ended" for i in gone.index])
    gone["reason"] = gone.index.to_series().map({i: "now " + ", ".join(p) for i, p in split.items()})
    table = pd.concat([told, gone], ignore_index=True)
    table["reason"] = table["reason"].fillna("")
    columns = ["atlas_id", "fate", "name", "capacity_mw", "score", "reason"]
    report: pd.DataFrame = table[columns].sort_values("atlas_id", ignore_index=True)
    return report
