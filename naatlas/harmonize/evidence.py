"""What speaks for and against two rows being one plant, as a score from 0 to 100 and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from naatlas.harmonize.candidates import Side, distance_km
from naatlas.harmonize.name_words import PROCESSES
from naatlas.harmonize.names import relation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.harmonize.linkage import LinkRules

#: Atlas energy source -> class; a plant does not change from one class to another. A battery says nothing of the
#: plant that it stands beside.
CLASS = {
    "coal": "combustion", "natural_gas": "combustion", "petroleum": "combustion", "biomass": "combustion",
    "hydroelectric": "hydro", "pumped_storage": "hydro", "tidal": "hydro", "nuclear": "nuclear", "solar": "solar",
    "wind": "wind", "geothermal": "geothermal", "combustion": "combustion",
}  # fmt: skip

_TECHNOLOGY = {"pumped": "hydro", "thermal": "combustion", **dict.fromkeys(PROCESSES, "combustion")}

#: Points that unit numbers on one side only cost, that overlapping ones cost, and that another process costs.
ONE_SIDED, OVERLAPPING, OTHER_PROCESS = 5.0, 5.0, 15.0

#: Weight of name, place, capacity, source and owner when the name leads, and when the place does.
BY_NAME = (0.56, 0.21, 0.11, 0.07, 0.05)
BY_PLACE = (0.20, 0.40, 0.25, 0.08, 0.07)

#: Points that part two candidates of nearly one score: the name letter by letter; a process named on one side only.
ALIKE, ONE_PROCESS = 3.0, 2.0

#: Cost of standing in different states: border plants do, but two rows of one dam may be its two halves.
OTHER_STATE = 6.0

#: Relation of two sets of unit numbers that share some.
OVERLAP = 0.5

#: Cost where one burns biomass and the other not: a landfill's engines often bear the name of the plant nearby.
OTHER_FUEL = 6.0

#: Share of the larger capacity from which two plants without points are of one size, and what falling short costs.
SAME_SIZE, OTHER_SIZE = 0.8, 40.0

#: Score of evidence that one side does not give.
UNKNOWN = 65.0


def evidence(left: Side, right: Side, pairs: pd.DataFrame, rules: LinkRules) -> pd.DataFrame:
    """Add to each pair its distance, relations, score (0 is a veto), and the rank that parts equal scores.

    Parameters
    ----------
    pairs
        Positions ``left`` and ``right``, and ``name``.
    """
    i, j = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    told = pairs.assign(
        distance_km=distance_km(left, right, pairs),
        marks=relation(left.names.marks.to_numpy()[i], right.names.marks.to_numpy()[j]),
        process=relation(_processes(left)[i], _processes(right)[j]),
        source=relation(_made_from(left)[i], _made_from(right)[j]),
        grown=_grown(left, right, i, j),
        exact=(_first(left)[i] == _first(right)[j]) & (_first(left)[i] != ""),
        capacity=_ratio(left.capacity_mw[i], right.capacity_mw[j]),
        owner=_owners(left.owner[i], right.owner[j]),
        moved=(left.state[i] != right.state[j]) & (left.state[i] != "") & (right.state[j] != ""),
    )
    alike = left.names.letters.to_numpy()[i] == right.names.letters.to_numpy()[j]
    told["score"] = np.where(_vetoed(told, rules), 0.0, np.clip(_score(told, rules), 0.0, 100.0).round(1))
    told["rank"] = told["score"] + ALIKE * alike - ONE_PROCESS * _on_one_side(left, right, i, j)
    return told


def _vetoed(told: pd.DataFrame, rules: LinkRules) -> pd.Series:
    far = told["distance_km"] > rules.limit_km
    numbers = told["marks"] < 0
    sources = told["source"] < 0
    return far | numbers | (sources & rules.source_veto)


def _score(told: pd.DataFrame, rules: LinkRules) -> pd.Series:
    name = told["name"]
    source = _source_score(told)
    slack = (1.0 - told["capacity"] - rules.capacity_tolerance).clip(lower=0.0)
    owner = told["owner"].clip(lower=UNKNOWN)  # another owner says nothing: plants are sold
    rough, close = (100.0 - 160.0 * slack).clip(lower=0.0), (100.0 - 400.0 * slack).clip(lower=0.0)
    lead_name = _weigh(BY_NAME, name, _decay(told, rules.scale_km), rough, source, owner)
    lead_place = _weigh(BY_PLACE, name, _decay(told, rules.place_km / 2.0), close, source, owner)
    best = pd.Series(np.maximum(lead_name, lead_place), index=told.index)
    return (
        best - OTHER_STATE * told["moved"] - _size_cost(told) - _mark_cost(told) - OTHER_FUEL * told["grown"]
    )


def _size_cost(told: pd.DataFrame) -> pd.Series:
    """Where no point confirms a name, another size speaks against it: many a bakery is called after its town."""
    short = (SAME_SIZE - told["capacity"]).clip(lower=0.0).fillna(0.0)
    return OTHER_SIZE * short.where(told["distance_km"].isna(), 0.0)


def _weigh(weights: tuple[float, ...], *scores: pd.Series) -> pd.Series:
    parts = [w * s.fillna(UNKNOWN) for w, s in zip(weights, scores, strict=True)]
    return sum(parts[1:], parts[0])


def _mark_cost(told: pd.DataFrame) -> pd.Series:
    """Count what unit numbers on one side only, overlapping ones, and another process cost."""
    return told["marks"].map({1.0: 0.0, 0.0: ONE_SIDED, OVERLAP: OVERLAPPING}) + OTHER_PROCESS * (
        told["process"] < 0.0
    )


def _source_score(told: pd.DataFrame) -> pd.Series:
    score = told["source"].map({1.0: 70.0, 0.5: 60.0, 0.0: np.nan, -1.0: 0.0})
    return score.mask(told["exact"], 100.0)


def _decay(told: pd.DataFrame, half_km: float) -> pd.Series:
    return 100.0 * 0.5 ** (told["distance_km"] / half_km)


def _ratio(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smaller over larger; not a number where one is not known or nothing."""
    ours, theirs = np.where(ours > 0, ours, np.nan), np.where(theirs > 0, theirs, np.nan)
    return np.minimum(ours, theirs) / np.maximum(ours, theirs)


def _owners(ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> NDArray[np.float64]:
    found = cpdist(ours.tolist(), theirs.tolist(), scorer=fuzz.token_set_ratio).astype("float64")
    return np.where((ours == "") | (theirs == ""), np.nan, found)


def _made_from(side: Side) -> NDArray[np.object_]:
    """Classes of a plant's energy sources; where the register says nothing, those that its name tells."""
    told = {text: _class(text) for text in {*side.sources, *side.names.technology}}
    known = pd.Series(side.sources).map(told)
    return known.mask(known == "", side.names.technology.map(told).to_numpy()).to_numpy(dtype=object)


def _grown(left: Side, right: Side, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether one plant burns what grows or rots and the other something else, with no source in common."""
    ours, theirs = _first(left)[i], _first(right)[j]
    one = (ours == "biomass") != (theirs == "biomass")
    apart = relation(*(pd.Series(s).str.replace(";", " ") for s in (left.sources[i], right.sources[j]))) < 0.0
    return np.asarray(one & apart & (ours != "combustion") & (theirs != "combustion"), dtype=bool)


def _first(side: Side) -> NDArray[np.object_]:
    """Primary energy source of each row."""
    return pd.Series(side.sources).str.split(";").str[0].to_numpy(dtype=object)


def _processes(side: Side) -> NDArray[np.object_]:
    told = {text: " ".join(t for t in text.split() if t in PROCESSES) for text in set(side.names.technology)}
    return side.names.technology.map(told).to_numpy(dtype=object)


def _on_one_side(left: Side, right: Side, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.bool_]:
    ours, theirs = _processes(left)[i], _processes(right)[j]
    return np.asarray((ours == "") != (theirs == ""), dtype=bool)


def _class(text: str) -> str:
    """Classes of energy sources or technology words; ``other`` says nothing."""
    codes = text.replace(";", " ").split()
    found = {CLASS.get(c) or _TECHNOLOGY.get(c) or ("" if c in {"other", "battery"} else c) for c in codes}
    return " ".join(sorted(found - {""}))


def reasons(left: Side, right: Side, pairs: pd.DataFrame) -> pd.Series:
    """Say for each pair what was found: ``name 96, 0.4 km, 100.0 of 101.0 MW, wind = wind``."""
    told = pairs[pairs["decision"] != ""]
    i, j = told["left"].to_numpy(), told["right"].to_numpy()
    parts = [
        "name " + told["name"].round().astype("int64").astype("str"),
        _said(told["distance_km"], ", {:.1f} km", ", distance not known"),
        [_megawatts(a, b) for a, b in zip(left.capacity_mw[i], right.capacity_mw[j], strict=True)],
        [_fuels(a, b) for a, b in zip(left.sources[i], right.sources[j], strict=True)],
        _said(told["owner"], ", owner {:.0f}", ""),
        [", unit numbers overlap" if mark == OVERLAP else "" for mark in told["marks"]],
    ]
    texts = ["".join(words) for words in zip(*parts, strict=True)]
    return pd.Series(texts, index=told.index, dtype="str").reindex(pairs.index, fill_value="")


def _said(values: pd.Series, text: str, missing: str) -> list[str]:
    return [missing if np.isnan(v) else text.format(v) for v in values.to_numpy(dtype="float64")]


def _megawatts(ours: float, theirs: float) -> str:
    if np.isnan(ours) or np.isnan(theirs):
        return ", MW not known"
    return f", {min(ours, theirs):.1f} of {max(ours, theirs):.1f} MW"


def _fuels(ours: str, theirs: str) -> str:
    one, other = ours.partition(";")[0], theirs.partition(";")[0]
    return f", {one} {'=' if one == other else '~'} {other}" if one and other else ""
