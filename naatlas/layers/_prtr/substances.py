"""Substances: one code each, by CAS number with its check digit proven, or by a register's own category."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.errors import SpecError
from naatlas.harmonize import crosswalk
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from naatlas.metadata.words import Text

TABLE = "naatlas/crosswalks/prtr_substances.csv"
_HEADER = ["code", "kind", "group", "pbt", "unit", "name_en", "name_fr", "name_es", "note"]
#: Categories are words; everything else must be a CAS number.
_CATEGORY = r"[a-z][a-z-]+"


def repair_cas(text: pd.Series) -> pd.Series:
    """Write CAS numbers the usual way: hyphens put in where they are missing, padding with zeros taken off.

    Returns
    -------
    Series
        Such as ``7439-96-5`` for ``0007439965``; missing where the text is no CAS number by its form.
    """
    figures = text.astype("string").str.strip().str.replace("-", "", regex=False)
    fit = figures.str.fullmatch(r"\d{5,}").fillna(value=False)
    bare = figures.where(fit).str.lstrip("0")
    told: pd.Series = bare.str.slice(0, -3) + "-" + bare.str.slice(-3, -1) + "-" + bare.str.slice(-1)
    return told.where(bare.str.len().between(5, 10).fillna(value=False))


def check_digit_holds(cas: str) -> bool:
    """Tell whether the last figure of a CAS number is the sum of the others, weighted from behind, modulo 10."""
    figures = cas.replace("-", "")
    weighted = sum(place * int(figure) for place, figure in enumerate(reversed(figures[:-1]), start=1))
    return weighted % 10 == int(figures[-1])


@cache
def substances() -> pd.DataFrame:
    """Read the substances that the registers of the three countries name.

    Returns
    -------
    DataFrame
        By code (CAS number, or a word for a category): ``kind`` (toxic, criteria, greenhouse_gas), ``group``, ``pbt``
        (the rule that calls it persistent, bioaccumulative and toxic, else empty), ``unit`` in which it is published,
        names (empty where not known in the language), ``note``.

    Raises
    ------
    SpecError
        The table has other columns, lists a substance twice, or a CAS number that cannot be one.
    """
    path = resources.files("naatlas") / "crosswalks" / "prtr_substances.csv"
    with resources.as_file(path) as file, file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != _HEADER:
            raise SpecError(f"{TABLE}: columns must be {', '.join(_HEADER)}")
        table = pd.DataFrame(list(reader), columns=_HEADER, dtype="string").set_index("code")
    numbers = table.index[~table.index.str.fullmatch(_CATEGORY)]
    repaired = repair_cas(pd.Series(numbers))
    wrong = [
        c for c, r in zip(numbers, repaired, strict=True) if r is pd.NA or c != r or not check_digit_holds(c)
    ]
    if wrong or not table.index.is_unique:
        twice = table.index[table.index.duplicated()].tolist()
        raise SpecError(f"{TABLE}: no CAS number or listed twice: {', '.join([*wrong, *twice])}")
    return table


def is_pbt(substance: pd.Series) -> pd.Series:
    """Tell which substances are persistent, bioaccumulative and toxic, as the TRI has them; of whatever group."""
    table = substances()
    told: pd.Series = substance.isin(table.index[table["pbt"].ne("")])
    return told


@cache
def names() -> dict[str, Text]:
    """Name each substance in all languages: where one has no name, in the first language that has; else by its code."""
    columns = [f"name_{language}" for language in LANGUAGES]
    told = {}
    for code, *known in substances()[columns].itertuples(name=None):
        otherwise = next(filter(None, known), code)
        told[str(code)] = {lang: name or otherwise for lang, name in zip(LANGUAGES, known, strict=True)}
    return told


def resolve(text: pd.Series, vocabulary: str, where: str, unknown: list[str]) -> pd.Series:
    """Give each row the code of its substance.

    Parameters
    ----------
    vocabulary
        Of ``crosswalks/prtr_substance_ids.csv``: categories and slips of the pen of the register.
    where
        Source and column, for the message.
    unknown
        Takes a line for each term that no table knows.
    """
    plain = text.astype("string").str.strip()
    words = crosswalk.load("prtr_substance_ids", vocabulary)
    distinct = pd.Series(plain.dropna().unique(), dtype="string")
    cas = repair_cas(distinct)
    code = distinct.map(words.codes).astype("string").fillna(cas)
    sound = code.isin(substances().index)
    counts = plain.value_counts()
    for term, number in zip(distinct[~sound], cas[~sound], strict=True):
        advice = _advice(None if pd.isna(number) else number, words.file, vocabulary)
        unknown.append(f"{where}: {term!r} in {counts[term]} row(s); {advice}")
    told = code.where(sound).set_axis(pd.Index(distinct))
    return plain.map(told.to_dict()).astype("string")


def _advice(cas: str | None, file: str, vocabulary: str) -> str:
    if cas is None:
        return f"add it to {file} under {vocabulary}"
    if not check_digit_holds(cas):
        return f"its check digit fails: find out which is meant and add it to {file} under {vocabulary}"
    return f"add {cas} to {TABLE}"
