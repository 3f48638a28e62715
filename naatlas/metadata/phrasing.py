"""Texts in three languages at once: filled in, joined, and with numbers as each language writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.errors import SpecError
from naatlas.spec import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from naatlas.metadata.words import Text

#: Separator of thousands; French and Spanish (as ISO 31-0 and NOM-008 ask) use a space that does not break.
_THOUSANDS: dict[Language, str] = {"en": ",", "fr": "\u00a0", "es": "\u00a0"}


def fill(text: Text, **values: str | Text) -> Text:
    """Put values into the ``{braces}`` of a text, in every language.

    Raises
    ------
    SpecError
        The text names something that is not there to be filled in.
    """
    filled: Text = {}
    for lang in LANGUAGES:
        told = {name: value if isinstance(value, str) else value[lang] for name, value in values.items()}
        try:
            filled[lang] = text[lang].format(**told)
        except (KeyError, IndexError, ValueError) as error:
            raise SpecError(
                f"metadata text {text[lang][:60]!r}: braces that nothing fills ({error})"
            ) from error
    return filled


def number(value: float) -> Text:
    """Write a count as each language does: 1,234 or 1 234."""
    return {lang: f"{value:,.0f}".replace(",", _THOUSANDS[lang]) for lang in LANGUAGES}


def decimal(value: float, digits: int) -> Text:
    """Write a measure as each language does: 0.123 or, in French, 0,123."""
    told = {lang: f"{value:,.{digits}f}".replace(",", _THOUSANDS[lang]) for lang in LANGUAGES}
    return told | {"fr": told["fr"].replace(".", ",")}


def short(value: float) -> Text:
    """Write a limit of a class without decimals that say nothing: 4,000 or 0.5."""
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return decimal(value, digits)


def steps(texts: Mapping[str, Text], low: float | None, high: float | None) -> Text:
    """Name a class of a quantity by its limits, from the texts ``step...``; None where it is open."""
    ends = {name: short(end) for name, end in (("low", low), ("high", high)) if end is not None}
    return fill(texts["step" if len(ends) > 1 else "step_first" if low is None else "step_last"], **ends)


def scale_text(denominator: int) -> Text:
    """Write a scale: 1:10,000,000 or 1:10 000 000."""
    return {lang: f"1:{told}" for lang, told in number(denominator).items()}


def same(text: str) -> Text:
    """Return a text that is the same in all languages, such as a title that a publisher gave."""
    return dict.fromkeys(LANGUAGES, text)


def join(texts: Iterable[Text], separator: str = " ") -> Text:
    """Join texts language by language."""
    told = list(texts)
    return {lang: separator.join(text[lang] for text in told) for lang in LANGUAGES}


def lower_first(text: Text) -> Text:
    """Put a label into a sentence: its first letter small, unless it begins a name of capitals such as CO2."""
    return {
        lang: told if told[1:2].isupper() or told[1:2].isdigit() else told[:1].lower() + told[1:]
        for lang, told in text.items()
    }


def upper_first(text: Text) -> Text:
    """Begin a sentence with a text."""
    return {lang: told[:1].upper() + told[1:] for lang, told in text.items()}


def listed(texts: Iterable[Text]) -> Text:
    """Join the items of a list by semicolons, before which French puts a space."""
    told = list(texts)
    return {
        lang: ("\u00a0; " if lang == "fr" else "; ").join(text[lang] for text in told) for lang in LANGUAGES
    }
