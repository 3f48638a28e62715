"""Mexico's national files themselves, wherever NAATLAS_DATA points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from naatlas.facts import Facts
from naatlas.layers import power_plants
from naatlas.layers._limits import LARGEST_CO2_T
from naatlas.layers._retc_files import YEARS
from naatlas.layers.power_plants import mexico, mexico_inem, mexico_links, mexico_permits, trilateral
from naatlas.layers.power_plants.capacity import Capacities
from naatlas.layers.power_plants.mexico_retc import establishments, releases
from naatlas.ledger import Ledger
from naatlas.model import Work
from naatlas.sources import read
from naatlas.spec import Edition

if TYPE_CHECKING:
    import pandas as pd

pytestmark = pytest.mark.national

#: What a build leaves: plants, books, facts, capacities.
Told = tuple["pd.DataFrame", Work, Facts, Capacities]

SPEC = power_plants.SPEC
SOURCES = {source.id: source for source in SPEC.sources}

#: Rows of both files, establishments of the electricity sector, and its CO2 in million tonnes, by year.
RETC = {
    2004: (1714, 5371, 82, 68.8), 2005: (2452, 10296, 93, 29.8), 2006: (2734, 11287, 112, 83.9),
    2007: (2445, 10433, 107, 65.7), 2008: (2463, 8246, 118, 79.0), 2009: (2341, 10016, 101, 94.9),
    2010: (2599, 11222, 104, 87.5), 2011: (2765, 11601, 111, 117.4), 2012: (3160, 14564, 128, 120.4),
    2013: (3589, 16242, 133, 114.5), 2014: (2236, 5796, 97, 88.5), 2015: (2526, 6434, 105, 86.8),
    2016: (2569, 6583, 125, 71.6), 2017: (2660, 6829, 120, 69.5), 2018: (2852, 7467, 132, 63.7),
    2020: (2909, 7209, 153, 65.5), 2021: (2934, 7308, 156, 76.3), 2022: (3017, 7409, 159, 79.0),
}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> Path:
    folder = os.environ.get("NAATLAS_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("NAATLAS_DATA does not name the folder with the national files")
    return Path(folder)


def _books(*sources: str, edition: str) -> Work:
    return Work(edition=Edition(name=edition, sources=sources), ledger=Ledger(), options={"min_mw": 1.0})


def _build(data: Path, edition: str) -> Told:
    """Run the trilateral tables and all Mexican sources of an edition."""
    names = [n for n in SPEC.edition(edition).sources if n.startswith(("nacei-", "mex-"))]
    tables = {name: read(SOURCES[name], data) for name in names}
    books = _books(*names, edition=edition)
    for table in tables.values():
        books.ledger.open(table)
    facts, capacities = Facts(names), Capacities()
    union = trilateral.read(tables, SPEC, books)
    plants = trilateral.add(union, ("CAN", "MEX"), facts, capacities, books)
    plants = plants[plants["country"] == "MEX"]
    mexico.add(tables, plants, facts, capacities, SPEC, books)
    assert books.unknown == []
    return plants, books, facts, capacities


@pytest.fixture(scope="module")
def edition_2017(data: Path) -> Told:
    return _build(data, "2017")


@pytest.fixture(scope="module")
def edition_2023(data: Path) -> Told:
    return _build(data, "2023")


def test_every_year_is_listed():
    assert tuple(RETC) == YEARS


@pytest.mark.parametrize("year", YEARS)
def test_every_year_reads_with_its_rows_and_tonnes(data: Path, year: int):
    books = _books(edition="2023")
    places = establishments(read(SOURCES[f"mex-retc-es-{year}"], data), SPEC, books)
    rows = releases(read(SOURCES[f"mex-retc-em-{year}"], data), SPEC, books)
    co2 = rows.loc[rows["power"] & rows["pollutant"].eq("co2"), "tonnes"].sum() / 1e6
    assert (len(places), len(rows), int(places["power"].sum()), round(co2, 1)) == RETC[year]
    assert books.unknown == []
    assert not [f for f in books.findings if f.rule == "text-in-a-number"]
    power = places[places["power"]]
    assert power["state"].notna().all()
    assert power["latitude"].isna().sum() <= 9  # cells that cannot be read, or points outside the country
    if year >= 2014:
        assert power["latitude"].notna().all()


def test_the_absurd_value_of_2012_is_there_and_beyond_any_plant(data: Path):
    rows = releases(read(SOURCES["mex-retc-em-2012"], data), SPEC, _books(edition="2023"))
    absurd = rows[rows["pollutant"].eq("co2") & (rows["tonnes"] > LARGEST_CO2_T)]
    assert absurd["tonnes"].tolist() == pytest.approx([613481131.394627])
    assert not absurd["power"].any()


def test_laguna_verde_of_2005_is_swapped_and_counts_as_meant(data: Path):
    places = establishments(read(SOURCES["mex-retc-es-2005"], data), SPEC, _books(edition="2023"))
    point = places[places["name"].str.contains("LAGUNA VERDE", case=False)].iloc[0]
    assert (round(point["latitude"]), round(point["longitude"])) == (20, -96)


def test_a_blank_is_a_blank_and_a_zero_fills_it_in_but_never_both(data: Path):
    for year in (2005, 2020):
        table = read(SOURCES[f"mex-retc-em-{year}"], data)
        rows = releases(table, SPEC, _books(edition="2023"))
        air = table.frame["Aire" if year == 2005 else "AIRE"]
        assert air.isna().any() == (year == 2005)
        assert rows["tonnes"].eq(0).any() == (year == 2020)
        assert rows.loc[rows["tonnes"].eq(0), "silent"].all()


def test_permits_sum_to_their_own_total(data: Path):
    rows = mexico_permits.read(read(SOURCES["mex-cre-permits"], data), SPEC, _books(edition="2023"))
    record = rows[rows["record"]]
    assert len(record) == 1342
    assert record["capacity_mw"].sum() == pytest.approx(106_861.6, abs=0.05)
    assert rows.loc[~rows["record"], "capacity_mw"].isna().all()
    assert record["status"].value_counts().to_dict() == {
        "operating": 751, "under_construction": 295, "planned": 291, "out_of_service": 5,
    }  # fmt: skip
    assert record["imports"].sum() == 47
    assert record["use"].sum() == 714
    dated = record.loc[record["use"], "year_online"]
    assert dated.isna().sum() == 90  # "Antes de 92"
    assert dated.min() == 1898
    assert record["state"].notna().all()


def test_inventory_sums_of_both_years(data: Path):
    for year, towns, nox, so2 in ((2013, 77, 351_276, 1_045_356), (2016, 87, 205_787, 683_850)):
        told = mexico_inem.inem_control(read(SOURCES[f"mex-inem-{year}"], data))
        assert told["municipalities"].sum() == towns
        assert told["nox"].sum() == pytest.approx(nox, abs=1)
        assert told["so2"].sum() == pytest.approx(so2, abs=1)
        assert told.index.notna().all()


def test_every_row_of_both_editions_is_accounted_for(edition_2017: Told, edition_2023: Told):
    for _, books, _, _ in (edition_2017, edition_2023):
        books.ledger.close()
        counts = books.ledger.counts()
        assert (counts["read"] == counts.drop(columns="read").sum(axis=1)).all()


def test_linked_and_lost_tonnes_are_all_tonnes_of_the_sector(edition_2017: Told, edition_2023: Told):
    """Of 2022 are missing 197 t of an electronics park whose industry code is real estate."""
    for told, year, total in ((edition_2017, 2017, 69_483_230), (edition_2023, 2022, 78_954_594)):
        plants, books, facts, _ = told
        sums = books.ledger.quantities().set_index(["source", "quantity", "state"])["value"]
        co2 = sums[f"mex-retc-em-{year}", "co2_t"]
        values = facts.of("co2_t").astype("float64")
        assert values[values.index.isin(plants.index)].sum() == pytest.approx(co2["enriches"])
        assert co2["enriches"] + co2["rejected"] == pytest.approx(total, abs=1)
        assert co2["enriches"] > 0.55 * total


def test_permits_linked_and_lost_are_all_permits(edition_2023: Told):
    _, books, facts, capacities = edition_2023
    counts = books.ledger.counts().loc["mex-cre-permits"]
    assert counts["enriches"] >= 195
    assert counts["enriches"] + counts["rejected"] == 714
    sums = books.ledger.quantities()
    mine = sums[sums["source"].eq("mex-cre-permits")]
    assert mine["value"].sum() == pytest.approx(106_861.6, abs=0.05)
    told = capacities.table()
    authorised = told[told["definition"].eq("authorised") & told["energy_source"].eq("total")]
    linked = mine.loc[mine["state"].eq("enriches"), "value"].sum()
    assert authorised["capacity_mw"].sum() == pytest.approx(linked)
    assert len(facts.of("cre_permit")) == counts["enriches"]


#: Plants that names alone would get wrong: year, registration number, the plant (None: none of the layer alone).
HARD = [
    (
        2022,
        "EBCAD0200211",
        "Energia de BC",
    ),  # not Baja California Sur I, which the table puts on the same spot
    (2022, "CGI0300300378", "Baja California Sur I"),
    (2017, "CVHAD2804011", "Río Bravo IV"),
    (2017, "CACAD2804011", "Río Bravo II (Anáhuac)"),
    (2017, "CLRAD2804011", "Río Bravo III"),
    (2022, "IEA2800300089", "Altamira III y IV"),
    (2022, "IEGAD2800311", "Altamira V"),
    (2022, "EAALS2800311", "Altamira II"),
    (2022, "CGI2800300246", "Altamira"),
    (2022, "CGI0200202191", "Cerro Prieto I II III y IV"),
    (2022, "CGI0200200811", None),  # Turbogás Mexicali is not the combined cycle Mexicali
    (2022, "CGI1904100122", None),  # Huinalá: three plants of the table under one number
    (2022, "CGI1500200118", None),  # Valle de México: two
    (2017, "CFEAD2803311", None),  # Emilio Portes Gil: two
    (2022, "TEN2403700024", None),  # Tamazunchale II is younger than the table
    (2022, "IETQS2403711", "Tamazunchale"),
    (2022, "FEHAD2603011", "Fuerza y Energía de Hermosillo"),
    (2022, "CGI2603000738", "Hermosillo"),
    (2022, "CGI0803700879", "Samalayuca II"),
    (2022, "CGI0803700849", "Benito Juárez (Samalayuca)"),
    (2022, "CGI1102700202", "Cogeneración Salamanca"),
    (2022, "CGV3018900082", "Adolfo López Mateos (Tuxpan)"),
    (2022, "EATAD3018911", "Tuxpan II"),
    (2022, "FETQR3018911", "Tuxpan III y IV"),
    (2022, "ESTUB3018911", "Tuxpan V"),
    (2017, "TGOAD2404011", "Termoeléctrica del Golfo"),
    (2017, "TPCAD2404011", "Termoeléctrica Peñoles"),
]


def test_hard_establishments(edition_2017: Told, edition_2023: Told):
    by_year = {2017: edition_2017, 2022: edition_2023}
    wrong = []
    for year, nra, plant in HARD:
        plants, _, facts, _ = by_year[year]
        numbers = facts.of("retc_nra")
        found = plants["name"].reindex(numbers.index[numbers == nra]).tolist()
        if found != ([plant] if plant else []):
            wrong.append((year, nra, plant, found))
    assert wrong == []


def test_no_plant_emits_more_co2_than_it_can(edition_2017: Told, edition_2023: Told):
    """At 1.5 t/MWh, 8,784 hours and a tenth more for what the tables leave out, a wrong link would show."""
    for plants, _, facts, _ in (edition_2017, edition_2023):
        co2 = facts.of("co2_t").astype("float64")
        co2 = co2[co2.index.isin(plants.index)]
        rate = co2 / plants["capacity_mw"].reindex(co2.index).astype("float64")
        assert rate.max() < 1.1 * 8784 * 1.5


def test_every_decision_of_the_table_meets_its_rows(data: Path, edition_2023: Told):
    """The decisions are checked by linkage itself; here that each register has some, and that permits are read once."""
    plants, _, _, _ = edition_2023
    table = read(SOURCES["mex-cre-permits"], data)
    rows = mexico_permits.read(table, SPEC, _books(edition="2023"))
    told = mexico_links.match(rows[rows["use"]], plants, table, mexico_links.PERMITS)
    assert told["reason"].notna().all()
    assert told["reason"].str.startswith("decided by").sum() >= 20
    assert not told["id"].dropna().duplicated().any()
