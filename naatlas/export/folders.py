"""Folders of the KML: which feature lies in which, in what order, and the tags that open and close them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.export import levels
from naatlas.export.numbers import format_one
from naatlas.text import escape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.spec import Field, Language

_CLOSE = "</Folder>\n"


@dataclass(frozen=True, slots=True)
class Folders:
    """Rows in folder order, the folder names of each row, outer one first, and rows that are off at opening.

    Attributes
    ----------
    around
        Name of the folder around all others, of which one is on at a time; empty where there is none.
    """

    order: NDArray[np.int64]
    levels: list[NDArray[np.object_]]
    hidden: NDArray[np.bool_]
    around: str = ""

    def tags(self, language: Language) -> dict[int, str]:
        """Return, by place in the order, the folder tags that stand before it; the last closes what is open."""
        count = len(self.order)
        if not self.levels or not count:
            return {}
        tags = _tags([level[self.order] for level in self.levels], self.hidden[self.order], language)
        if self.around:
            tags[0] = f"{self.head()}{tags[0]}"
            tags[count] += _CLOSE
        return tags

    def head(self) -> str:
        """Return the tag that opens the folder around all others."""
        return f"<Folder><name>{escape(self.around)}</name><open>1</open>{levels.RADIO}\n"

    def places(self) -> NDArray[np.int64]:
        """Return the place of each row in the order."""
        places = np.empty(len(self.order), dtype=np.int64)
        places[self.order] = np.arange(len(self.order))
        return places

    def within(self, rows: NDArray[np.int64], language: Language) -> dict[int, str]:
        """Return the tags of the folders below the outermost for some rows in folder order; the last closes them."""
        inner = [level[rows] for level in self.levels[1:]]
        return _tags(inner, np.zeros(len(rows), dtype=bool), language) if inner and len(rows) else {}


def arrange(data: LayerData, look: Look) -> Folders:
    """Sort rows into folders; within the last of them the order of the frame, which is that of the key, stays."""
    nested = levels.field(data, look.style)
    names, ranks = [], []
    hidden = np.zeros(len(data.frame), dtype=bool)
    if nested:
        level = data.frame[nested].to_numpy(dtype=np.int64)
        told = {number: levels.title(number, nested, look) for number in levels.present(data, nested)}
        names.append(np.array([told[number] for number in level.tolist()], dtype=object))
        ranks.append(level)
        hidden = level > min(told, default=0)
    for field in _fields(data, look):
        # Missing is -1, which takes the last name and the last rank.
        place, codes = pd.factorize(data.frame[field.name])
        named = [look.class_name(code, str(field.classes)) for code in codes]
        names.append(np.array([*named, look.phrase("not_stated")], dtype=object)[place])
        ranks.append(np.array([*_ranks(list(codes), named, look, str(field.classes)), len(codes)])[place])
    order = np.lexsort(ranks[::-1]) if ranks else np.arange(len(data.frame))
    return Folders(order.astype(np.int64), names, hidden, look.text("title") if nested else "")


def _fields(data: LayerData, look: Look) -> list[Field]:
    """Return the coded fields that make the folders: country, then state for points, else the class.

    Below levels the class makes no folders: its colour tells it, and a third step would hide the names.
    """
    coded = {field.name: field for field in data.spec.fields if field.classes}
    by_state = data.spec.geometry == "Point" and "state" in coded
    below = "" if levels.field(data, look.style) else look.style.field
    names = (
        look.folders
        if look.folders is not None
        else dict.fromkeys(("country", "state" if by_state else below))
    )
    return [coded[name] for name in names if name in coded]


def _ranks(codes: list[str], names: list[str], look: Look, class_list: str) -> list[int]:
    """Rank by the order of the class list where the words have one, by name without accents where not."""
    listed = list(look.words.classes.get(class_list, {}))
    keys = [listed.index(code) for code in codes] if listed else [_plain(name) for name in names]
    return [sorted(keys).index(key) for key in keys]


def _plain(name: str) -> tuple[str, str]:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), name


@lru_cache(4096)  # thousands of files have the same few folders
def title(name: str, count: int, language: Language) -> str:
    """Return the name of a folder with the number of features in it, escaped."""
    return escape(f"{name} ({format_one(count, 0, language)})")


def _tags(
    ordered: list[NDArray[np.object_]], hidden: NDArray[np.bool_], language: Language
) -> dict[int, str]:
    """Return the tags of folders whose names, level by level, stand in the order of the rows."""
    count, tags = len(hidden), dict[int, str]()
    for depth, (level, begins) in enumerate(zip(ordered, _starts(ordered), strict=True)):
        for place, end in pairwise([*begins, count]):
            # The outermost folder that changes here closes itself and all below it.
            outermost = place not in tags
            close = "" if place == 0 else _CLOSE * (len(ordered) - depth if outermost else 0)
            off = "<visibility>0</visibility>" if hidden[place] else ""
            head = f"<Folder><name>{title(level[place], end - place, language)}</name>{off}\n"
            tags[place] = tags.get(place, "") + close + head
    tags[count] = _CLOSE * len(ordered)
    return tags


def _starts(ordered: list[NDArray[np.object_]]) -> list[list[int]]:
    """Return, folder level by folder level, the places at which a new folder begins."""
    changed = np.zeros(len(ordered[0]), dtype=bool)
    changed[:1] = True
    starts = []
    for level in ordered:
        changed[1:] |= level[1:] != level[:-1]
        starts.append(np.flatnonzero(changed).tolist())
    return starts
