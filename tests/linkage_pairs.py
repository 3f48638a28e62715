"""Hand-labelled pairs: read them, link them, and count what was found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize.linkage import link

if TYPE_CHECKING:
    from naatlas.harmonize.linkage import LinkRules, Links
    from naatlas.harmonize.overrides import Overrides

FOLDER = Path(__file__).parent / "linkage"
_COLUMNS = {
    "name": "name", "alt_names": "alt_names", "owner": "owner", "state": "state", "energy_source": "energy_source",
    "mw": "capacity_mw", "longitude": "longitude", "latitude": "latitude",
}  # fmt: skip
_IDENTITY = ["source", "key", "energy_source", "mw"]


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs of one country: right ones linked, wrong ones linked, right ones missed."""

    country: str
    linked: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.linked / (self.linked + self.wrong)

    @property
    def recall(self) -> float:
        return self.linked / (self.linked + self.missed)

    def __str__(self) -> str:
        return (
            f"{self.country}: precision {self.precision:.3f}, recall {self.recall:.3f} "
            f"({self.linked} linked, {self.wrong} wrong, {self.missed} missed)"
        )


def read(country: str) -> pd.DataFrame:
    """Read the pairs of ``can``, ``mex`` or ``usa``, with a label of its own for each row of either side."""
    pairs = pd.read_csv(FOLDER / f"{country}.csv", dtype="str", encoding="utf-8").fillna("")
    for side in ("left", "right"):
        pairs[side] = pairs[[f"{side}_{c}" for c in _IDENTITY]].agg(" | ".join, axis=1)
    return pairs


def rows(pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    """Give the rows of one side as a table for linkage, each once."""
    told = pairs.drop_duplicates(side).set_index(side)
    frame = told[[f"{side}_{c}" for c in _COLUMNS]].rename(
        columns={f"{side}_{c}": n for c, n in _COLUMNS.items()}
    )
    for column in ("capacity_mw", "longitude", "latitude"):
        frame[column] = pd.to_numeric(frame[column].replace("", None))
    return frame.replace("", None).assign(country="one")


def link_pairs(
    pairs: pd.DataFrame, rules: LinkRules | None = None, overrides: Overrides | None = None
) -> Links:
    """Link the labelled rows of one register with nothing but each other to choose from."""
    return link(rows(pairs, "left"), rows(pairs, "right"), rules=rules, overrides=overrides)


def labels(frame: pd.DataFrame) -> pd.Series:
    """Give the rows of a register, indexed ``source:key``, the labels that the pairs use."""
    source = frame.index.str.partition(":").get_level_values(0)
    key = frame.index.str.partition(":").get_level_values(2)
    if "trilateral_key" in frame:
        key = frame["trilateral_key"]
    energy = (
        frame["energy_source"].fillna("") if "energy_source" in frame else pd.Series("", index=frame.index)
    )
    mw = frame["capacity_mw"] if "capacity_mw" in frame else pd.Series(float("nan"), index=frame.index)
    text = ["" if pd.isna(v) else f"{v:.3f}".rstrip("0").rstrip(".") for v in mw]
    parts = zip(source, key, energy, text, strict=True)
    return pd.Series([" | ".join(map(str, p)) for p in parts], index=frame.index)


def judge(country: str, pairs: pd.DataFrame, linked: pd.DataFrame) -> tuple[Found, pd.DataFrame]:
    """Count; a link between labelled rows that nobody called the same is wrong.

    Parameters
    ----------
    linked
        ``left`` and ``right``, labels as in ``pairs``.

    Returns
    -------
    tuple
        The counts, and the pairs that came out otherwise than labelled.
    """
    same = set(map(tuple, pairs.loc[pairs["label"] == "same", ["left", "right"]].to_numpy()))
    made = set(map(tuple, linked[["left", "right"]].to_numpy()))
    about = {(a, b) for a, b in made if a in set(pairs["left"]) and b in set(pairs["right"])}
    right, wrong, missed = same & about, about - same, same - about
    told = [("linked", *p) for p in sorted(wrong)] + [("missed", *p) for p in sorted(missed)]
    return Found(country, len(right), len(wrong), len(missed)), pd.DataFrame(
        told, columns=["what", "left", "right"]
    )


def total(country: str, parts: list[Found]) -> Found:
    """Add up the counts of several registers."""
    sums = (sum(getattr(p, name) for p in parts) for name in ("linked", "wrong", "missed"))
    return Found(country, *sums)
