"""Canada's releases: the bulk files of the NPRI as they are published, and what changes when they are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naatlas import pipeline
from naatlas.errors import InputError, SpecError, UnknownTermsError
from naatlas.layers._prtr import facility, npri_files, npri_releases, sectors
from naatlas.layers._prtr.npri_files import DISPOSALS, FLOWS, PLACE, PLACES, RELEASES, TRANSFERS
from naatlas.layers.prtr_facilities import SPEC
from tests import mexico_kit, prtr_kit
from tests.test_prtr import CANADIAN, SITE, folder

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

__all__ = ["folder"]

GROUP, CATEGORY, QUANTITY, UNIT = npri_files.GROUP, npri_files.CATEGORY, npri_files.QUANTITY, npri_files.UNIT
DIOXINS = {npri_files.CAS: "NA - D/F", npri_files.SUBSTANCE: "Dioxins and furans - total"}
ID = "CAN-0000000011"
PLACE_ROW = {
    PLACE["number"]: "77", PLACE["name"]: "Usine Nouvelle", PLACE["city"]: "Québec", PLACE["state"]: "QC",
    PLACE["naics"]: "331313", PLACE["last_year"]: "2017", PLACE["latitude"]: "46.81", PLACE["longitude"]: "-71.25",
}  # fmt: skip


def lines(tmp_path: Path, *rows: dict[str, str], edition: str = "2017") -> tuple[pd.DataFrame, Any]:
    work = prtr_kit.work(edition)
    table = prtr_kit.npri_bulk(tmp_path, RELEASES, rows)
    work.ledger.open(table)
    return npri_releases.lines(table, work), work


def built(folder: Path) -> LayerData:
    return pipeline.assemble("prtr-facilities", data=folder, edition="2017")


def canadian(data: LayerData) -> pd.Series:
    return data.frame[data.frame["atlas_id"].eq(ID)].iloc[0]


@pytest.mark.parametrize(
    ("unit", "kg"), [("tonnes", 2000.0), ("kg", 2.0), ("grams", 0.002)], ids=["tonnes", "kg", "grams"]
)
def test_the_unit_of_each_row_counts(tmp_path: Path, unit: str, kg: float):
    told, work = lines(tmp_path, {QUANTITY: "2", UNIT: unit})
    assert told["kg"].tolist() == pytest.approx([kg])
    assert told[["atlas_id", "medium", "substance"]].iloc[0].tolist() == [ID, "air", "lead-compounds"]
    assert work.unknown == []


def test_toxic_equivalents_are_no_mass_and_in_no_sum(tmp_path: Path):
    told, work = lines(
        tmp_path, DIOXINS | {QUANTITY: "0.5", UNIT: "g TEQ(ET)"}, DIOXINS | {QUANTITY: "3", UNIT: "grams"}
    )
    assert told["kg"].isna().all()
    assert told[["g", "basis"]].to_numpy().tolist() == [[0.5, "teq"], [3.0, "mass"]]
    assert work.unknown == []
    assert work.ledger._measures[RELEASES.id, "dioxins_g"]["value"].sum() == 3.0


def test_a_toxic_equivalent_of_anything_else_stops_the_build(tmp_path: Path):
    _, work = lines(tmp_path, {UNIT: "g TEQ"})
    assert any("only dioxins and furans" in term for term in work.unknown)


def test_groups_and_categories_become_media(tmp_path: Path):
    told, work = lines(
        tmp_path,
        {GROUP: "Releases to Water Bodies", CATEGORY: "Direct Discharges"},
        {GROUP: "Releases to Land", CATEGORY: "Spills"},
        {GROUP: "On-site Disposal", CATEGORY: "Landfill"},
        {GROUP: "On-site Disposal", CATEGORY: "Underground Injection"},
        {GROUP: "Off-site Disposal", CATEGORY: "Landfill"},
        {GROUP: "Off-site Transfers for Treatment Prior to Final Disposal", CATEGORY: "Physical"},
        {
            GROUP: "Off-site Transfers for Treatment Prior to Final Disposal",
            CATEGORY: "Municipal Sewage Treatment Plant",
        },
        {GROUP: "Off-site Transfers for Recycling", CATEGORY: "Energy Recovery"},
        {GROUP: "Off-site Transfers for Recycling", CATEGORY: "Recovery of Metals and Metal Compounds"},
        {GROUP: "Sum of release to all media (<1tonne)", CATEGORY: ""},
    )
    assert told["medium"].tolist() == [
        "water", "land", "on_site_disposal", "underground_injection", "transfer_disposal", "transfer_treatment",
        "transfer_sewage", "transfer_energy", "transfer_recycling", "medium_not_told",
    ]  # fmt: skip
    assert told["on_site"].sum() == 5
    assert work.unknown == []


def test_what_is_not_known_stops_the_build_with_what_to_edit(tmp_path: Path):
    _, work = lines(
        tmp_path,
        {GROUP: "Releases to Space"},
        {npri_files.CAS: "NA - 99", npri_files.SUBSTANCE: "Phlogiston"},
        {UNIT: "barrels"},
    )
    told = "\n".join(work.unknown)
    assert (
        "group 'Releases to Space' in 1 row(s); add it to naatlas/crosswalks/prtr_media.csv under npri"
        in told
    )
    assert "'Phlogiston' in 1 row(s); add it to naatlas/crosswalks/prtr_substance_ids.csv under npri" in told
    assert "unit 'barrels'" in told


def test_other_years_are_out_of_scope_and_rows_without_a_quantity_say_nothing(tmp_path: Path):
    told, work = lines(tmp_path, {npri_files.YEAR: "2016"}, {QUANTITY: ""}, {QUANTITY: "0"})
    assert told["row"].tolist() == [3, 4]
    assert told["medium"].tolist() == ["none", "none"]
    assert told["kg"].isna().tolist() == [True, False]
    assert list(work.ledger.open_of(RELEASES.id)) == [3, 4]


def test_an_edition_of_all_years_takes_all_rows(tmp_path: Path):
    work = prtr_kit.work("2017")
    work.edition = replace(work.edition, name="1993to2023")
    table = prtr_kit.npri_bulk(tmp_path, RELEASES, [{npri_files.YEAR: "2016"}, {}])
    assert npri_releases.lines(table, work)["year"].tolist() == [2016, 2017]


def test_particles_are_not_counted_with_their_parts(tmp_path: Path):
    told, work = lines(
        tmp_path,
        {npri_files.CAS: "NA - M08", npri_files.SUBSTANCE: "Total particulate matter", UNIT: "tonnes"},
        {npri_files.CAS: "NA - M10", npri_files.SUBSTANCE: "PM2.5 - Particulate Matter <= 2.5 Micrometers"},
    )
    assert told["kind"].tolist() == ["criteria", "criteria_part"]
    assert work.ledger._measures[RELEASES.id, "criteria_kg"]["value"].sum() == 1000.0


def test_a_file_with_other_headers_is_refused(tmp_path: Path):
    path = tmp_path / RELEASES.path
    path.parent.mkdir(parents=True)
    path.write_text("Reporting_Year,NPRI_ID\n2017,11\n", encoding="cp1252")
    with pytest.raises(InputError, match="Releases"):
        pipeline.sources.read(RELEASES, tmp_path)


# in the layer


def test_without_the_files_the_layer_says_that_canada_is_missing(folder: Path):
    data = built(folder)
    assert canadian(data)["releases_status"] == "no_file"
    assert canadian(data)[["releases_kg", "air_kg"]].isna().all()
    assert {g.field for g in data.spec.gaps if g.country == "CAN"} >= {"releases_kg", "air_kg"}
    absent = {f.where for f in data.findings if f.rule == "source-absent"}
    assert absent >= {*FLOWS, PLACES.id}


def test_with_the_files_canada_has_releases(folder: Path):
    prtr_kit.npri_bulk(folder, RELEASES, [{QUANTITY: "2"}, {GROUP: "Sum of release to all media (<1tonne)"}])
    prtr_kit.npri_bulk(
        folder, DISPOSALS, [{GROUP: "Off-site Disposal", CATEGORY: "Landfill", UNIT: "tonnes"}]
    )
    prtr_kit.npri_bulk(folder, TRANSFERS, [{GROUP: "Off-site Transfers for Recycling", QUANTITY: "7"}])
    data = built(folder)
    told = canadian(data)
    assert told["releases_status"] == "reported"
    assert told["air_kg"] == 2.0
    assert told["releases_kg"] == 3.0, "what has no medium is released all the same"
    assert told["medium_not_told_kg"] == 1.0
    assert [(f.where, f.count) for f in data.findings if f.rule == "releases-without-medium"] == [
        (RELEASES.id, 1)
    ]
    assert "medium_not_told_kg" in data.spec.balance, "what is in no medium is on the books too"
    assert told[["transfer_disposal_kg", "transfer_recycling_kg", "transfers_kg"]].tolist() == [
        1000.0,
        7.0,
        1007.0,
    ]
    assert (told["sector"], told["naics_2017"], told["naics_national"]) == ("chemicals", "3252", "325211")
    assert not [g for g in data.spec.gaps if g.country == "CAN"]
    assert not [f for f in data.findings if f.severity == "error"]
    states = data.tables["comparability_groups"].set_index(["group", "country"])
    assert states.loc[("lead", "CAN"), "reported"] > 0
    assert states.loc[("all", "CAN"), "no_file"] == 0


def test_what_is_kept_apart_from_the_toxics_comes_from_the_file_of_the_releases(folder: Path):
    """A field has one source; the long table has all."""
    grams = DIOXINS | {UNIT: "grams"}
    prtr_kit.npri_bulk(folder, RELEASES, [grams])
    prtr_kit.npri_bulk(folder, DISPOSALS, [grams | {GROUP: "On-site Disposal", QUANTITY: "9"}])
    data = built(folder)
    assert canadian(data)["dioxins_g"] == 1.0
    lines = data.tables["releases"]
    assert lines[lines["atlas_id"].eq(ID)]["g"].sum() == 10.0


def test_rows_of_facilities_that_no_list_names_are_rejected(folder: Path):
    prtr_kit.npri_bulk(folder, RELEASES, [{npri_files.NUMBER: "77"}, {}])
    data = built(folder)
    rejected = data.ledger.rejected()
    assert rejected[rejected["source"].eq(RELEASES.id)]["row"].tolist() == [2]
    assert data.frame["country"].eq("CAN").sum() == 1


def test_the_file_of_places_names_facilities_that_came_after_the_list(folder: Path):
    prtr_kit.npri_bulk(folder, RELEASES, [{npri_files.NUMBER: "77"}])
    prtr_kit.npri_bulk(
        folder, PLACES, [PLACE_ROW, PLACE_ROW | {PLACE["number"]: "5", PLACE["last_year"]: "2003"}]
    )
    data = built(folder)
    new = data.frame[data.frame["atlas_id"].eq("CAN-0000000077")].iloc[0]
    assert (new["name"], new["state"], new["air_kg"]) == ("Usine Nouvelle", "CA-QC", 1.0)
    assert data.frame["country"].eq("CAN").sum() == 2


def test_an_unknown_substance_stops_the_build(folder: Path):
    prtr_kit.npri_bulk(folder, RELEASES, [{npri_files.CAS: "", npri_files.SUBSTANCE: "Phlogiston"}])
    with pytest.raises(UnknownTermsError, match="Phlogiston"):
        built(folder)


def test_a_gap_may_only_name_an_optional_source():
    gaps = tuple(replace(g, unless=("usa-tri-il-2015",)) for g in SPEC.gaps[:1])
    with pytest.raises(SpecError, match="usa-tri-il-2015, which is no optional source"):
        replace(SPEC, gaps=gaps)


# several sectors


def test_a_facility_with_several_sectors_has_that_of_its_largest_releases(folder: Path):
    forms = [
        ({"naics": "332813"}, {"52. 5.2 - STACK AIR": "1", "65. ON-SITE RELEASE TOTAL": "1"}),
        ({"naics": "325211"}, {"52. 5.2 - STACK AIR": "9", "65. ON-SITE RELEASE TOTAL": "9"}),
    ]
    prtr_kit.tri(folder, "il", 2017, forms)
    data = built(folder)
    told = data.frame.set_index("tri_id").loc["60007PNDST1250M"]
    assert (told["sector"], told["naics_2017"], told["naics_national"]) == ("chemicals", "3252", "325211")
    assert told["flags"] == "several_sectors"
    found = next(f for f in data.findings if f.rule == "facilities-of-several-sectors")
    assert found.ids == ("USA-60007PNDST1250M",)
    assert "325211 + 332813" in found.message
    origin = data.provenance.set_index(["atlas_id", "field"]).loc[("USA-60007PNDST1250M", "sector")]
    assert (origin["row"], origin["national_value"]) == ("3", "325211")


def test_where_they_release_the_same_the_first_counts(folder: Path):
    forms = [({"naics": "332813"}, {}), ({"naics": "325211"}, {})]
    prtr_kit.tri(folder, "il", 2017, forms)
    told = built(folder).frame.set_index("tri_id").loc["60007PNDST1250M"]
    assert (told["sector"], told["flags"]) == ("metals", "several_sectors")


def test_an_establishment_of_mexico_that_stands_twice_keeps_its_first_code(folder: Path):
    mexico_kit.retc(folder, "es", 2017, [SITE, SITE | {"scian": "325110"}])
    told = built(folder).frame.set_index("country").loc["MEX"]
    assert (told["sector"], told["flags"]) == ("metals", "several_sectors")


def test_a_facility_of_canada_with_several_sectors(folder: Path):
    rows = [
        {npri_files.NAICS: "331313", QUANTITY: "5"},
        {QUANTITY: "3"},
        {QUANTITY: "4", CATEGORY: "Fugitive"},
    ]
    prtr_kit.npri_bulk(folder, RELEASES, rows)
    told = canadian(built(folder))
    assert (told["sector"], told["flags"]) == ("chemicals", facility.SEVERAL)


def test_a_row_without_a_code_is_passed_over():
    told = sectors.main(
        pd.Series([None, "325211"]), pd.Series(["A", "A"], dtype="string"), pd.Series([9.0, 1.0])
    )
    assert told["row"].tolist() == [1]
    assert told["several"].isna().all()


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.sampled_from(["1", "2", None]), st.sampled_from([0.0, 1.0, 5.0, None])
        ),
        max_size=12,
    )
)
def test_the_code_that_counts_is_one_of_the_facility_and_no_other_releases_more(rows: list[Any]):
    table = pd.DataFrame(rows, columns=["id", "code", "weight"]).astype(
        {"id": "string", "code": "string", "weight": "float64"}
    )
    told = sectors.main(table["code"], table["id"], table["weight"])
    assert set(table.loc[told.index, "id"]) == set(table["id"])
    for first, line in told.iterrows():
        own = table[table["id"].eq(table.at[first, "id"])]
        sums = own["weight"].fillna(0).groupby(own["code"]).sum()
        assert line["row"] in own.index
        assert pd.notna(line["several"]) == (len(sums) > 1)
        if len(sums):
            assert sums[own.at[line["row"], "code"]] == sums.max()


assert CANADIAN["NPRI_ID"] == ID.removeprefix("CAN-")
