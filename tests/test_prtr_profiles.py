"""Sector profiles: sums with suspects apart, absence told and not counted as zero, a page that needs nothing else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as parser

from naatlas import product, registry
from naatlas.layers._prtr.releases import NONE
from naatlas.layers.prtr_releases import profile_pages
from naatlas.layers.prtr_releases.profiles import Profile, Side, Trend, Year, profiles
from naatlas.metadata import words as layer_words
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

LEAD, TOLUENE, CO2 = "lead-compounds", "108-88-3", "124-38-9"
KINDS = {LEAD: "toxic", TOLUENE: "toxic", CO2: "greenhouse_gas"}
FRAME = pd.DataFrame(
    [
        ("MEX-1", "MEX", "MX-NLE", "metals"),
        ("MEX-2", "MEX", "MX-JAL", "metals"),
        ("MEX-3", "MEX", "MX-JAL", "food"),
        ("USA-1", "USA", "US-IL", "metals"),
        ("USA-2", "USA", "US-CA", "metals"),
        ("CAN-1", "CAN", "CA-AB", "metals"),
    ],
    columns=["atlas_id", "country", "state", "sector"],
).assign(name="A plant", last_year=2015)


def line(atlas_id: str, year: int, kg: float, **told: object) -> dict[str, object]:
    substance = str(told.get("substance", LEAD))
    return {
        "atlas_id": atlas_id, "substance": substance, "kind": KINDS[substance], "group": "lead", "medium": "air",
        "on_site": True, "year": year, "kg": kg, "g": np.nan, "basis": None, "method": "reported", "flag": pd.NA,
        "source": f"source-{year}", "row": 2, "national_column": "AIRE", "amount": kg, "national_unit": "Kg",
    } | told  # fmt: skip


def table() -> pd.DataFrame:
    """Two matched facilities and one that came late, seven years without 2019, a slip, a transfer, a greenhouse gas."""
    years = (2014, 2015, 2016, 2017, 2018, 2020, 2021)
    rows = [line(plant, year, 1000.0 + year) for plant in ("MEX-1", "USA-1") for year in years]
    rows += [
        line("MEX-2", 2020, 500.0),
        line("MEX-2", 2021, 700.0, substance=TOLUENE),
        line("MEX-1", 2021, 9e6, substance=TOLUENE, flag="own_years"),
        line("MEX-1", 2021, 40.0, medium="transfer_disposal"),
        line("MEX-1", 2021, 8e9, substance=CO2),
        line("MEX-3", 2021, 0.0, medium=NONE),
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def metals() -> Profile:
    (told,) = (profile for profile in profiles(table(), FRAME) if profile.sector == "metals")
    return told


def side(profile: Profile, country: str) -> Side:
    return next(side for side in profile.sides if side.country == country)


def test_three_countries_stand_side_by_side_in_the_newest_year_that_most_have(metals: Profile):
    assert [s.country for s in metals.sides] == ["CAN", "MEX", "USA"]
    assert [s.year for s in metals.sides] == [None, 2021, 2021]


def test_a_country_without_a_file_has_no_quantity_and_not_zero(metals: Profile):
    canada = side(metals, "CAN")
    assert (canada.on_site_kg, canada.transfers_kg, canada.suspect_kg, canada.shared_kg) == (None,) * 4
    assert (canada.known, canada.reporting, canada.statuses, canada.top) == (1, 0, {}, ())


def test_sums_are_of_toxics_by_place_and_leave_suspects_out(metals: Profile):
    mexico = side(metals, "MEX")
    assert mexico.on_site_kg == pytest.approx(3021.0 + 700.0)
    assert mexico.suspect_kg == pytest.approx(9e6)
    assert mexico.transfers_kg == pytest.approx(40.0)
    assert mexico.shared_kg is not None
    assert 0 <= mexico.shared_kg <= mexico.on_site_kg
    assert (mexico.known, mexico.reporting, mexico.statuses) == (2, 2, {"reported": 2})
    assert 0 <= mexico.unknown <= 1


def test_facilities_of_states_without_a_file_are_not_missed(metals: Profile):
    states = side(metals, "USA")
    assert (states.states, states.known, states.reporting) == (("US-IL",), 1, 1)


def test_a_facility_that_tells_zero_reports_zero():
    (food,) = (profile for profile in profiles(table(), FRAME) if profile.sector == "food")
    assert side(food, "MEX").statuses == {"reported_zero": 1}
    assert side(food, "MEX").on_site_kg == 0.0
    assert side(food, "USA").reporting == 0


def test_the_largest_substances_come_first_with_their_suspects_beside(metals: Profile):
    told = [(row.code, row.kg, row.suspect_kg) for row in side(metals, "MEX").top]
    assert told == [(LEAD, 3021.0, 0.0), (TOLUENE, 700.0, 9e6)]
    assert set(side(metals, "MEX").top[0].names) == set(LANGUAGES)


def test_a_trend_is_of_matched_facilities_and_names_the_years_without_a_file(metals: Profile):
    mexico, illinois = metals.trends
    assert (mexico.area, mexico.matched, mexico.lost) == ("MEX", 1, (2019,))
    assert (illinois.area, illinois.country, illinois.matched) == ("US-IL", "USA", 1)
    newest = mexico.years[-1]
    assert (newest.kg, newest.matched_kg, newest.suspect_kg) == (3721.0, 3021.0, 9e6)
    assert mexico.years[-2].kg == 3020.0 + 500.0
    assert all(year.matched_kg <= year.kg for trend in metals.trends for year in trend.years)


def test_there_are_no_profiles_of_nothing():
    assert profiles(table().iloc[:0], FRAME) == ()


# pages


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> product.Product:
    return product.build("prtr-releases", out=tmp_path_factory.mktemp("out"), formats=("parquet",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_a_product_in_each_language_and_needs_nothing_else(built: product.Product, language: str):
    tree = parser.fromstring((built.folder / f"profiles_{language}.html").read_text(encoding="utf-8"))
    assert tree.get("lang") == language
    assert not tree.xpath("//script | //link | //img | //@src")
    anchors = {a[1:] for a in tree.xpath("//nav[@class='contents']//@href")}
    assert anchors == {section.get("aria-labelledby") for section in tree.xpath("//section")}
    assert anchors <= set(tree.xpath("//@id"))
    assert all(svg.get("aria-label") or svg.get("aria-hidden") for svg in tree.xpath("//svg"))
    assert all(cell.get("scope") for cell in tree.xpath("//table//th"))
    canada = tree.xpath("(//section)[1]//table[@class='sides']/tbody/tr[4]/td[1]")[0]
    assert canada.text_content().startswith("\u2013")
    assert profile_pages._words()["no_file"][language] in canada.text_content()
    assert f"profiles_{language}.html" in (built.folder / "manifest.json").read_text(encoding="utf-8")


def test_too_few_years_for_a_trend_is_said(built: product.Product):
    """The starter rows have three years: a heading with nothing below it would leave one to guess."""
    page = (built.folder / "profiles_en.html").read_text(encoding="utf-8")
    assert "too few years for a trend" in page


def test_every_text_is_there_in_three_languages():
    assert all(set(text) == set(LANGUAGES) and all(text.values()) for text in profile_pages._words().values())


def test_names_of_registers_are_escaped(built: product.Product):
    data = built.data
    lines = table().assign(can_report=True)
    frame = FRAME.assign(sector="metals")
    told = dataclasses.replace(data, frame=frame, tables={"releases": lines})
    pages = profile_pages.pages(told, layer_words.load("prtr-releases"), ("en",))
    text = parser.fromstring(pages["profiles_en.html"].decode("utf-8")).text_content()
    assert "and 9,000 t suspect" in text
    assert "Suspect, left out (t): 2021 9,000." in text
    assert "No file: 2019." in text


def test_only_layers_that_offer_pages_have_them():
    assert registry.documents("prtr-releases") is not None
    assert registry.documents("power-plants") is None


@pytest.mark.parametrize(
    ("kg", "told"),
    [
        (None, "\u2013"), (0.0, "0"), (0.4, "<\u00a00.001"), (5.0, "0.005"), (1234.0, "1.23"), (45_678.0, "45.7"),
        (456_789.0, "457"), (19_702_557.4, "19,700"), (100_000.0, "100"),
    ],
)  # fmt: skip
def test_tonnes_have_three_figures(kg: float | None, told: str):
    assert profile_pages.tonnes(kg, "en") == told


def test_tonnes_have_the_marks_of_the_language():
    assert profile_pages.tonnes(1234.0, "fr") == "1,23"
    assert profile_pages.tonnes(19_702_557.4, "fr") == "19\u202f700"


@given(st.lists(st.tuples(st.floats(0, 1e12), st.floats(0, 1)), min_size=1, max_size=20), st.integers(1, 3))
def test_bars_stay_in_the_drawing_and_keep_their_proportions(values: list[tuple[float, float]], step: int):
    years = tuple(
        Year(year=2000 + step * n, kg=kg, matched_kg=kg * part, suspect_kg=0.0, facilities=1)
        for n, (kg, part) in enumerate(values)
    )
    drawn = profile_pages.chart(Trend(country="MEX", area="MEX", matched=1, years=years, lost=()))
    room = profile_pages.HEIGHT - profile_pages.BOTTOM - profile_pages.TOP
    assert [bar.year for bar in drawn.bars] == list(range(2000, 2000 + step * (len(values) - 1) + 1))
    assert sum(bar.lost for bar in drawn.bars) == (len(values) - 1) * (step - 1)
    highest = drawn.ticks[-1][1] * 1000
    there = [bar for bar in drawn.bars if not bar.lost]
    for bar, (kg, part) in zip(there, values, strict=True):
        assert 0 <= bar.matched <= bar.height <= room + 0.01
        assert bar.height == pytest.approx(room * kg / highest, abs=0.01)
        assert bar.matched == pytest.approx(room * kg * part / highest, abs=0.01)
        assert bar.x + bar.width <= profile_pages.WIDTH + 0.01


def test_pages_lie_where_the_page_of_the_layer_links_to(built: product.Product):
    page: Path = built.folder / "metadata" / "prtr-releases_en.html"
    tree = parser.fromstring(page.read_text(encoding="utf-8"))
    links = {str(link) for link in tree.xpath("//@href")}
    for language in LANGUAGES:
        assert f"../profiles_{language}.html" in links
    assert "../suspects_MEX.html" in links
