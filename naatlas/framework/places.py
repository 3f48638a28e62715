"""Countries, states and provinces: codes, names in three languages, and every spelling met in the registers.

Codes are ISO 3166: alpha-3 for countries, 3166-2 for states (``CA-QC``, ``US-PR``, ``MX-CMX``). A spelling
resolves when it is in ``places.csv`` or ``place_aliases.csv`` after case, accents, punctuation and white
space are evened out; nothing is guessed by likeness.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.errors import SpecError, UsageError
from naatlas.spec import COUNTRIES, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from naatlas.spec import Language

#: The table to edit when a spelling is unknown.
ALIASES = "naatlas/data/framework/place_aliases.csv"
_PLACES_HEADER = ["code", "country", "name_en", "name_fr", "name_es", "national_code"]
_ALIASES_HEADER = ["country", "spelling", "code", "note"]
# a full stop or an apostrophe joins what it separates ("D.C." is "DC"); other signs part words
_JOINERS = re.compile(r"[.'\u2019`\u00b4]")
_SEPARATORS = re.compile(r"[\W_]+")


def normalize(spelling: str) -> str:
    """Even out case, accents, punctuation and white space: ``" Edo.  de México"`` is ``"edo de mexico"``."""
    # the joiners first: compatibility folding would take the acute accent apart
    plain = unicodedata.normalize("NFKD", _JOINERS.sub("", spelling.casefold()))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("&", " and ")
    return _SEPARATORS.sub(" ", plain).strip()


def _read(name: str, header: list[str]) -> list[dict[str, str]]:
    text = (resources.files("naatlas") / "data" / "framework" / name).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != header:
        raise SpecError(f"{name}: columns must be {', '.join(header)}")
    return list(reader)


@cache
def _places() -> Mapping[str, dict[str, str]]:
    return {row["code"]: row for row in _read("places.csv", _PLACES_HEADER)}


def _spellings() -> Iterator[tuple[str, str, str]]:
    """Yield country, spelling, code of all that the tables know about the three countries."""
    for code, row in _places().items():
        if row["country"] not in COUNTRIES:
            continue  # context only: no register speaks of them, so none may resolve to them
        texts = {code, *(row[f"name_{language}"] for language in LANGUAGES)}
        if "-" in code:
            texts |= {code.partition("-")[2]}
        if number := row["national_code"]:
            texts |= {number, str(int(number))}
        yield from ((row["country"], text, code) for text in sorted(texts))
    for row in _read("place_aliases.csv", _ALIASES_HEADER):
        yield row["country"], row["spelling"], row["code"]


@cache
def _index() -> tuple[Mapping[str, str], Mapping[tuple[str, str], str]]:
    """Return countries by spelling, and states by country and spelling; an empty code is no place."""
    countries: dict[str, str] = {}
    states: dict[tuple[str, str], str] = {}
    for country, spelling, code in _spellings():
        text = normalize(spelling)
        known = (
            countries.setdefault(text, code) if code == country else states.setdefault((country, text), code)
        )
        if known != code:
            raise SpecError(f"{ALIASES}: {spelling!r} ({country}) stands for both {known} and {code}")
    return countries, states


def _lookup(text: pd.Series, table: Mapping[str, str]) -> pd.Series:
    plain = text.astype("string")
    codes = {t: table.get(normalize(t)) or pd.NA for t in plain.dropna().unique()}
    return plain.map(codes).astype("string")


def resolve_country(text: pd.Series) -> pd.Series:
    """Return the ISO 3166-1 alpha-3 code of each text: CAN, USA, MEX, or missing where it is unknown.

    A US territory given as the country (``Puerto Rico``) resolves to USA.
    """
    return _lookup(text, _index()[0])


def resolve_state(text: pd.Series, country: pd.Series | str) -> pd.Series:
    """Return the ISO 3166-2 code of each text within its country; missing where the tables do not know it.

    Parameters
    ----------
    text
        Names in any of the three languages, codes with or without country, official numbers (INEGI, FIPS,
        SGC).
    country
        CAN, USA or MEX, for all rows or row by row: ``México`` is a state only within Mexico.

    Raises
    ------
    UsageError
        A country code is none of the three.
    """
    by_row = pd.Series(country, index=text.index, dtype="string")
    if odd := sorted(set(by_row.dropna().unique()) - set(COUNTRIES)):
        raise UsageError(f"states can be resolved within {', '.join(COUNTRIES)}, not within {', '.join(odd)}")
    states = _index()[1]
    result = pd.Series(pd.NA, index=text.index, dtype="string")
    for code in COUNTRIES:
        chosen = (by_row == code).fillna(value=False).to_numpy(dtype=bool)
        table = {spelling: state for (nation, spelling), state in states.items() if nation == code}
        result[chosen] = _lookup(text[chosen], table)
    return result


def unknown_places(table_name: str, text: pd.Series, resolved: pd.Series) -> list[str]:
    """Return one line for each spelling that did not resolve, with its rows and the table to edit.

    Blanks, and spellings that the alias table lists with an empty code as no place, are not unknown.
    """
    plain = text.astype("string").str.strip()
    silent = {spelling for (_, spelling), code in _index()[1].items() if not code}
    open_ones = plain[plain.notna() & resolved.isna().to_numpy()].value_counts()
    return [
        f"{table_name}: place {spelling!r} in {count} row(s); add it to {ALIASES}"
        for spelling, count in sorted(open_ones.items())
        if normalize(str(spelling)) and normalize(str(spelling)) not in silent
    ]


def _name(code: str, language: Language) -> str:
    row = _places().get(code)
    if row is None:
        raise UsageError(f"no place has the code {code!r}; see naatlas/data/framework/places.csv")
    return row[f"name_{language}"]


def state_name(code: str, lang: Language = "en") -> str:
    """Return the name of a state or province, such as ``Québec`` for ``CA-QC`` in French."""
    return _name(code, lang)


def country_name(code: str, lang: Language = "en") -> str:
    """Return the name of a country (context included), such as ``États-Unis`` for ``USA`` in French."""
    return _name(code, lang)


@cache
def state_names(lang: Language = "en") -> Mapping[str, str]:
    """Return the names of all states, provinces and territories by code."""
    return MappingProxyType({code: row[f"name_{lang}"] for code, row in _places().items() if "-" in code})


@cache
def country_names(lang: Language = "en") -> Mapping[str, str]:
    """Return the names of all countries on the map by alpha-3 code: the three and those around them."""
    return MappingProxyType({code: row[f"name_{lang}"] for code, row in _places().items() if "-" not in code})
