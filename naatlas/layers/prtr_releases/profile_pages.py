"""The profiles of all sectors as one page a language: it prints, a screen reader reads it, and nothing in it runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from naatlas import styles
from naatlas.findings import marked
from naatlas.framework.places import country_name, state_name
from naatlas.layers.prtr_releases.profiles import profiles
from naatlas.metadata import marks
from naatlas.metadata.phrasing import fill
from naatlas.templates import template
from naatlas.text import span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.languages import Language
    from naatlas.layers.prtr_releases.profiles import Profile, Side, Trend
    from naatlas.metadata.words import Text, Words
    from naatlas.model import LayerData

_FOLDER = resources.files("naatlas") / "layers" / "prtr_releases"
_KG_PER_T, _FIGURES, _LEAST = 1000.0, 3, 0.001
#: Of a chart: size of the drawing and of its margins, and share of a year's width that its bar fills.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, FILLED = 620.0, 190.0, 64.0, 22.0, 10.0, 0.72
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """A year of a chart, in units of the drawing; ``lost`` where there is no file of it."""

    year: int
    x: float
    width: float
    height: float
    matched: float
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of a trend with the marks of the upright axis: height and tonnes."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, float], ...]


def pages(data: LayerData, words: Words, languages: Sequence[Language]) -> dict[str, bytes]:
    """Write the profiles of the sectors.

    Returns
    -------
    dict
        ``profiles_en.html`` and so on, in UTF-8; nothing where no facility tells any quantity.
    """
    told = profiles(data.tables["releases"], data.frame)
    if not told:
        return {}
    names = {language: f"profiles_{language}.html" for language in languages}
    return {names[language]: _page(told, data, words, language, names) for language in languages}


def _page(
    told: Sequence[Profile], data: LayerData, words: Words, language: Language, names: Mapping[Language, str]
) -> bytes:
    form = template("layers/prtr_releases", "profiles.html.j2")
    compared = [side.country for side in told[0].sides if side.year]
    page = form.render(
        profiles=told,
        language=language,
        others=names,
        year=next((side.year for side in told[0].sides if side.year), ""),
        title=dict(marks.marked(words.title(data.edition), data.marks))[language],
        edition=span(data.edition),
        starter=all(entry.tier == "starter" for entry in data.inputs),
        compared=", ".join(country_name(code, language) for code in compared),
        colours=styles.of(data).colours,
        label=lambda group, code: words.classes.get(group, {}).get(code, {}).get(language, code),
        say=lambda name, **values: (
            fill(_words()[name], **values)[language] if values else _words()[name][language]
        ),
        place=lambda code: _place(code, language),
        places=lambda side: ", ".join(state_name(code, language) for code in side.states),
        tonnes=lambda kg: tonnes(kg, language),
        amount=lambda value: _amount(value, language),
        count=lambda value: marked(f"{value:,}", language),
        percent=lambda share: marked(f"{share:.0%}", language),
        missing=lambda side: _missing(side, words, language),
        chart=chart,
        bar=lambda value, rows: round(100 * value / max(row.kg for row in rows), 1) if value else 0,
        years=lambda trend: ", ".join(map(str, trend.lost)),
        left_out=lambda trend: _left_out(trend, language),
    )
    return page.encode("utf-8")


def _place(code: str, language: Language) -> str:
    return state_name(code, language) if "-" in code else country_name(code, language)


def _missing(side: Side, words: Words, language: Language) -> str:
    """Say why a country has no quantities, in the layer's own words."""
    text: Text | None = words.texts.get(f"gap_releases_kg_{side.country}")
    return _words()["no_file"][language] if text is None else text[language]


def _left_out(trend: Trend, language: Language) -> str:
    told = [(year.year, year.suspect_kg) for year in trend.years if year.suspect_kg]
    return "; ".join(f"{year} {tonnes(kg, language)}" for year, kg in told)


def tonnes(kg: float | None, language: Language) -> str:
    """Write kilograms in tonnes with three figures; a dash for what no file tells."""
    return "\u2013" if kg is None else _amount(kg / _KG_PER_T, language)


def _amount(value: float, language: Language) -> str:
    if 0 < value < _LEAST:
        return f"<\u00a0{marked(str(_LEAST), language)}"
    few = float(f"{value:.{_FIGURES}g}")
    digits = next((n for n, least in ((0, 100.0), (1, 10.0), (2, 1.0)) if few >= least), 3)
    text = f"{few:,.{digits}f}"
    return marked(text.rstrip("0").rstrip(".") if "." in text else text, language)


def chart(trend: Trend) -> Chart:
    """Lay out the bars of a trend: all facilities, and the matched ones in front of them."""
    highest = _nice(max((year.kg for year in trend.years), default=0.0) / _KG_PER_T)
    known = {year.year: year for year in trend.years}
    span = range(trend.years[0].year, trend.years[-1].year + 1)
    step = (WIDTH - LEFT) / len(span)
    room = HEIGHT - BOTTOM - TOP
    bars = []
    for place, year in enumerate(span):
        there = known.get(year)
        sizes = (0.0, 0.0) if there is None else (there.kg, there.matched_kg)
        height, same = (round(room * kg / _KG_PER_T / highest, 2) for kg in sizes)
        x = round(LEFT + step * (place + (1 - FILLED) / 2), 2)
        bars.append(Bar(year, x, round(step * FILLED, 2), height, same, lost=there is None))
    ticks = tuple((round(HEIGHT - BOTTOM - room * part, 2), highest * part) for part in (0.0, 0.5, 1.0))
    return Chart(tuple(bars), ticks)


def _nice(value: float) -> float:
    """Return the round number at or above a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** int(f"{value:e}".partition("e")[2])
    return next(step * power for step in _STEPS if step * power >= value)


@cache
def _words() -> dict[str, Text]:
    told: dict[str, Text] = yaml.safe_load((_FOLDER / "profiles.yaml").read_text(encoding="utf-8"))
    return told
