"""Releases by watershed: each facility in one basin of every level, every kilogram in one or listed outside."""

from __future__ import annotations

import dataclasses
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas import framework, pipeline, product, registry, styles, validation
from naatlas.errors import AccountError, SpecError
from naatlas.explain import explain, explain_text
from naatlas.layers._prtr.media import ON_SITE
from naatlas.layers.prtr_watershed_loadings import SPEC, fields, loads, locate, reach, tables
from naatlas.metadata import record
from naatlas.metadata import words as layer_words
from naatlas.quality import account
from naatlas.spec import Edition
from tests import watershed_kit as kit

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

SLUG = "prtr-watershed-loadings"
POUND_KG = 0.45359237


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kit.folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def built(data: Path) -> LayerData:
    return pipeline.assemble(SLUG, data=data, edition="2017")


@pytest.fixture(scope="module")
def published(data: Path, tmp_path_factory: pytest.TempPathFactory) -> product.Product:
    return product.build(SLUG, data=data, edition="2017", out=tmp_path_factory.mktemp("out"))


def row(layer: LayerData, key: str) -> pd.Series:
    return layer.frame.set_index("atlas_id").loc[key]


# sums


def test_sums_by_medium_group_and_basis(built: LayerData):
    plate = row(built, kit.PLATE)
    assert plate["releases_kg"] == pytest.approx(15 * POUND_KG)
    assert plate["water_kg"] == pytest.approx(5 * POUND_KG)
    assert (plate["lead_kg"], plate["lead_water_kg"]) == pytest.approx((12 * POUND_KG, 2 * POUND_KG))
    assert plate["land_kg"] == 0  # the form asks for it, and has a zero there
    assert plate["dioxins_mass_g"] == pytest.approx(1.5)
    assert (plate["mercury_kg"], plate["mercury_water_kg"]) == pytest.approx((3 * POUND_KG, 3 * POUND_KG))
    assert plate["pbts_kg"] == pytest.approx(plate["lead_kg"] + plate["mercury_kg"])
    assert plate["pbts_water_kg"] == pytest.approx(plate["lead_water_kg"] + plate["mercury_water_kg"])
    assert plate[["dioxins_not_stated_g", "cadmium_kg", "cadmium_water_kg"]].isna().all()
    assert (plate["facilities"], plate["reporting"]) == (1, 1)
    assert plate["water_kg_per_km2"] == pytest.approx(plate["water_kg"] / plate["area_km2"])


def test_every_level_has_the_whole(built: LayerData):
    levels = built.frame.groupby("level")[["releases_kg", "water_kg", "facilities"]].sum()
    assert levels.index.tolist() == [1, 2, 3, 4]
    assert levels["facilities"].unique().tolist() == [3]
    assert np.ptp(levels["releases_kg"]) == np.ptp(levels["water_kg"]) == 0
    told = built.tables["conservation"]
    assert len(told) == 4 * len(fields.SUMS)
    assert (told["difference"] == 0).all()
    assert told["reported"].to_numpy() == pytest.approx((told["in_watersheds"] + told["outside"]).to_numpy())


def test_what_lies_outside_is_listed_with_its_reason(built: LayerData):
    (outside,) = built.tables["outside"].to_dict("records")
    assert outside["name"] == "SOLAR TURBINES"
    assert outside["reason"] == locate.ON_LAND
    assert outside["nickel_water_kg"] == outside["releases_kg"] == pytest.approx(0.26 * POUND_KG)
    assert outside["distance_km"] > 1000
    (found,) = [f for f in built.findings if f.rule == "outside-every-watershed"]
    assert found.ids == (f"{outside['facility']} SOLAR TURBINES",)
    states = built.ledger.counts().loc["prtr-facilities"]
    assert (states["read"], states["aggregated"], states["out_of_scope"]) == (4, 3, 1)


def test_absent_is_not_zero(built: LayerData):
    mexican, canadian = row(built, "NA-WSH4-7050000003"), row(built, "NA-WSH4-8050000004")
    silent = row(built, "NA-WSH4-7050000001")
    # Reported with a zero in the column of water, while lead went to air.
    assert (mexican["water_kg"], mexican["lead_water_kg"], mexican["air_kg"]) == (0.0, 0.0, 2.5)
    assert (mexican["water_class"], mexican["loading_status"]) == ("zero", "reported")
    assert (canadian["loading_status"], canadian["water_class"]) == ("no_file", "no_file")
    assert (canadian["facilities"], canadian["reporting"], canadian["register_percent"]) == (1, 0, 0)
    assert (silent["loading_status"], silent["water_class"]) == ("no_facility", "no_facility")
    assert silent["register_percent"] > 99
    assert canadian[list(fields.SUMS)].isna().all()
    assert silent[list(fields.SUMS)].isna().all()


def test_a_zero_of_a_part_is_no_zero_of_the_whole():
    most, count = pd.Series([0.0, np.nan, np.nan, 3.0, np.nan]), pd.Series([1, 1, 0, 1, 0])
    told = reach.status(most, count, np.array([100.0, 100.0, 100.0, 5.0, 90.0]))
    assert told.tolist() == ["reported_zero", "no_quantity", "no_facility", "reported", "no_file"]


def test_people_are_counted_where_the_cells_are_fine_enough(built: LayerData, tmp_path: Path):
    river = row(built, "NA-WSH2-7030047060")
    # Twelve cells of one person each lie in the two basins.
    assert river["population_status"] == "counted"
    assert 12 <= river["population"] <= 13
    assert river["releases_kg_per_person"] == pytest.approx(river["releases_kg"] / river["population"])
    small = kit.folder(tmp_path, people=False)
    alone = pipeline.assemble(SLUG, data=small, edition="2017")
    assert alone.frame["population"].isna().all()
    assert set(alone.frame["population_status"]) == {"no_grid"}
    assert [f.where for f in alone.findings if f.rule == "source-absent"] == ["gpwv4-2015"]
    assert alone.frame["releases_kg"].equals(built.frame["releases_kg"])


# location


def test_a_point_on_a_border_counts_once():
    squares = np.array(
        [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 1, 2)], dtype=object
    )
    points = np.array([shapely.Point(1, 0.5), shapely.Point(1, 1), shapely.Point(3, 0)], dtype=object)
    place, distance = locate.nearest(points, squares)
    assert place.tolist() == [0, 0, 1]
    assert distance.tolist() == [0.0, 0.0, pytest.approx(0.001)]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 9), st.integers(-1, 9), st.floats(0, 1e6)), min_size=1, max_size=30),
)
def test_nothing_is_lost_wherever_facilities_lie(places: list[tuple[int, int, float]]):
    """Quarters of the squares' sides: corners and borders come often, and some lie outside."""
    quarter = kit.SIDE_M / 4
    sites = kit.facilities(
        [x * quarter for x, _, _ in places], [y * quarter - 4 * kit.SIDE_M for _, y, _ in places]
    )
    basins = kit.watersheds()
    told = locate.locate(sites, basins)
    inside = np.array([0 <= x <= 8 and 0 <= y <= 8 for x, y, _ in places])
    assert told["level_2"].notna().tolist() == inside.tolist()
    assert told["level_1"].equals(
        told["level_2"].map(basins.frame.set_index("atlas_id")["parent"]).astype("string")
    )
    kg = [weight for *_, weight in places]
    lines = loads.reported(kit.lines(sites.frame["atlas_id"], kg))
    lines = lines.join(told.set_axis(sites.frame["atlas_id"])[["level_1", "level_2"]], on="atlas_id")
    amounts = loads.wide(lines)
    sums = loads.by_watershed(lines, amounts, ["level_1", "level_2"])
    frame = basins.frame.join(sums, on="atlas_id")
    proof = tables.conservation(frame, lines, amounts, ["level_1", "level_2"]).set_index(["field", "level"])
    for level in (1, 2):
        assert proof.loc[("lead_water_kg", level), "reported"] == pytest.approx(sum(kg))
        own = frame.loc[frame["level"].eq(level), "lead_water_kg"].sum()
        assert own == pytest.approx(sum(k for k, there in zip(kg, inside, strict=True) if there))


def test_what_is_lost_stops_the_build():
    sites = kit.facilities([50_000.0], [-350_000.0])
    basins = kit.watersheds()
    told = locate.locate(sites, basins)
    lines = loads.reported(kit.lines(["MEX-0"], [5.0]))
    lines = lines.join(told.set_axis(sites.frame["atlas_id"])[["level_1", "level_2"]], on="atlas_id")
    amounts = loads.wide(lines)
    frame = basins.frame.join(loads.by_watershed(lines, amounts, ["level_1", "level_2"]), on="atlas_id")
    frame.loc[frame["level"].eq(2), "water_kg"] *= 0.5
    with pytest.raises(AccountError, match=r"level 2 water_kg 2\.5"):
        tables.conservation(frame, lines, amounts, ["level_1", "level_2"])


def test_the_account_holds_every_level(built: LayerData):
    table = account.balance(built.ledger, built.frame, built.provenance, built.spec).set_index("quantity")
    water = table.loc["water_kg"]
    assert water["source"] == "prtr-facilities"
    assert water["read"] == pytest.approx(water["aggregated"] + water["out_of_scope"])
    assert water["in_layer"] == pytest.approx(water["aggregated"])
    less = built.frame.assign(water_kg=built.frame["water_kg"].where(built.frame["level"].ne(3)))
    with pytest.raises(AccountError, match="level 3: water_kg adds up to 0"):
        account.balance(built.ledger, less, built.provenance, built.spec)


def test_facilities_on_the_shore_are_counted_in_the_nearest_and_platforms_are_not():
    """Laguna Verde, half a kilometre off the coarse basins, and a platform 90 km from the coast."""
    basin = kit.watersheds()
    coast = shapely.box(90_000, -2_850_000, 340_000, -2_790_000)
    shapes = np.array([coast] * 6, dtype=object)
    basin = dataclasses.replace(
        basin, geometry=dataclasses.replace(basin.shapes, metres=shapes, degrees=shapes)
    )
    x, y = framework.project(np.array([-96.4066, -91.425]), np.array([19.7208, 20.1756]))
    sites = kit.facilities(x, y)
    distance = shapely.distance(coast, shapely.points(x[0], y[0])) / 1000
    moved = shapely.box(x[0] - 50_000, y[0] - 50_000, x[0] - 500, y[0] + 50_000)
    shapes = np.array([moved] * 6, dtype=object)
    basin = dataclasses.replace(
        basin, geometry=dataclasses.replace(basin.shapes, metres=shapes, degrees=shapes)
    )
    told = locate.locate(sites, basin)
    assert distance > 0
    assert told["location"].tolist() == [locate.NEAREST, locate.AT_SEA]
    assert told["distance_km"].iloc[0] == pytest.approx(0.5)


# lines


def test_transfers_tell_that_nothing_stayed_on_site():
    lines = kit.lines(["A", "A"], [7.0, 0.0], medium=["transfer_disposal", "none"], on_site=False)
    told = loads.wide(loads.reported(lines)).sum(min_count=1)
    assert told[["releases_kg", "lead_kg", "lead_water_kg", *(f"{m}_kg" for m in ON_SITE)]].eq(0).all()
    assert np.isnan(told["mercury_kg"])


def test_what_is_told_for_all_media_together_is_released_and_leaves_the_media_open():
    lines = kit.lines(["A"], [7.0], medium="medium_not_told")
    told = loads.wide(loads.reported(lines)).sum(min_count=1)
    assert told[["releases_kg", "lead_kg", "pbts_kg"]].eq(7).all()
    assert told[["lead_water_kg", *(f"{m}_kg" for m in ON_SITE)]].isna().all()


def test_what_is_not_told_is_no_zero():
    lines = kit.lines(["A"], [np.nan], medium="none", on_site=False)
    assert loads.reported(lines).empty


def test_greenhouse_gases_and_dioxins_are_in_no_sum_of_kilograms():
    lines = kit.lines(
        ["A", "A"], [9.0, np.nan], kind=["greenhouse_gas", "toxic"], g=[np.nan, 2.0], basis="mass"
    )
    lines["group"] = ["greenhouse_gases", "dioxins_furans_hcb"]
    told = loads.wide(loads.reported(lines)).sum(min_count=1).dropna()
    assert told.to_dict() == {"dioxins_mass_g": 2.0}


def test_a_group_or_basis_without_a_column_stops():
    lines = loads.reported(kit.lines(["A", "A"], [9.0, np.nan], group="pfas", g=[np.nan, 1.0], basis="guess"))
    told = "\n".join(loads.strange(lines))
    assert "substance group 'pfas'; add a column for it to GROUPS" in told
    assert "basis of dioxins 'guess'; add a column for it to DIOXINS" in told


def test_classes_of_the_map_say_the_limits_of_the_code():
    names = layer_words.load(SLUG).classes["loading_class"]
    for number, limit in enumerate(fields.LIMITS):
        assert f" {limit:g} kg" in names[f"step_{number}"]["en"]
        assert names[f"step_{number + 1}"]["en"].removeprefix("More than ").startswith(f"{limit:g} ")
    assert set(styles.load(SLUG).colours) == set(names)


# back to the row


def test_a_kilogram_is_led_back_to_its_row(published: product.Product):
    (package,) = published.folder.glob("*.gpkg")
    for key in (kit.PLATE, "NA-WSH3-7040000001", "NA-WSH1-gulf_of_mexico"):
        told = explain(package, key)
        water = next(v for v in told["values"] if v["field"] == "lead_water_kg")
        (part,) = water["parts"]["largest"]
        assert part["value"] == pytest.approx(2 * POUND_KG)
        assert (part["facility"], part["source"], part["row"]) == (
            "USA-60007PNDST1250M",
            "usa-tri-il-2017",
            2,
        )
        assert (part["national_field"], part["national_value"]) == ("53. 5.3 - WATER", "2 Pounds")
    assert told["files"]["usa-tri-il-2017"]["file"] == "prtr/raw/us_tri/tri_2017_il.csv.gz"
    text = explain_text(told)
    assert "lead_water_kg): 0.90718474 kg" in text
    assert "kg, 7439-92-1, water: USA-60007PNDST1250M CHEM-PLATE INDUSTRIES" in text
    assert "kg/km2" in text


def test_the_parts_add_up_to_the_value(built: LayerData):
    told = built.tables["contributions"].groupby(["atlas_id", "field"])["value"].sum()
    last = built.frame[built.frame["level"].eq(4)].set_index("atlas_id")
    for (key, field), value in told.items():
        assert last.loc[key, field] == pytest.approx(value)
    assert set(told.index.get_level_values("field")) >= {
        "releases_kg",
        "water_kg",
        "lead_water_kg",
        "dioxins_mass_g",
    }


def test_the_product_passes_its_validation_and_says_what_it_stands_on(published: product.Product):
    verdict = validation.validate(published.folder)
    assert verdict.passed, verdict.text()
    told = record.describe(published.data, layer_words.load(SLUG))
    steps = [step.text["en"] for step in told.steps]
    assert any("Transfer Facilities (edition 2017); Watersheds (edition 2014)" in text for text in steps)
    assert "water_kg 2.3 at every level" in published.text()


def test_an_edition_names_that_of_what_it_stands_on():
    assert {e.of("watersheds") for e in SPEC.editions} == {"2014"}
    assert [e.of("prtr-facilities") for e in SPEC.editions] == [e.name for e in SPEC.editions]
    wrong = dataclasses.replace(SPEC, editions=(Edition(name="2012", sources=("gpwv4-2010",), default=True),))
    with pytest.raises(SpecError, match=r"watersheds has no edition '2012'; name one of 2014 in uses"):
        registry._check_editions(wrong, registry.spec("watersheds"))


# through the years


def test_every_year_of_the_registers_is_there(built: LayerData):
    told = built.tables["loadings_by_year"]
    assert told["year"].unique().tolist() == [2017]
    lead = told[told["atlas_id"].eq(kit.PLATE) & told["group"].eq("lead")].set_index("medium")
    assert lead.loc["water", "kg"] == pytest.approx(2 * POUND_KG)
    dioxins = told[told["basis"].eq("mass")]
    assert dioxins["g"].tolist() == pytest.approx([1.5] * 4)
    assert dioxins["kg"].isna().all()
    water = built.tables["water_by_year"].set_index("atlas_id")["water_class"]
    assert water.to_dict() == {"NA-WSH3-7040000001": "step_0", "NA-WSH3-7040000003": "zero"}


def test_the_globe_has_a_file_a_year_for_its_time_slider(published: product.Product):
    (kmz,) = published.folder.glob("*_fr.kmz")
    with zipfile.ZipFile(kmz) as archive:
        assert [name for name in archive.namelist() if name.startswith("years/")] == ["years/2017.kml"]
        year, main = archive.read("years/2017.kml").decode(), archive.read("doc.kml").decode()
    assert year.count("<TimeSpan><begin>2017</begin><end>2017</end></TimeSpan>") == 2
    assert "<td>Eau</td><td>2,268\u00a0kg</td>" in year
    assert "ExtendedData" not in year  # who counts features finds each once
    folder = main[main.index('<Folder id="years">') :]
    assert "Niveau 3" in folder.partition("</name>")[0]
    assert folder.index("<visibility>0</visibility>") < folder.index("<href>years/2017.kml</href>")
    assert "<gx:TimeSpan><begin>2017</begin><end>2017</end></gx:TimeSpan>" in main


# the national files


@pytest.fixture(scope="module")
def edition_2015(national: Path) -> LayerData:
    return pipeline.assemble(SLUG, data=national)


@pytest.mark.national
def test_the_sum_of_the_registers_is_in_the_watersheds_or_listed(edition_2015: LayerData, national: Path):
    whole = pipeline.assemble("prtr-facilities", data=national).frame
    outside = edition_2015.tables["outside"]
    for field in ("releases_kg", "water_kg", "air_kg"):
        for _, level in edition_2015.frame.groupby("level"):
            told = level[field].sum() + outside[field].sum()
            assert told == pytest.approx(whole[field].sum(), rel=1e-9)
    assert 50 < len(outside) < 200
    assert edition_2015.tables["conservation"]["difference"].eq(0).all()


@pytest.mark.national
def test_anybody_finds_the_same_with_the_published_polygons(edition_2015: LayerData):
    """A second count by geopandas, in degrees instead of metres."""
    import geopandas as gpd

    last = edition_2015.frame["level"].eq(4).to_numpy()
    polygons = gpd.GeoDataFrame(
        edition_2015.frame.loc[last, ["atlas_id"]],
        geometry=edition_2015.shapes.degrees[last],
        crs="EPSG:4326",
    )
    sites = edition_2015.tables["facilities"]
    points = gpd.GeoDataFrame(
        sites[["facility", "level_4", "location"]],
        geometry=gpd.points_from_xy(sites["longitude"], sites["latitude"]),
        crs="EPSG:4326",
    )
    found = gpd.sjoin(points, polygons, predicate="within")
    same = found["level_4"].eq(found["atlas_id"]).fillna(value=False)
    assert same.mean() > 0.999
    assert len(found) == pytest.approx(sites["location"].eq("inside").sum(), abs=5)


@pytest.mark.national
def test_canada_has_no_value_of_its_own(edition_2015: LayerData):
    north = edition_2015.frame[edition_2015.frame["countries"].eq("CAN").fillna(value=False)]
    assert north["facilities"].sum() > 1000
    assert north[list(fields.SUMS)].isna().all(axis=None)
    assert set(north["loading_status"]) == {"no_file"}
