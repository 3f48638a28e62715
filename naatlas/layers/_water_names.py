"""Names of lakes and rivers: accents that the files lost, and what is known in which language.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pandas as pd

from naatlas.harmonize import crosswalk
from naatlas.layers._features import DERIVED_RANK
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from naatlas.facts import Facts

#: Words that say in which language a name is written.
_GENERIC = {
    "en": r"Lakes?|Reservoir|Rivers?|Creek|Fork|Bayou|Brook|Stream|Ponds?|Bay|Channel|Slough|Canal|Flowage|Sea|"
    r"Outlet|Wash|Branch|Prong|Lagoon",
    "fr": r"Lacs?|Réservoir|[Rr]ivière|Fleuve|Ruisseau|Baie|Étang",
    "es": r"Lago|Lagunas?|Presa|Embalse|Ríos?|Rios?|Arroyo|Bahía|Estero",
}
#: How a published name came about.
RULE = "as published, with the accents of crosswalk water_spelling.csv"

#: What people decided stands before what a file tells.
DECIDED_RANK = -1

#: Names that are no names.
_NAMELESS = re.compile(r"(?i:_?untitled.*|unnamed)")


def spelled(text: pd.Series) -> pd.Series:
    """Put back the accents that the files lost (``crosswalks/water_spelling.csv``); missing where there is no name."""
    plain = text.astype("string").str.replace(r"\s+", " ", regex=True).str.strip()
    plain = plain.mask(plain.str.fullmatch(_NAMELESS).fillna(value=False))
    names, words = (crosswalk.load("water_spelling", part).codes for part in ("name", "word"))
    told = {
        name: names.get(name) or " ".join(words.get(word, word) for word in name.split())
        for name in plain.dropna().unique()
    }
    return plain.map(told).astype("string")


def languages(names: pd.Series) -> pd.DataFrame:
    """Tell in which language names are written by their generic word, where it is one of the three and only one."""
    hits = pd.DataFrame({lang: names.str.contains(rf"\b(?:{words})\b") for lang, words in _GENERIC.items()})
    return hits.fillna(value=False).astype(bool).mul(hits.sum(axis=1).eq(1), axis=0)


def add(facts: Facts, water: Literal["lake", "river"]) -> None:
    """Add ``name_en``, ``name_fr`` and ``name_es`` to features that have a ``name``.

    From ``crosswalks/water_names.csv`` where it lists the name; else the name itself in the language of its generic
    word ("Lac", "Río", "Creek"). What is not known in a language stays missing.
    """
    if facts.of("name").empty:
        return  # the base geometry of the lakes carries no names
    told = facts.origins("name").reset_index(drop=True)
    name = told["value"].astype("string")
    written = languages(name)
    for lang in LANGUAGES:
        table = crosswalk.load("water_names", f"{water}-{lang}")
        listed = name.map(table.codes).astype("string")
        rule = name.map({term: table.rule(term) for term in table.codes}).fillna("").astype("str")
        _add(facts, f"name_{lang}", told, listed, rule, rank=DECIDED_RANK)
        own = name.where(written[lang] & listed.isna())
        by_word = pd.Series("derived: language of the generic word in the name", index=name.index)
        _add(facts, f"name_{lang}", told, own, by_word, rank=DERIVED_RANK)


def _add(
    facts: Facts, field: str, told: pd.DataFrame, value: pd.Series, rule: pd.Series, *, rank: int
) -> None:
    for (source, column), rows in told.groupby(["source", "national_field"]):
        facts.add(
            field, rows["entity"], value[rows.index], source=str(source), row=rows["row"], column=str(column),
            national=rows["national_value"], rule=rule[rows.index], rank=rank,
        )  # fmt: skip
