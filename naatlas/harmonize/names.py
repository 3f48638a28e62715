"""Names of plants and companies in English, French and Spanish, made comparable.

A name is cut into three things: its *core* (what the place is called), its *marks* (unit numbers, phases, letters,
upper or lower, north or south: what tells two plants of one name apart) and its *technology* (wind, solar, hydro ...).
Two spellings of one plant differ in what is thrown away here; two plants of one place differ in what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.harmonize import name_words as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

_APOSTROPHES = {0x2019: "'", 0x60: "'", 0xB4: "'"}
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)(?:[)\]}]|$)")
_ELISION = re.compile(r"\b(?:[dln]|qu)'(?=\w)")
_POSSESSIVE = re.compile(r"'s\b")
_PUNCTUATION = re.compile(r"[^0-9a-z]+")
_LETTER_AFTER_DIGIT = re.compile(r"\b(\d+)(?!(?:st|nd|rd|th|km|mw|kv)\b)([a-z])\b")
_ROMAN = re.compile(r"^(?=[ivx])x{0,2}(?:ix|iv|v?i{0,3})$")
_MARK = re.compile(r"^[a-z]{0,4}\d{1,4}$")
_UNIT = re.compile(r"^(?:u|g|pb|blk|ph|tg)(\d{1,2})$")
_LEGAL = re.compile(words.LEGAL_FORMS)
_PHRASES = tuple((re.compile(rf"\b(?:{pattern})\b"), word) for pattern, word in words.PHRASES)


@dataclass(frozen=True, slots=True)
class NameTable:
    """Names taken apart, one entry a name.

    Attributes
    ----------
    variants
        One row a spelling to compare: ``position`` of the name, ``core``, and ``part`` (True where it is only the
        part before, after or inside brackets, or on one side of a slash, or one of ``others``).
    marks, technology
        Sorted tokens joined by blanks, empty where the name has none.
    letters
        Letters and digits of the whole name, folded: equal where two names are spelled alike.
    """

    variants: pd.DataFrame
    marks: pd.Series
    technology: pd.Series
    letters: pd.Series


def normal(text: pd.Series) -> pd.Series:
    """Bring names to one spelling that keeps what tells plants apart.

    Case, accents, punctuation, legal forms, articles and generic words (power plant, centrale, ciclo combinado) go;
    abbreviations are written out; Roman numerals and final number words become digits; words for a technology become
    one word each (``wind``, ``solar``, ``hydro``, ``nuclear``, ``geothermal``, ``thermal``, ``combinedcycle`` ...).

    Parameters
    ----------
    text
        Names as published.

    Returns
    -------
    pandas.Series
        Same index, empty text for a missing name. A name of generic words only is kept without its punctuation.
    """
    codes, unique = pd.factorize(text)
    told = [_normal(str(name)) for name in unique] + [""]  # code -1, a missing name, is the last
    return pd.Series([told[code] for code in codes], index=text.index, dtype="str")


def split_company(text: pd.Series) -> pd.DataFrame:
    """Cut ``COMPANY, S.A. DE C.V.,PLANT`` into company and plant; a company alone is its plant's name too.

    Returns
    -------
    pandas.DataFrame
        ``company`` and ``plant``, same index.
    """
    parts = [[p.strip() for p in str(t).split(",") if _has_name(p)] or [""] for t in text.fillna("")]
    told = {"company": [p[0] for p in parts], "plant": [p[-1] for p in parts]}
    return pd.DataFrame(told, index=text.index, dtype="str")


def _has_name(text: str) -> bool:
    """Whether anything is left when the legal form is taken away."""
    plain = f" {_PUNCTUATION.sub(' ', _plain(text)).strip()} "
    return bool(_LEGAL.sub(" ", plain).strip())


def take_apart(names: pd.Series, others: pd.Series | None = None) -> NameTable:
    """Cut names into core, marks and technology, with the alternatives that brackets and slashes give.

    Parameters
    ----------
    names
        Names as published.
    others
        Further names of the same things, several separated by ``|``; same length.
    """
    texts = [[] if pd.isna(name) else _alternatives(str(name)) for name in names]
    if others is not None:
        for spellings, more in zip(texts, others, strict=True):
            spellings.extend((t, True) for t in ("" if pd.isna(more) else str(more)).split("|") if t.strip())
    rows = [(n, t, part) for n, spellings in enumerate(texts) for t, part in spellings]
    table = pd.DataFrame(rows, columns=["position", "text", "part"])
    tokens = normal(table["text"]).str.split()
    table["core"] = [_core(line) for line in tokens]
    bare = table["core"].eq("")
    table.loc[bare, "core"] = normal(table.loc[bare, "text"])
    whole = normal(names).str.split()
    return NameTable(
        table.loc[table["core"].ne(""), ["position", "core", "part"]].drop_duplicates(["position", "core"]),
        _series([_marks(line) for line in whole], names.index),
        _series([{t for t in line if t in words.TECHNOLOGIES} for line in whole], names.index),
        _series([{_PUNCTUATION.sub("", _plain(str(n)))} for n in names.fillna("")], names.index),
    )


def relation(left: Iterable[str], right: Iterable[str]) -> np.ndarray:
    """Compare sets of tokens: 1 the same, 0.5 overlapping, 0 nothing known on one side, -1 contradictory.

    Parameters
    ----------
    left, right
        Tokens joined by blanks, of equal length.
    """
    frame = pd.DataFrame({"left": list(left), "right": list(right)})
    known = frame.drop_duplicates()
    known = known.assign(value=[_related(a, b) for a, b in zip(known["left"], known["right"], strict=True)])
    return frame.merge(known, how="left", on=["left", "right"])["value"].to_numpy(dtype="float64")


def _related(left: str, right: str) -> float:
    one, other = set(left.split()), set(right.split())
    if not one or not other:
        return 1.0 if one == other else 0.0
    if one == other:
        return 1.0
    return 0.5 if one & other and not _opposed(one, other) else -1.0


def _opposed(one: set[str], other: set[str]) -> bool:
    return any(
        bool(pair & one) and bool(pair & other) and pair & one != pair & other for pair in words.OPPOSITES
    )


def _series(sets: list[set[str]], index: pd.Index) -> pd.Series:
    return pd.Series([" ".join(sorted(tokens)) for tokens in sets], index=index, dtype="str")


def _core(tokens: list[str]) -> str:
    marks = _marks(tokens)
    return " ".join(t for t in tokens if t not in marks and t not in words.TECHNOLOGIES)


def _marks(tokens: list[str]) -> set[str]:
    """Numbers, directions, and a letter that closes the name or stands beside a number."""
    named = [t for t in tokens if t not in words.TECHNOLOGIES]
    found = {t for t in named if _MARK.match(t) or t in words.DIRECTIONS}
    beside = [named[n - 1 : n] + named[n + 1 : n + 2] for n in range(len(named))]
    letters = {
        t for n, t in enumerate(named)
        if len(t) == 1 and t.isalpha() and n and (n == len(named) - 1 or any(_MARK.match(b) for b in beside[n]))
    }  # fmt: skip
    return found | letters


def _alternatives(name: str) -> list[tuple[str, bool]]:
    outside = _BRACKETS.sub(" ", name)
    found = [(name, False)]
    pieces = [*_BRACKETS.findall(name), outside] if outside != name else []
    pieces += [piece for piece in re.split(r"[/;]", outside) if piece.strip() != outside.strip()]
    found += [(piece, True) for piece in pieces if len(_PUNCTUATION.sub("", _plain(piece))) > 2]  # noqa: PLR2004 - "II" is no name
    return found


@lru_cache(maxsize=1 << 17)
def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return "".join(c for c in letters if not unicodedata.combining(c)).translate(_APOSTROPHES)


@lru_cache(maxsize=1 << 17)
def _normal(name: str) -> str:
    text = _ELISION.sub("", _POSSESSIVE.sub("s", _plain(name)))
    text = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", text)
    text = f" {_PUNCTUATION.sub(' ', text.replace(chr(39), '')).strip()} "
    text = _LETTER_AFTER_DIGIT.sub(r"\1 \2", _LEGAL.sub(" ", text))
    for pattern, word in _PHRASES:
        text = pattern.sub(word, text)
    tokens = _numerals(_initials(text.split()))
    kept = [words.SYNONYMS.get(t, t) for t in _streets(tokens)]
    kept = [t for n, t in enumerate(kept) if t not in words.NOISE or (len(t) == 1 and 0 < n == len(kept) - 1)]
    return " ".join(dict.fromkeys(kept)) or " ".join(tokens)


def _streets(tokens: list[str]) -> list[str]:
    """``St`` in front is a saint, at the end a street."""
    last = len(tokens) - 1
    return [
        "saint" if t == "st" and (n < last or last == 0) else "street" if t == "st" else t
        for n, t in enumerate(tokens)
    ]


def _initials(tokens: list[str]) -> list[str]:
    """Join initials written apart: ``e b campbell`` and ``eb campbell`` are one."""
    joined: list[str] = []
    run = ""
    for n, word in enumerate(tokens):
        single = len(word) == 1 and word.isalpha() and word not in "ivx"
        if single and (run or (n + 1 < len(tokens) and len(tokens[n + 1]) == 1 and tokens[n + 1].isalpha())):
            run += word
            continue
        joined += [run, word] if run else [word]
        run = ""
    return [*joined, run] if run else joined


def _numerals(tokens: list[str]) -> list[str]:
    """Roman numerals and number words to digits; single letters only where they cannot be an initial."""
    found = [_numeral(tokens, n) for n in range(len(tokens))]
    return [text for text in found if text]


def _numeral(tokens: list[str], n: int) -> str:
    token = tokens[n]
    last = all(t in words.NOISE or t in words.TECHNOLOGIES or t.isdigit() for t in tokens[n + 1 :])
    if token.isdigit():
        return str(int(token))
    if unit := _UNIT.match(token):
        return str(int(unit[1]))
    if last and n and token in words.NUMBERS:
        return str(words.NUMBERS[token])
    if not _ROMAN.match(token):
        return token
    beside = [tokens[i] for i in (n - 1, n + 1) if 0 <= i < len(tokens)]
    counted = any(t.isdigit() or _ROMAN.match(t) or t in words.COUNTED for t in beside)
    return str(_roman(token)) if len(token) > 1 or (n and last) or counted else token


def _roman(token: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[c] for c in token]
    return sum(-v if v < max(values[n:]) else v for n, v in enumerate(values))
