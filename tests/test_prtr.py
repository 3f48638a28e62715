"""The pollutant registers, on files in the true layouts: substances, units, media, facilities, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naatlas import pipeline
from naatlas.errors import UnknownTermsError
from naatlas.harmonize import crosswalk
from naatlas.layers._prtr import reading, releases, retc, rules, sectors, side_by_side, suspects, tri
from naatlas.layers._prtr import substances as subst
from naatlas.layers._prtr.media import MEDIA, QUANTITIES
from naatlas.layers._prtr.tri_files import LAYOUT_110, LAYOUT_122, layout
from naatlas.layers._retc_files import layout as retc_layout
from naatlas.layers.prtr_facilities import SPEC
from tests import mexico_kit, prtr_kit

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData, Table, Work

POUND_KG = 0.45359237
SITE = {
    "nra": "AAL1512102650", "name": "ALMEXA ALUMINIO SA DE CV,", "sector": "Cemento y Cal", "state": "México",
    "municipality": "Cuautitlán Izcalli", "scian": "331310", "lat": "19°38'10\"", "lon": "99°11'20\"",
}  # fmt: skip
CANADIAN = {
    "NPRI_ID": "0000000011", "COMP_NAME": "Hexion Canada Inc.", "FACI_NAME": "Edmonton Facility", "CITY": "Edmonton",
    "PROVINCE": "AB", "LAST_REPORT_YEAR": "2015", "LONGITUDE": "-113.5886", "LATITUDE": "53.5823",
    "KIS_NAME_EN": "Chemicals",
}  # fmt: skip


def mexican(table: Table, work: Work) -> pd.DataFrame:
    _, columns = retc_layout(int(table.source.vintage))
    return releases.long_table(table, retc.heads(columns), work)


def american(table: Table, work: Work) -> pd.DataFrame:
    return releases.long_table(table, tri.heads(layout(table.source)), work)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a data folder for the edition of 2017, in which both layouts of the TRI stand: a facility a file."""
    prtr_kit.npri(tmp_path, [CANADIAN])
    prtr_kit.tri(tmp_path, "il", 2017, [({}, {"51. 5.1 - FUGITIVE AIR": "10.000"})])
    told = {"facility": "92101SLRTR2200P", "state": "CA", "latitude": "32.727752", "longitude": "-117.176234"}
    prtr_kit.tri(tmp_path, "ca", 2017, [(told | {"substance": "007440020"}, {"5.3_WATER": ".26"})])
    mexico_kit.retc(tmp_path, "es", 2017, [SITE])
    row = {"nra": SITE["nra"], "cas": "Pb", "substance": "Plomo (compuestos)", "unit": "Kg"}
    mexico_kit.retc(tmp_path, "em", 2017, [row | {"air": "2.5", "water": "0", "incineration": "1"}])
    return tmp_path


def built(folder: Path) -> LayerData:
    return pipeline.assemble("prtr-facilities", data=folder, edition="2017")


def of(data: LayerData, country: str) -> pd.Series:
    return data.frame[data.frame["country"].eq(country)].iloc[0]


# substances


@pytest.mark.parametrize(
    ("text", "cas"),
    [
        ("0007439965", "7439-96-5"),
        ("007440020", "7440-02-0"),
        ("354110", "354-11-0"),
        ("50-00-0", "50-00-0"),
        (" 124-38-9 ", "124-38-9"),
        ("N420", None),
        ("S/C4", None),
        ("", None),
    ],
)
def test_cas_numbers_are_repaired(text: str, cas: str | None):
    told = subst.repair_cas(pd.Series([text]))[0]
    assert told == cas if cas else pd.isna(told)


@given(st.sampled_from([code for code in subst.substances().index if code[0].isdigit()]), st.integers(0, 4))
def test_padding_and_hyphens_do_not_matter(code: str, zeros: int):
    bare = code.replace("-", "")
    assert subst.repair_cas(pd.Series(["0" * zeros + bare]))[0] == code


@given(st.sampled_from([code for code in subst.substances().index if code[0].isdigit()]), st.integers(1, 9))
def test_a_wrong_last_figure_is_noticed(code: str, more: int):
    wrong = code[:-1] + str((int(code[-1]) + more) % 10)
    assert subst.check_digit_holds(code)
    assert not subst.check_digit_holds(wrong)


def test_pbts_are_those_of_the_regulation_and_members_of_its_categories():
    table = subst.substances()
    law = rules.lists()
    named = set(law.loc[law["source"].str.contains("372.28", regex=False), "substance"])
    assert set(table.index[table["pbt"].eq("40 CFR 372.28")]) == named
    part = table["pbt"].str.extract(r"^40 CFR 372\.28, as part of (.+)$")[0].dropna()
    assert set(part) == {"polycyclic-aromatic-compounds", "dioxin-compounds"} <= named
    assert rules.units(pd.Series(part.index, index=part.index)).equals(part.astype("string"))
    rest = table["pbt"].ne("") & ~table.index.isin([*named, *part.index])
    assert table.index[rest].tolist() == ["1222-05-5"]


def test_substances_have_a_group_and_those_of_mexico_names_in_three_languages():
    table = subst.substances()
    assert set(table["kind"]) == {"toxic", "criteria", "criteria_part", "greenhouse_gas"}
    assert {"mercury", "lead", "pcbs", "dioxins_furans_hcb", "pahs"} <= set(table["group"])
    assert set(table.index[table["unit"].eq("g")]) == {"dioxin-compounds", "dioxins", "furans"}
    coded = set(crosswalk.load("prtr_substance_ids", "retc").codes.values())
    assert table.loc[sorted(coded), ["name_en", "name_fr", "name_es"]].ne("").all(axis=None)
    for vocabulary in ("retc", "tri"):
        assert set(crosswalk.load("prtr_substance_ids", vocabulary).codes.values()) <= set(table.index)


def test_slips_of_the_register_are_decided_in_the_crosswalk(tmp_path: Path):
    rows = [
        {"nra": "A", "cas": cas, "substance": "x", "unit": "ton/año", "air": "1"}
        for cas in ("2148878", "72-02-8")
    ]
    work = prtr_kit.work("2015")
    told = mexican(mexico_kit.retc(tmp_path, "em", 2005, rows), work)
    assert told["substance"].tolist() == ["7783-06-4", "72-20-8"]
    assert work.unknown == []


def test_unknown_substances_and_units_stop_with_what_to_edit(tmp_path: Path):
    rows = [
        {"nra": "A", "cas": "7439-92-2", "substance": "x", "unit": "Kg", "air": "1"},
        {"nra": "A", "cas": "S/C99", "substance": "x", "unit": "Kg", "air": "1"},
        {"nra": "A", "cas": "64-17-5", "substance": "x", "unit": "costales", "air": "1"},
    ]
    work = prtr_kit.work("2015")
    mexican(mexico_kit.retc(tmp_path, "em", 2015, rows), work)
    told = "\n".join(work.unknown)
    assert "'7439-92-2' in 1 row(s); its check digit fails" in told
    assert "'S/C99' in 1 row(s); add it to naatlas/crosswalks/prtr_substance_ids.csv under retc" in told
    assert "add 64-17-5 to naatlas/crosswalks/prtr_substances.csv" in told
    assert "unit 'costales'" in told


def test_an_unknown_substance_stops_the_build(folder: Path):
    prtr_kit.tri(folder, "il", 2017, [({"substance": "N999"}, {"51. 5.1 - FUGITIVE AIR": "1"})])
    with pytest.raises(UnknownTermsError, match="'N999' in 1 row"):
        built(folder)


# media and units


@pytest.mark.parametrize("columns", [LAYOUT_122, LAYOUT_110])
def test_every_column_with_a_quantity_has_a_medium_or_is_known_as_a_total(columns):
    known = crosswalk.load("prtr_media", columns.vocabulary)
    assert set(known.codes) == set(columns.amounts)
    assert set(known.codes.values()) <= {*MEDIA, ""}
    for column, code in known.codes.items():
        if "TOTAL" in column and "5.4" not in column:
            assert code == "", column


@pytest.mark.parametrize("year", [2005, 2012, 2015])
def test_every_column_of_the_retc_has_a_medium(year: int):
    _, columns = retc_layout(year)
    known = crosswalk.load("prtr_media", "retc")
    assert all(known.codes[column] for column in (columns.air, *columns.others))


def test_totals_are_not_added_to_their_parts(tmp_path: Path):
    amounts = {
        "51. 5.1 - FUGITIVE AIR": "3", "52. 5.2 - STACK AIR": "4", "59. 5.5.1B - OTHER LANDFILLS": "10",
        "65. ON-SITE RELEASE TOTAL": "17", "66. 6.1 - POTW - TRNS RLSE": "1", "67. 6.1 - POTW - TRNS TRT": "2",
        "68. POTW - TOTAL TRANSFERS": "3", "107. TOTAL RELEASES": "18", "110. 8.1B - ON-SITE OTHER": "17",
    }  # fmt: skip
    told = american(prtr_kit.tri(tmp_path, "il", 2015, [({}, amounts)]), prtr_kit.work("2015"))
    told = told.set_index("medium")["kg"] / POUND_KG
    assert told.round(9).to_dict() == {"air": 7.0, "on_site_disposal": 10.0, "transfer_sewage": 3.0}


def test_the_unit_of_each_row_counts(tmp_path: Path):
    row = {"nra": "A", "cas": "7439-97-6", "substance": "Mercurio", "air": "2"}
    rows = [row | {"unit": unit} for unit in ("kg/año", "ton/año", "g/año")]
    told = mexican(mexico_kit.retc(tmp_path, "em", 2012, rows), prtr_kit.work("2012"))
    assert told["kg"].tolist() == pytest.approx([2.0, 2000.0, 0.002])
    assert told["national_unit"].tolist() == ["kg/año", "ton/año", "g/año"]


def test_columns_are_found_by_name_in_each_layout(tmp_path: Path):
    """Incineration and others change places in the first layout; headers hold line breaks in the usual one."""
    row = {"nra": "A", "substance": "x", "incineration": "1", "others": "2", "disposal": "4", "reuse": "8"}
    wanted = {
        "transfer_treatment": 1.0, "transfer_other": 2.0, "transfer_disposal": 4.0, "transfer_recycling": 8.0
    }  # fmt: skip
    for year, cas, unit in ((2004, "S/C4", "ton/año"), (2012, "S/C4", "kg/año"), (2020, "Hg", "Kg")):
        table = mexico_kit.retc(tmp_path, "em", year, [row | {"cas": cas, "unit": unit}])
        told = mexican(table, prtr_kit.work("2015"))
        assert told["substance"].unique().tolist() == ["mercury-compounds"]
        assert told.set_index("medium")["amount"].to_dict() == wanted


def test_dioxins_are_in_grams_and_in_no_sum_of_kilograms(folder: Path):
    forms = [
        ({"substance": "N150", "unit": "Grams"}, {"52. 5.2 - STACK AIR": "1.5"}),
        ({}, {"52. 5.2 - STACK AIR": "100"}),
    ]
    prtr_kit.tri(folder, "il", 2017, forms)
    told = built(folder).frame.set_index("tri_id").loc["60007PNDST1250M"]
    assert told["dioxins_g"] == pytest.approx(1.5)
    assert told["dioxins_basis"] == "mass"
    assert told["air_kg"] == told["releases_kg"] == pytest.approx(100 * POUND_KG)


def test_greenhouse_gases_and_criteria_pollutants_stay_apart(folder: Path):
    row = {"nra": SITE["nra"], "substance": "x", "unit": "Kg"}
    rows = [row | {"cas": cas, "air": "7"} for cas in ("124-38-9", "10102-44-0", "50-00-0")]
    mexico_kit.retc(folder, "em", 2017, rows)
    told = of(built(folder), "MEX")
    assert told[["air_kg", "releases_kg", "criteria_kg", "greenhouse_gases_kg"]].tolist() == [7.0] * 4


def test_pbts_are_a_sum_across_groups_and_named_beside_them(folder: Path):
    row = {"nra": SITE["nra"], "substance": "x", "unit": "Kg"}
    rows = [row | {"cas": cas, "air": "7", "disposal": "1"} for cas in ("7439-97-6", "50-32-8", "50-00-0")]
    mexico_kit.retc(folder, "em", 2017, rows)
    data = built(folder)
    told = of(data, "MEX")
    assert told[["pbts_kg", "releases_kg", "transfers_kg"]].tolist() == [14.0, 21.0, 3.0]
    assert told["substance_groups"] == "mercury; other; pahs; pbts"
    lines = data.tables["releases"].set_index("substance")["pbt"]
    assert lines[["7439-97-6", "50-32-8"]].all()
    assert not lines["50-00-0"].any()
    totals = data.tables["release_totals"]
    air = totals[totals["country"].eq("MEX") & totals["medium"].eq("air")]
    assert air.groupby("pbt")["kg"].sum().to_dict() == {True: 14.0, False: 7.0}


def test_text_in_a_quantity_is_a_finding(tmp_path: Path):
    row = {"nra": "A", "cas": "Pb", "substance": "x", "unit": "Kg", "air": "mucho"}
    work = prtr_kit.work("2015")
    told = mexican(mexico_kit.retc(tmp_path, "em", 2015, [row]), work)
    assert told["kg"].isna().all()
    assert [f.rule for f in work.findings] == ["text-in-a-number"]


# facilities


def test_one_point_a_facility_from_all_three_registers(folder: Path):
    data = built(folder)
    assert len(data.frame) == 4
    assert set(data.frame["source_agency"]) == {"ECCC NPRI", "EPA TRI", "SEMARNAT RETC"}
    mexican_site = of(data, "MEX")
    assert (mexican_site["latitude"], mexican_site["longitude"]) == pytest.approx(
        (19.636111, -99.188889), abs=1e-5
    )
    assert mexican_site["transfer_treatment_kg"] == 1.0
    assert (mexican_site["sector"], mexican_site["naics_2017"]) == ("metals", "3313")
    compared = {*side_by_side.BY.values(), "comparable", "reporting_rules"}
    assert set(data.tables) == {"releases", "release_totals", "substances", "suspects"} | compared
    part = next(f for f in data.findings if f.rule == "register-of-some-states")
    assert part.ids == ("US-CA", "US-IL")


def test_absent_is_not_zero(folder: Path):
    row = {"nra": SITE["nra"], "cas": "Pb", "substance": "x", "unit": "Kg"}
    mexico_kit.retc(folder, "em", 2017, [row])
    prtr_kit.tri(folder, "il", 2017, [({}, {})])
    data = built(folder)
    status = data.frame.set_index("source_agency")["releases_status"]
    assert status["ECCC NPRI"] == "no_file"
    assert status["SEMARNAT RETC"] == "not_reported"
    assert data.frame.set_index("tri_id").loc["60007PNDST1250M", "releases_status"] == "reported_zero"
    assert of(data, "CAN")[list(QUANTITIES)].isna().all()
    lines = data.tables["releases"].set_index("source")
    assert pd.isna(lines.loc["mex-retc-em-2017", "kg"])
    assert lines.loc["usa-tri-il-2017", "kg"] == 0.0


def test_the_zeros_of_a_certificate_are_no_quantities(folder: Path):
    """Form A certifies that a facility is below the threshold; what it releases is not told."""
    prtr_kit.tri(folder, "il", 2017, [({"form": "A"}, {})])
    data = built(folder)
    assert data.frame.set_index("tri_id").loc["60007PNDST1250M", "releases_status"] == tri.CERTIFIED
    line = data.tables["releases"].set_index("source").loc["usa-tri-il-2017"]
    assert pd.isna(line["kg"])
    assert line["method"] == tri.CERTIFIED


def test_quantities_without_a_facility_are_rejected_and_stay_in_the_balance(folder: Path):
    row = {"cas": "Pb", "substance": "x", "unit": "Kg", "air": "3"}
    mexico_kit.retc(folder, "em", 2017, [row | {"nra": SITE["nra"]}, row | {"nra": "NOBODY"}])
    far = {"latitude": "0", "longitude": "0", "facility": "99999NWHRX"}
    prtr_kit.tri(folder, "il", 2017, [({}, {"53. 5.3 - WATER": "1"}), (far, {"53. 5.3 - WATER": "5"})])
    data = built(folder)
    sums = data.ledger.quantities().set_index(["source", "quantity", "state"])["value"]
    assert sums["mex-retc-em-2017", "air_kg", "rejected"] == 3.0
    assert sums["mex-retc-em-2017", "air_kg", "aggregated"] == 3.0
    assert sums["usa-tri-il-2017", "water_kg", "rejected"] == pytest.approx(5 * POUND_KG)
    assert data.ledger.rejected()["reason"].tolist() == [
        "coordinates outside the declared country",
        reading.UNKNOWN,
    ]


def test_both_ways_to_write_west(folder: Path):
    """2004 writes a minus sign, later years do not; decimal degrees stand beside degrees, minutes and seconds."""
    ways = ("-99°11'20\"", "99°11'20\"", "-99.188889", "99.188889")
    sites = [SITE | {"nra": str(n), "lon": lon} for n, lon in enumerate(ways)]
    mexico_kit.retc(folder, "es", 2017, sites)
    row = {"cas": "Pb", "substance": "x", "unit": "Kg", "air": "1"}
    mexico_kit.retc(folder, "em", 2017, [row | {"nra": site["nra"]} for site in sites])
    told = built(folder).frame.query("country == 'MEX'")
    assert len(told) == len(ways)
    assert told["atlas_id"].is_unique
    assert told["longitude"].to_list() == pytest.approx([-99.188889] * 4, abs=1e-6)


def test_npri_names_fall_back_and_only_reporters_count(folder: Path):
    gone = CANADIAN | {"NPRI_ID": "0000000012", "LAST_REPORT_YEAR": "2009"}
    bare = CANADIAN | {"NPRI_ID": "0000000013", "FACI_NAME": "", "CITY": "", "LAND_SURVEY": "SW-32-068-19-W4"}
    prtr_kit.npri(folder, [CANADIAN, gone, bare])
    data = built(folder)
    told = data.frame.query("country == 'CAN'").set_index("npri_id")
    assert told.index.tolist() == ["0000000011", "0000000013"]
    assert told.loc["0000000013", ["name", "city"]].tolist() == ["Hexion Canada Inc.", "SW-32-068-19-W4"]
    assert told.loc["0000000011", "name"] == "Edmonton Facility"
    assert data.ledger.counts().loc["can-npri-facilities-2015", "out_of_scope"] == 1


@pytest.mark.parametrize(
    ("code", "edition", "wanted"),
    [
        ("332813", "2012", "3328"),
        ("339111", "2002", "33"),  # laboratory apparatus went into five groups
        ("517110", "2012", "5173"),
        ("434112", "2012", "42"),  # Mexico's wholesale trade has numbers of its own
        ("468111", "2017", "44"),
        ("", "2012", None),
        ("0", "2012", None),
    ],
)
def test_industry_codes_become_naics_2017_as_far_as_is_sure(code: str, edition: str, wanted: str | None):
    told = sectors.naics_2017(pd.Series([code]), edition)[0]
    assert told == wanted if wanted else pd.isna(told)


# suspects


def _lines(values: list[float], substance: str = "7439-92-1") -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"MEX-{n}" for n in range(len(values))]
    lines = pd.DataFrame(
        {"atlas_id": ids, "substance": substance, "medium": "air", "kg": values, "g": float("nan")}
    ).assign(source="mex-retc-em-2015", row=range(2, len(values) + 2))
    return lines, pd.DataFrame({"atlas_id": ids, "country": "MEX", "name": [f"Plant {i}" for i in ids]})


def test_planted_slips_of_the_unit_are_found_and_not_changed():
    usual = [1.0, 1.3, 0.8, 2.1, 0.6, 1.7, 1.1, 0.9, 1.4, 3.0]
    lines, frame = _lines([*usual, 1300.0, 2100.0, 900.0 * 2])
    work = prtr_kit.work("2015")
    told = suspects.flag(lines, frame, work)
    assert told.dropna().index.tolist() == [11, 12]  # 1,300 is below a thousand times the median of 1.4
    assert lines["kg"].iloc[11] == 2100.0
    assert [f.count for f in work.findings] == [2]


def test_more_carbon_dioxide_than_any_plant_can_emit():
    lines, frame = _lines([613_481_131_000.0], substance="124-38-9")
    work = prtr_kit.work("2015")
    assert suspects.flag(lines, frame, work).tolist() == ["beyond_any_plant"]
    assert "613,481,131 t" in work.findings[0].message


def test_sources_of_all_years_are_declared_and_2015_is_the_default():
    assert len([s for s in SPEC.sources if s.country == "MEX"]) == 36
    assert len([s for s in SPEC.sources if s.country == "USA"]) == 16
    assert SPEC.edition(None).name == "2015"
    assert {gap.field for gap in SPEC.gaps if gap.country == "CAN"} > set(QUANTITIES)
