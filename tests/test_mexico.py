"""Mexico's registers: each trap that was seen in them, in the publisher's layout."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naatlas.harmonize import crosswalk
from naatlas.layers._retc_files import RETC, YEARS
from naatlas.layers.power_plants import mexico, mexico_inem, mexico_permits
from naatlas.layers.power_plants.mexico_retc import establishments, releases, split_name
from tests import mexico_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import Table, Work

TULA = ("Tula", "MX-HID", "natural_gas", 489.0, -99.277394, 20.059619)
SITE = {"nra": "TUL01", "name": "CFE GENERACIÓN I,CENTRAL CICLO COMBINADO TULA", "state": "HIDALGO",
        "lat": "20°3'35\"", "lon": "99°16'39\"", "municipality": "Tula de Allende"}  # fmt: skip
CO2, NO2 = "Bióxido de carbono", "Bióxido de nitrógeno"


def site(year: int = 2022, **cells: str) -> dict[str, str]:
    scian = {} if year < 2006 else {"scian": "221110"}
    return SITE | {"sector": kit.POWER.get(year, kit.USUAL_POWER)} | scian | cells


def release(year: int = 2022, **cells: str) -> dict[str, str]:
    told = {"nra": "TUL01", "sector": kit.POWER.get(year, kit.USUAL_POWER), "substance": CO2, "unit": "Kg"}
    return told | {"air": "0", "water": "0"} | cells


def pair(
    data: Path, year: int, sites: list[dict[str, str]], rows: list[dict[str, str]]
) -> tuple[Table, Table]:
    return kit.retc(data, "es", year, sites), kit.retc(data, "em", year, rows)


def states(books: Work, source: str) -> list[tuple[str, str]]:
    table = books.ledger.states(source)
    return list(zip(table["state"], table["detail"], strict=True))


# --- the release register ------------------------------------------------------------------------------------------


def test_one_function_declares_eighteen_years_without_2019():
    assert len(RETC) == 36
    assert 2019 not in YEARS
    assert {s.vintage for s in RETC} == {str(year) for year in YEARS}
    assert {s.layout.delimiter for s in RETC} == {"\t"}  # named .csv, but separated by tabs


@pytest.mark.parametrize(
    ("year", "rows"),
    [
        (2005, [release(2005, unit="ton/año", air="1500")]),
        (2012, [release(2012, unit="kg/año", air="1000000"), release(2012, unit="ton/año", air="499")]),
        (2012, [release(2012, unit="g/año", air="1500000000")]),
        (2007, [release(2007, unit="ton", air="1500")]),
        (2008, [release(2008, unit="Kg", air="1500000")]),
        (2016, [release(2016, unit="Kg", air="1500000")]),
    ],
)
def test_every_layout_and_unit_gives_tonnes(tmp_path: Path, year: int, rows: list[dict[str, str]]):
    tables = pair(tmp_path, year, [site(year)], rows)
    _, facts, _ = kit.run(kit.plants(TULA), *tables)
    assert facts.of("co2_t")["MEX-1"] == pytest.approx(1499 if len(rows) > 1 else 1500)
    assert facts.of("co2_year")["MEX-1"] == year
    assert facts.of("retc_nra")["MEX-1"] == "TUL01"


def test_headers_with_line_breaks_do_not_shift_rows(tmp_path: Path):
    table = kit.retc(tmp_path, "em", 2016, [release(2016, air="1"), release(2016, air="2")])
    assert list(table.frame.index) == [2, 3]
    assert "DISPOSICIÓN FINAL" in table.frame
    assert list(table.frame["AIRE"]) == ["1", "2"]


def test_only_the_power_sector_counts_not_makers_of_appliances(tmp_path: Path):
    for year in (2005, 2012, 2022):
        books = kit.work()
        rows = [
            release(year),
            release(year, sector=kit.APPLIANCES),
            release(year, sector=kit.APPLIANCES + " "),
        ]
        told = releases(kit.retc(tmp_path, "em", year, rows), kit.SPEC, books)
        assert list(told["power"]) == [True, False, False]
        assert books.unknown == []


def test_a_new_spelling_of_sector_substance_or_unit_is_named_with_its_table(tmp_path: Path):
    books = kit.work()
    rows = [
        release(sector="Generación eléctrica"),
        release(substance="Dióxido de carbono"),
        release(unit="lb/año"),
    ]
    releases(kit.retc(tmp_path, "em", 2022, rows), kit.SPEC, books)
    told = "\n".join(books.unknown)
    assert "'Generación eléctrica'" in told
    assert "retc_sector.csv" in told
    assert "'Dióxido de carbono'" in told
    assert "retc_pollutant.csv" in told
    assert "'lb/año'" in told
    assert "units.py" in told


def test_a_waste_handler_in_the_sector_is_no_plant(tmp_path: Path):
    sites = [
        site(),
        site(nra="ASE01", name="ASESORIA,ASEISA", scian="562111"),
        site(nra="LIK01", sector=kit.APPLIANCES),
    ]
    tables = pair(tmp_path, 2022, sites, [release(nra="ASE01", air="5")])
    books, facts, _ = kit.run(kit.plants(TULA), *tables)
    assert states(books, "mex-retc-es-2022") == [
        ("enriches", "MEX-1"),
        ("out_of_scope", "industry code is not electricity"),
        ("out_of_scope", "sector other than electricity generation"),
    ]
    assert states(books, "mex-retc-em-2022") == [("out_of_scope", "industry code is not electricity")]
    assert facts.of("co2_t").empty
    assert [f.count for f in books.findings if f.rule == "sector-against-industry-code"] == [2]


def test_old_years_without_industry_code_are_not_refused(tmp_path: Path):
    books, facts, _ = kit.run(
        kit.plants(TULA), *pair(tmp_path, 2004, [site(2004)], [release(2004, unit="ton/año", air="7")])
    )
    assert facts.of("co2_t")["MEX-1"] == 7
    assert not [f for f in books.findings if f.rule == "sector-against-industry-code"]


def test_states_of_all_years_resolve(tmp_path: Path):
    names = [
        "MEXICO",
        "DISTRITO FEDERAL",
        "Coahuila de Zaragoza",
        "Ciudad de México",
        "MICHOACAN",
        "VERACRUZ",
    ]
    sites = [site(nra=str(n), state=name) for n, name in enumerate(names)]
    books = kit.work()
    told = establishments(kit.retc(tmp_path, "es", 2022, sites), kit.SPEC, books)
    assert list(told["state"]) == ["MX-MEX", "MX-CMX", "MX-COA", "MX-CMX", "MX-MIC", "MX-VER"]
    assert books.unknown == []


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("20°3'36\"", "99°16'48\""),  # west without a sign
        ("20°3'36\"", "-99°16'48\""),  # 2004 and 2005: west with one
        ("20.06", "99.28"),
        ("20.06", "-99.28"),
        ("20º3'36\"", "99º16'48\""),  # the ordinal sign
        ("99°16'48\"", "20°3'36\""),  # swapped, as Laguna Verde in 2005
    ],
)
def test_points_in_all_notations_are_one_point(tmp_path: Path, lat: str, lon: str):
    table = kit.retc(tmp_path, "es", 2005, [site(2005, lat=lat, lon=lon, utm="480000")])
    told = establishments(table, kit.SPEC, kit.work()).iloc[0]
    assert told["longitude"] == pytest.approx(-99.28)
    assert told["latitude"] == pytest.approx(20.06)


@pytest.mark.parametrize(
    ("lat", "lon"), [("", ""), ("0", "0"), ("60°0'0\"", "99°0'0\""), ("0.11°53'42\"", "99°0'0\"")]
)
def test_a_point_that_cannot_be_is_no_evidence(tmp_path: Path, lat: str, lon: str):
    table = kit.retc(tmp_path, "es", 2005, [site(2005, lat=lat, lon=lon, utm="0")])
    told = establishments(table, kit.SPEC, kit.work()).iloc[0]
    assert pd.isna(told["latitude"]) or pd.isna(told["longitude"])


def test_blank_and_filled_in_zero_say_nothing_but_a_zero_alone_is_one(tmp_path: Path):
    early = kit.retc(tmp_path, "em", 2005, [release(2005, unit="ton/año", air="", water="3")])
    late = kit.retc(
        tmp_path, "em", 2020, [release(2020, water="3"), release(2020), release(2020, air="4", water="3")]
    )
    assert list(releases(early, kit.SPEC, kit.work())["silent"]) == [True]
    assert list(releases(late, kit.SPEC, kit.work())["silent"]) == [True, False, False]


def test_absent_air_is_no_zero_on_the_plant(tmp_path: Path):
    rows = [release(substance="Mercurio", water="3"), release(substance=NO2)]
    books, facts, _ = kit.run(kit.plants(TULA), *pair(tmp_path, 2022, [site()], rows))
    assert "MEX-1" not in facts.of("hg_kg")
    assert facts.of("nox_t")["MEX-1"] == 0
    assert states(books, "mex-retc-em-2022")[0] == ("out_of_scope", "nothing reported to air")


def test_mercury_and_its_compounds_are_summed_in_kilograms(tmp_path: Path):
    rows = [
        release(substance="Mercurio (Compuestos solubles)", air="2.5"),
        release(substance="Mercurio (polvos, respirables, vapores o humos)", air="4"),
        release(substance="Cadmio", air="9"),
    ]
    books, facts, _ = kit.run(kit.plants(TULA), *pair(tmp_path, 2022, [site()], rows))
    wide, provenance = facts.winners("atlas_id")
    assert wide["hg_kg"][0] == pytest.approx(6.5)
    told = provenance.set_index("field").loc["hg_kg"]
    assert (told["row"], told["national_value"]) == ("2 + 3", "2.5 Kg + 4 Kg")
    assert [s for s, _ in states(books, "mex-retc-em-2022")] == ["aggregated", "aggregated", "out_of_scope"]


def test_each_gas_has_its_own_field_with_method_and_agency(tmp_path: Path):
    names = {CO2: "co2", NO2: "nox", "Metano": "ch4", "Oxido nitroso": "n2o"}
    rows = [release(substance=s, air=f"{n}000") for n, s in enumerate(names, start=1)]
    _, facts, _ = kit.run(kit.plants(TULA), *pair(tmp_path, 2022, [site()], rows))
    for n, pollutant in enumerate(names.values(), start=1):
        assert facts.of(f"{pollutant}_t")["MEX-1"] == pytest.approx(n)
        assert facts.of(f"{pollutant}_method")["MEX-1"] == "reported"
        assert facts.of(f"{pollutant}_source")["MEX-1"] == "SEMARNAT RETC"


def test_an_absurd_value_of_any_sector_is_told_and_kept(tmp_path: Path):
    rows = [release(2012, sector="Automotriz", unit="ton/año", air="613481131.394627")]
    tables = pair(tmp_path, 2012, [site(2012), site(2012, nra="FMO", sector="Automotriz")], rows)
    books, _, _ = kit.run(kit.plants(TULA), *tables)
    told = [f for f in books.findings if f.rule == "emission-beyond-any-plant"]
    assert [f.ids for f in told] == [("row 2",)]
    assert "613,481,131 t" in told[0].message
    assert books.ledger.quantities()["value"].sum() == pytest.approx(613481131.394627)
    assert books.ledger.corrections().empty


def test_releases_join_on_the_number_within_the_year_only(tmp_path: Path):
    earlier = pair(tmp_path, 2017, [site(2017, nra="OLD")], [release(2017, nra="OLD", air="1000")])
    later = pair(
        tmp_path, 2022, [site(nra="NEW")], [release(nra="OLD", air="9000"), release(nra="NEW", air="2000")]
    )
    books, facts, _ = kit.run(kit.plants(TULA), *later)
    assert facts.of("co2_t")["MEX-1"] == pytest.approx(2)
    lost = "registration number is not among the establishments of the year"
    assert states(books, "mex-retc-em-2022")[0] == ("rejected", lost)
    assert states(books, "mex-retc-em-2022")[1] == ("enriches", "MEX-1")
    _, facts, _ = kit.run(kit.plants(TULA), *earlier)
    assert facts.of("co2_t")["MEX-1"] == pytest.approx(1)


def test_a_number_that_stands_twice_is_not_joined_twice(tmp_path: Path):
    books, facts, _ = kit.run(
        kit.plants(TULA), *pair(tmp_path, 2018, [site(), site()], [release(air="1000")])
    )
    assert facts.of("co2_t")["MEX-1"] == pytest.approx(1)
    assert states(books, "mex-retc-es-2018")[1] == (
        "rejected",
        "registration number stands twice in the year",
    )


def test_an_establishment_without_plant_is_rejected_with_its_tonnes_told(tmp_path: Path):
    lonely = site(
        nra="CTG", name="CFE GENERACION I,CTG VALLEJO", state="MEXICO", lat="19°30'59\"", lon="99°10'29\""
    )
    rows = [release(air="5000"), release(nra="CTG", air="22846372.81")]
    books, facts, _ = kit.run(kit.plants(TULA), *pair(tmp_path, 2022, [site(), lonely], rows))
    assert list(facts.of("co2_t")) == [5.0]
    state, reason = states(books, "mex-retc-es-2022")[1]
    assert state == "rejected"
    assert "no plant of the layer" in reason
    told = next(f for f in books.findings if f.rule == "establishment-without-plant")
    assert told.message.startswith("22,846 t of CO2 from 1 establishment ")
    assert told.ids == ("CFE GENERACION I,CTG VALLEJO: 22,846 t",)


def test_one_establishment_of_two_plants_goes_to_neither(tmp_path: Path):
    near = (-99.277394, 20.059619)
    frame = kit.plants(
        ("Tula (CC)", "MX-HID", "natural_gas", 489.0, *near),
        ("Tula (Vapor)", "MX-HID", "petroleum", 500.0, *near),
    )
    site_of_both = site(name="CFE GENERACIÓN I,CENTRAL TULA")
    books, facts, _ = kit.run(frame, *pair(tmp_path, 2022, [site_of_both], [release(air="1000")]))
    assert facts.of("co2_t").empty
    state, reason = states(books, "mex-retc-es-2022")[0]
    assert state == "rejected"
    assert "Tula (CC)" in reason
    assert "Tula (Vapor)" in reason


@pytest.mark.parametrize(
    ("name", "company", "plant"),
    [
        ("AES MERIDA III S DE RL DE CV,AES MERIDA III", "AES MERIDA III S DE RL DE CV", "AES MERIDA III"),
        ("CENTRAL SALTILLO, S.A. DE C.V.,CENTRAL SALTILLO", "CENTRAL SALTILLO", "CENTRAL SALTILLO"),
        ("CFE GENERACIÓN VI,CFE GENERACION VI CENTRAL TERMOELÉCTRICA MERIDA II", "CFE GENERACIÓN VI",
         "CENTRAL TERMOELÉCTRICA MERIDA II"),
        ("CFE GENERACIÓN IV, CENTRAL TERMOELÉCTRICA JOSÉ LÓPEZ PORTILLO", "CFE GENERACIÓN IV",
         "CENTRAL TERMOELÉCTRICA JOSÉ LÓPEZ PORTILLO"),
        ("CFE GENERACION I,CFE GENERACIÓN I C.TG. REMEDIOS", "CFE GENERACION I", "C.TG. REMEDIOS"),
    ],
)  # fmt: skip
def test_names_part_into_company_and_plant(name: str, company: str, plant: str):
    told = split_name(pd.Series([name], dtype="string")).iloc[0]
    assert told["company"].startswith(company)
    assert told["plant"] == plant


def test_a_name_that_is_only_the_subsidiary_has_no_plant():
    told = split_name(pd.Series(["CFE GENERACION II EPS,CFE GENERACION II"], dtype="string")).iloc[0]
    assert pd.isna(told["plant"])


_ROW = st.fixed_dictionaries(
    {
        "nra": st.sampled_from(["TUL01", "CTG", "GONE"]),
        "sector": st.sampled_from([kit.USUAL_POWER, kit.APPLIANCES, "Otros"]),
        "substance": st.sampled_from([CO2, NO2, "Mercurio", "Mercurio (compuestos)", "Cadmio", "Metano"]),
        "unit": st.sampled_from(["Kg", "ton", "g", "kg/año"]),
        "air": st.sampled_from(["", "0", "12.5", "1000000"]),
        "water": st.sampled_from(["", "0", "3"]),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_ROW, min_size=1, max_size=12))
def test_no_row_and_no_tonne_is_lost(tmp_path: Path, rows: list[dict[str, str]]):
    lonely = site(
        nra="CTG", name="CFE GENERACION I,CTG VALLEJO", state="MEXICO", lat="19°30'59\"", lon="99°10'29\""
    )
    tables = pair(tmp_path, 2022, [site(), lonely], rows)
    books, facts, _ = kit.run(kit.plants(TULA), *tables)
    counts = books.ledger.counts().loc["mex-retc-em-2022"]
    assert counts["read"] == counts.drop("read").sum() == len(rows)
    sums = books.ledger.quantities()
    mine = sums[sums["state"].isin(["enriches", "aggregated"])].groupby("quantity")["value"].sum()
    for field in ("co2_t", "nox_t", "ch4_t", "hg_kg"):
        assert facts.of(field).astype("float64").sum() == pytest.approx(mine.get(field, 0.0))


# --- permits --------------------------------------------------------------------------------------------------------

CFE = "Comisión Federal de Electricidad"


def permit(number: int, **cells: object) -> list[object]:
    told: dict[str, object] = {
        "company": CFE, "central": "Central Termoeléctrica Ciclo Combinado Tula", "mode": "GEN.", "mw": 489,
        "date": dt.datetime(1981, 5, 1), "fuel": "Gas Natural y Vapor", "status": "En operación",  # noqa: DTZ001
        "state": "Hidalgo",
    } | cells  # fmt: skip
    return [
        number, told["company"], told["central"], told["mode"], dt.datetime(2015, 12, 31),  # noqa: DTZ001
        f"E/{number}/GEN/2015", told["mw"], 1.5, 2.5, told["date"], told["fuel"], "Generador", "Turbina",
        told["status"], told["state"],
    ]  # fmt: skip


def test_a_permit_enriches_its_plant_and_never_sets_its_capacity(tmp_path: Path):
    tables = kit.permits(tmp_path, [permit(1, mw=490)])
    books, facts, capacities = kit.run(kit.plants(TULA), *tables)
    assert facts.of("cre_permit")["MEX-1"] == "E/1/GEN/2015"
    assert facts.of("status")["MEX-1"] == "operating"
    assert facts.of("year_online")["MEX-1"] == 1981
    wide, provenance = facts.winners("atlas_id")
    assert "capacity_mw" not in wide
    assert provenance["score"].between(79, 100).all()
    told = capacities.table()
    assert set(told["definition"]) == {"authorised"}
    assert dict(zip(told["energy_source"], told["capacity_mw"], strict=True)) == {
        "total": 490,
        "natural_gas": 490,
    }
    assert states(books, "mex-cre-permits")[0] == ("enriches", "MEX-1")


def test_footer_totals_do_not_triple_the_megawatts(tmp_path: Path):
    tables = kit.permits(
        tmp_path, [permit(1), permit(2, mw=11, central=None, company="Fersinsa GB, S. A. de C. V.")]
    )
    books, _, _ = kit.run(kit.plants(TULA), *tables)
    sums = books.ledger.quantities()
    assert sums.loc[sums["quantity"] == "capacity_mw", "value"].sum() == pytest.approx(500)
    footer = states(books, "mex-cre-permits")[-3:]
    assert footer == [("out_of_scope", "publisher's total or its unit line")] * 3


def test_importers_and_plants_not_built_stay_out_by_rule(tmp_path: Path):
    rows = [
        permit(1, mode="IMP.", fuel="Importación"),
        permit(2, mode="A.IMP", fuel="Importación", status="Por iniciar obras"),
        permit(3, status="Por iniciar obras"),
        permit(4, status="En construcción"),
        permit(5, status="Inactivo"),
    ]
    books, facts, _ = kit.run(kit.plants(TULA), *kit.permits(tmp_path, rows))
    assert [detail for _, detail in states(books, "mex-cre-permits")][:5] == [
        "permit to import: no plant in Mexico",
        "permit to import: no plant in Mexico",
        "permit of a plant whose works have not begun",
        "permit of a plant under construction",
        "permit of an inactive plant",
    ]
    assert facts.of("cre_permit").empty


def test_a_permit_makes_no_point(tmp_path: Path):
    rows = [permit(1, company="Fersinsa GB, S. A. de C. V.", central=None, state="Coahuila", mw=6)]
    books, facts, capacities = kit.run(kit.plants(TULA), *kit.permits(tmp_path, rows))
    state, reason = states(books, "mex-cre-permits")[0]
    assert state == "rejected"
    assert reason.startswith("the permit has no coordinates of its own")
    assert facts.of("cre_permit").empty
    assert capacities.table().empty
    assert "6.0 MW" in next(f for f in books.findings if f.rule == "permit-without-plant").message


def test_a_blank_plant_name_leaves_the_company(tmp_path: Path):
    frame = kit.plants(("Enertek", "MX-TAM", "natural_gas", 168.0, -97.89, 22.37))
    rows = [
        permit(
            1, company="Enertek, S. A. de C. V.", central=None, state="Tamaulipas", mw=168, fuel="Gas Natural"
        )
    ]
    _, facts, _ = kit.run(frame, *kit.permits(tmp_path, rows))
    assert list(facts.of("cre_permit")) == ["E/1/GEN/2015"]


def test_dates_before_excel_and_before_1992():
    text = pd.Series(["2015-12-31", "1982-08-12", "05/abr/1898", "Antes de 92", None], dtype="string")
    told = mexico_permits.year_of(text)
    assert told.fillna(0).tolist() == [2015, 1982, 1898, 0, 0]


def test_before_92_leaves_the_year_unknown(tmp_path: Path):
    _, facts, _ = kit.run(kit.plants(TULA), *kit.permits(tmp_path, [permit(1, date="Antes de 92")]))
    assert facts.of("year_online").empty
    assert facts.of("cre_permit")["MEX-1"] == "E/1/GEN/2015"


def test_an_unknown_fuel_or_state_of_works_is_named(tmp_path: Path):
    table, _ = kit.permits(tmp_path, [permit(1, fuel="Hidrógeno"), permit(2, status="Suspendido")])
    books = kit.work()
    mexico_permits.read(table, kit.SPEC, books)
    told = "\n".join(books.unknown)
    assert "'Hidrógeno'" in told
    assert "energy_source.csv" in told
    assert "'Suspendido'" in told
    assert "plant_status.csv" in told


def test_ended_permits_are_out_of_scope(tmp_path: Path):
    ended = [[1, "Energía de Nuevo León", None, "COG.", "1994", "01/COG/94", "Permiso Caducado", "1998"]]
    books, _, _ = kit.run(kit.plants(TULA), *kit.permits(tmp_path, [permit(1)], ended))
    assert states(books, "mex-cre-permits-ended") == [
        ("out_of_scope", "permit ended before the date of the list")
    ]


def test_combined_fuels_take_the_first_one_named():
    codes = crosswalk.load("energy_source", "cre").codes
    assert codes["Combustóleo y Bagazo de Caña"] == "petroleum"
    assert codes["Licor Negro y Gas Natural"] == "biomass"  # written with two blanks in the register
    assert codes["Importación"] == ""
    assert codes["Gas Residual"] == "natural_gas"
    assert len(codes) == 42


# --- the municipal inventory ----------------------------------------------------------------------------------------

POWER = "Generación de energía eléctrica"
MAKERS = '"Accesorios, aparatos eléctricos y equipos de generación eléctrica"'
NOTES = [
    "Notas:,,,,,,,,,,,",
    "Cantidades en toneladas.,,,,,,,,,,,",
    '"* Si se muestran ""blancos""",,,,,,,,,,,',
]


def inem_2016(data: Path) -> Table:
    lines = [
        "CVE Estado,Estado,CVE Municipio,Municipio,Categoría,  PM10,  PM2.5,  SO2,  CO,  NOX,  COV,  NH3",
        f"01,Aguascalientes,001,Aguascalientes,{MAKERS},0.4,0.3,5,0,700,7.9,0",
        f"13,Hidalgo,076,Tula de Allende,{POWER}\xa0,1,2,300,4,50.5,6,7",
        f"15,México,002,Acolman,{POWER}\xa0,1,2,,4,9.5,6,7",
        *NOTES,
    ]
    return kit.text_file(data, "mex-inem-2016", lines, "cp1252")


def inem_2013(data: Path) -> Table:
    lines = [
        "SECTOR,CVE_ENT_1,ENTFED,CVE_MUN_1,MPIO,PM10,PM2.5,SO2,CO,NOX,COV,NH3",
        f"{MAKERS},1,Aguascalientes,1,Aguascalientes,1,1,5,0,700,7,0",
        f"{POWER},13,Hidalgo,76,Tula de Allende,1,2,300,4,60,6,7",
        *NOTES,
    ]
    return kit.text_file(data, "mex-inem-2013", lines, "utf-8-sig")


def test_inventory_counts_the_sector_behind_its_no_break_space(tmp_path: Path):
    told = mexico_inem.inem_control(inem_2016(tmp_path))
    assert told.index.tolist() == ["MX-HID", "MX-MEX"]
    assert told["nox"].tolist() == [50.5, 9.5]
    assert told["so2"].tolist() == [300, 0]
    assert mexico_inem.inem_control(inem_2013(tmp_path))["nox"].tolist() == [60]


def test_inventory_is_a_control_and_no_plant(tmp_path: Path):
    books, facts, _ = kit.run(kit.plants(TULA), inem_2016(tmp_path))
    assert [s for s, _ in states(books, "mex-inem-2016")] == ["out_of_scope", "control", "control"] + [
        "out_of_scope"
    ] * 3
    assert facts.of("nox_t").empty
    message = next(f for f in books.findings if f.rule == "inventory-against-plants").message
    assert "60 t of NOx and 300 t of SO2" in message
    sums = books.ledger.quantities().set_index(["quantity", "state"])["value"]
    assert sums["nox_t", "control"] == pytest.approx(60)


def test_inventory_in_another_encoding_is_refused(tmp_path: Path):
    from naatlas.errors import InputError

    with pytest.raises(InputError, match="as declared"):
        kit.text_file(tmp_path, "mex-inem-2013", ["SECTOR", "Generación"], "cp1252")


def test_the_sources_say_what_they_are():
    for source in mexico.SOURCES:
        assert source.licence.id == "Libre-Uso-MX"
        assert source.country == "MEX"
    starters = {s.starter for s in mexico.SOURCES if s.starter}
    retc = {f"mex_retc_{kind}_{year}.csv" for kind in ("es", "em") for year in (2015, 2017, 2022)}
    assert starters == {"mex_cre_permits.csv", *retc}
