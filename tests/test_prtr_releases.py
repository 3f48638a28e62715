"""The registers through the years: identity, changes, matched facilities, balance, related tables, named parts."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from naatlas import pipeline, product
from naatlas.cli import main
from naatlas.errors import AccountError, UsageError
from naatlas.layers._prtr import facility, npri_files, suspects
from naatlas.layers._prtr.reading import Registers
from naatlas.layers.prtr_releases import SPEC, YEARS
from naatlas.layers.prtr_releases.balance import balances
from naatlas.layers.prtr_releases.border import ZONE_KM, border
from naatlas.layers.prtr_releases.history import COLUMNS, changes, successions
from naatlas.layers.prtr_releases.trends import own_trends, trends
from naatlas.metadata import words
from naatlas.register import definition
from naatlas.register import subset as parts
from naatlas.register.matched import matched, matched_by_area
from naatlas.text import span, years_together
from tests import mexico_kit, prtr_kit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from naatlas.model import LayerData

SITE = {
    "nra": "AAL1512102650", "name": "ALMEXA ALUMINIO SA DE CV,", "sector": "Cemento y Cal", "state": "México",
    "municipality": "Cuautitlán Izcalli", "scian": "331310", "lat": "19°38'10\"", "lon": "99°11'20\"",
}  # fmt: skip
LEAD = {"cas": "Pb", "substance": "Plomo (compuestos)", "unit": "Kg"}
CANADIAN = {
    "NPRI_ID": "0000000011", "COMP_NAME": "Hexion Canada Inc.", "FACI_NAME": "Edmonton Facility", "CITY": "Edmonton",
    "PROVINCE": "AB", "LAST_REPORT_YEAR": "2011", "LONGITUDE": "-113.5886", "LATITUDE": "53.5823",
    "KIS_NAME_EN": "Chemicals",
}  # fmt: skip


def mexican(folder: Path, year: int, sites: list[Mapping[str, str]], air: float = 1.0) -> None:
    mexico_kit.retc(folder, "es", year, sites)
    rows = [LEAD | {"nra": site["nra"], "air": str(air)} for site in sites]
    mexico_kit.retc(folder, "em", year, rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make three years: one facility that moves and is renamed, one that goes on under a new number."""
    prtr_kit.npri(tmp_path, [CANADIAN])
    old, new = (
        SITE | {"nra": "OLD1", "name": "ACEROS DEL NORTE"},
        SITE | {"nra": "NEW1", "name": "ACEROS DEL NORTE, S.A."},
    )
    mexican(tmp_path, 2015, [SITE, old], air=2.0)
    mexican(tmp_path, 2016, [SITE, old], air=4.0)
    moved = SITE | {"name": "NORDURAL MEXICO", "lat": "19°48'10\"", "scian": "325110"}
    mexican(tmp_path, 2017, [moved, new], air=8.0)
    prtr_kit.tri(tmp_path, "il", 2017, [({}, {"51. 5.1 - FUGITIVE AIR": "10.000"})])
    return tmp_path


def built(folder: Path) -> LayerData:
    return pipeline.assemble("prtr-releases", data=folder)


def of(data: LayerData, nra: str) -> pd.Series:
    return data.frame.set_index("retc_nra").loc[nra]


# facilities through the years


def test_a_facility_keeps_its_id_and_the_newest_year_speaks_for_it(folder: Path):
    data = built(folder)
    told = of(data, SITE["nra"])
    assert told["atlas_id"] == f"MEX-{SITE['nra']}"
    assert (told["first_year"], told["last_year"], told["years_reported"]) == (2015, 2017, 3)
    assert (told["name"], told["sector"], told["reference_period"]) == (
        "NORDURAL MEXICO",
        "chemicals",
        "2017",
    )
    assert told["latitude"] == pytest.approx(19.802778, abs=1e-5)
    assert told["air_kg"] == told["releases_kg"] == 8.0
    lines = data.tables["releases"]
    own = lines[lines["atlas_id"].eq(told["atlas_id"])]
    assert own.set_index("year")["kg"].to_dict() == {2015: 2.0, 2016: 4.0, 2017: 8.0}


def test_moves_names_and_sectors_that_change_are_flagged(folder: Path):
    data = built(folder)
    assert of(data, SITE["nra"])["flags"] == "moved; renamed; sector_changed"
    years = data.tables["facility_years"].set_index(["atlas_id", "year"])
    last = years.loc[(f"MEX-{SITE['nra']}", 2017)]
    assert last["moved_km"] == pytest.approx(18.45, abs=0.1)
    assert last["sector_before"] == "metals"
    rules = {f.rule for f in data.findings}
    assert {"facility-moved", "facility-renamed", "facility-changed-sector", "facility-new-number"} <= rules


def test_a_facility_that_goes_on_under_another_number_stays_apart_and_is_told(folder: Path):
    data = built(folder)
    assert of(data, "NEW1")["may_continue"] == "MEX-OLD1"
    assert of(data, "OLD1")["may_go_on_as"] == "MEX-NEW1"
    assert data.tables["successions"]["kind"].tolist() == ["new_number"]


def test_canada_tells_its_last_year_and_nothing_else(folder: Path):
    told = built(folder).frame.query("country == 'CAN'").iloc[0]
    assert told["last_year"] == 2011
    assert told[["first_year", "years_reported", "releases_kg", "trend"]].isna().all()
    assert told["releases_status"] == "no_file"


def test_a_row_without_a_point_takes_that_of_another_year(folder: Path):
    nowhere = SITE | {"lat": "", "lon": ""}
    mexican(folder, 2018, [nowhere, SITE | {"nra": "LOST", "lat": "", "lon": ""}], air=16.0)
    data = built(folder)
    told = of(data, SITE["nra"])
    assert told["reference_period"] == "2017"
    assert data.tables["releases"].query("year == 2018")["kg"].tolist() == [16.0]
    counts = data.ledger.counts()
    assert counts.loc["mex-retc-es-2018", ["merged", "rejected"]].tolist() == [1, 1]
    assert counts.loc["mex-retc-em-2018", ["aggregated", "rejected"]].tolist() == [1, 1]
    assert data.tables["balances"].set_index(["source", "national_unit"]).loc[
        ("mex-retc-em-2018", "Kg"), ["read", "published", "rejected"]
    ].tolist() == [32.0, 16.0, 16.0]


def _years(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["atlas_id", "year", "name"])
    return frame.assign(city="Monterrey", state="MX-NLE", longitude=-100.3, latitude=25.7, moved_km=np.nan)


def test_mergers_and_splits_are_told_apart():
    merged = _years([("A", 2010, "Vitro"), ("B", 2010, "Vitro, S.A."), ("C", 2011, "VITRO")])
    assert successions(merged)["kind"].tolist() == ["merger", "merger"]
    split = _years([("A", 2010, "Vitro"), ("B", 2012, "Vitro"), ("C", 2012, "Vitro")])
    assert successions(split)["kind"].tolist() == ["split", "split"]
    chain = _years([("A", 2010, "Vitro"), ("B", 2011, "Vitro"), ("C", 2012, "Vitro")])
    told = successions(chain)
    assert told[["earlier", "later", "kind"]].to_numpy().tolist() == [
        ["A", "B", "new_number"],
        ["B", "C", "new_number"],
    ]
    late = _years([("A", 2010, "Vitro"), ("B", 2014, "Vitro")])
    both = _years([("A", 2010, "Vitro"), ("A", 2012, "Vitro"), ("B", 2011, "Vitro")])
    assert successions(late).empty
    assert successions(both).empty


def test_changes_are_by_facility():
    years = _years([("A", 2010, "Vitro"), ("A", 2011, "Vitro")])
    years = years.assign(moved_km=[np.nan, 5.1], name_score=[np.nan, 100.0], sector_before=[None, None])
    assert changes(years).loc["A"].tolist() == [True, False, False]


def test_the_years_of_canada_come_from_its_bulk_files_where_they_are_there(folder: Path):
    year, amount = npri_files.YEAR, npri_files.QUANTITY
    rows = [{year: "1995", amount: "4"}, {year: "2020", amount: "2"}, {year: "2020", npri_files.NUMBER: "99"}]
    prtr_kit.npri_bulk(folder, npri_files.RELEASES, rows)
    data = built(folder)
    told = data.frame.query("country == 'CAN'").iloc[0]
    assert (told["first_year"], told["last_year"], told["years_reported"]) == (1995, 2020, 2)
    assert (told["air_kg"], told["releases_status"]) == (2.0, "reported")
    sums = data.tables["release_totals"].query("country == 'CAN'").set_index("year")["kg"]
    assert sums.to_dict() == {1995: 4.0, 2020: 2.0}
    balance = data.tables["balances"].set_index("source").loc[[npri_files.RELEASES.id]]
    assert balance["published"].sum() == 6.0
    assert balance["rejected"].sum() == 1.0


# matched facilities and trends


_REPORTS = st.lists(st.tuples(st.sampled_from("ABCDEF"), st.integers(2010, 2016)), max_size=60)


@given(_REPORTS, st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_matched_facilities_reported_in_their_share_of_the_years(reports, one, other):
    frame = pd.DataFrame(reports, columns=["atlas_id", "year"]).astype({"year": "int64"})
    years = range(2010, 2017)
    low, high = sorted((one, other))
    few, many = matched(frame, years, share=high), matched(frame, years, share=low)
    assert set(few) <= set(many)
    told = {name: {y for n, y in reports if n == name} for name in "ABCDEF"}
    # told one by one, without any part of the function
    assert set(few) == {n for n, seen in told.items() if seen and len(seen) >= high * 7 - 1e-9}
    assert list(few) == sorted(few)


@given(_REPORTS)
def test_repeated_reports_and_other_years_change_nothing(reports):
    frame = pd.DataFrame(reports, columns=["atlas_id", "year"]).astype({"year": "int64"})
    other = frame.assign(year=frame["year"] + 100)
    years = [2010, 2011, 2011, 2012]
    assert matched(pd.concat([frame, frame, other]), years).tolist() == matched(frame, years).tolist()


@pytest.mark.parametrize("share", [0.0, -1.0, 1.01])
def test_a_share_out_of_bounds_is_refused(share: float):
    with pytest.raises(ValueError, match="above 0"):
        matched(pd.DataFrame({"atlas_id": [], "year": []}), [2010], share=share)


def test_states_of_the_united_states_are_matched_in_their_own_years():
    rows = [
        ("USA-1", 1987, "US-CA"),
        ("USA-1", 2017, "US-CA"),
        ("USA-2", 2016, "US-IL"),
        ("USA-2", 2017, "US-IL"),
    ]
    rows += [("USA-3", 2016, "US-IL")]
    frame = pd.DataFrame(rows, columns=["atlas_id", "year", "state"]).assign(country="USA")
    assert matched_by_area(frame).tolist() == ["USA-1", "USA-2"]


def _lines(rows: list[tuple[str, int, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["atlas_id", "year", "kg"])
    told = {"kind": "toxic", "group": "lead", "substance": "lead-compounds", "medium": "air", "g": np.nan}
    return frame.assign(**told)


def test_trends_show_all_and_matched_facilities_side_by_side():
    lines = _lines([("MEX-A", 2015, 5.0), ("MEX-A", 2016, 4.0), ("MEX-B", 2016, 100.0)])
    frame = pd.DataFrame(
        {"atlas_id": ["MEX-A", "MEX-B"], "country": "MEX", "state": "MX-NLE", "sector": "metals"}
    )
    told = trends(lines, frame, shares=(1.0,)).set_index("year")
    assert told["kg"].to_dict() == {2015: 5.0, 2016: 104.0}
    assert told["matched_kg"].to_dict() == {2015: 5.0, 2016: 4.0}
    assert told["facilities"].to_dict() == {2015: 1, 2016: 2}
    assert told["matched_facilities"].to_dict() == {2015: 1, 2016: 1}


def test_the_trend_of_a_facility_is_its_own():
    falling = [("A", 2010 + n, 100.0 * 0.9**n) for n in range(8)]
    few = [("B", 2010 + n, 100.0 * 0.9**n) for n in range(4)]
    flat = [("C", 2010 + n, 100.0 + 5 * (-1) ** n) for n in range(8)]
    told = own_trends(_lines([*falling, *few, *flat]))
    assert told.index.tolist() == ["A", "C"]
    assert told.loc["A", ["trend", "trend_percent", "trend_years"]].tolist() == ["falling", -10.0, 8]
    assert told.loc["C", "trend"] == "none"


def test_a_substance_that_came_later_makes_no_trend():
    lines = _lines([("A", 2010 + n, 10.0) for n in range(6)])
    more = _lines([("A", 2014, 900.0), ("A", 2015, 900.0)]).assign(substance="7439-97-6")
    told = own_trends(pd.concat([lines, more], ignore_index=True))
    assert told.loc["A", ["trend", "trend_percent"]].tolist() == ["none", 0.0]


# borders


@pytest.mark.parametrize(
    ("lon", "lat", "zone", "km"),
    [
        (-117.0, 32.55, "MEX-USA", (0, 8)),
        (-113.81, 50.0, "CAN-USA", (105, 115)),  # a degree north of the 49th parallel
        (-79.05, 43.1, "CAN-USA", (0, 5)),  # Niagara Falls
        (-99.13, 19.43, None, (600, 900)),
        (-141.0 + 0.5, 64.0, "CAN-USA", (20, 30)),  # Yukon
    ],
)
def test_border_zones(lon: float, lat: float, zone: str | None, km: tuple[float, float]):
    told = border(pd.Series([lon]), pd.Series([lat])).iloc[0]
    assert km[0] <= told["border_km"] <= km[1]
    assert (
        (told["border_zone"] == zone)
        if zone and told["border_km"] <= ZONE_KM
        else pd.isna(told["border_zone"])
    )


# balance


def test_every_file_balances_and_a_loss_is_refused(folder: Path):
    table = built(folder).tables["balances"]
    assert table["difference"].abs().max() < 1e-9
    tri = table.set_index("source").loc["usa-tri-il-2017"]
    assert tri[["amount", "factor", "read"]].tolist() == pytest.approx([10.0, 0.45359237, 4.5359237])
    line = {
        "year": 2015,
        "source": "x",
        "national_unit": "Kg",
        "row": 2,
        "amount": 5.0,
        "kg": 4.0,
        "g": np.nan,
    }
    lost = Registers(pd.DataFrame(), pd.DataFrame([line]), pd.DataFrame([line]).iloc[:0])
    with pytest.raises(AccountError, match="x, Kg: 1 of 5"):
        balances(lost)


# products


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish the starter inputs once."""
    out = tmp_path_factory.mktemp("releases")
    product.build("prtr-releases", out=out, formats=("gpkg",), languages=("en",))
    return out


@pytest.fixture(scope="module")
def table(published: Path) -> Path:
    (found,) = published.glob("prtr-releases/*/NA_PRTRReleases_*_releases.parquet")
    return found


def test_the_releases_are_related_to_their_facilities(published: Path):
    (path,) = published.glob("prtr-releases/*/*.gpkg")
    with closing(sqlite3.connect(path)) as file:
        relations = file.execute(
            "SELECT base_table_name, base_primary_column, related_table_name, related_primary_column, "
            "relation_name, mapping_table_name FROM gpkgext_relations ORDER BY id"
        ).fetchall()
        assert relations[0] == (
            "prtr_releases", "fid", "releases", "fid", "attributes", "prtr_releases_releases"
        )  # fmt: skip
        extensions = file.execute(
            "SELECT table_name, definition, scope FROM gpkg_extensions WHERE extension_name = 'gpkg_related_tables'"
        ).fetchall()
        mapping = {name for *_, name in relations}
        assert {name for name, *_ in extensions} == {"gpkgext_relations", *mapping}
        assert {tuple(rest) for _, *rest in extensions} == {
            ("http://www.geopackage.org/18-000.html", "read-write")
        }
        kinds = dict(file.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())
        for base, _, related, _, kind, name in relations:
            assert (kinds[base], kinds[related], kind) == ("features", "attributes", "attributes")
            (rows,) = file.execute(f"SELECT count(*) FROM {related}").fetchone()  # noqa: S608 - own names
            assert file.execute(f"SELECT count(*) FROM {name}").fetchone() == (rows,)  # noqa: S608 - own names
            strange = file.execute(
                f"SELECT count(*) FROM {name} m JOIN {base} f ON f.fid = m.base_id JOIN {related} r "  # noqa: S608 - own names
                "ON r.fid = m.related_id WHERE f.atlas_id <> r.atlas_id"
            )
            assert strange.fetchone() == (0,)
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_long_table_has_a_row_group_for_each_country_and_year(table: Path):
    file = pq.ParquetFile(table)
    groups = [file.read_row_group(n).to_pandas() for n in range(file.num_row_groups)]
    keys = [tuple(map(tuple, group[["country", "year"]].drop_duplicates().to_numpy())) for group in groups]
    assert all(len(key) == 1 for key in keys)
    assert [key[0] for key in keys] == sorted({key[0] for key in keys})
    assert {"state", "sector", "border_zone", "can_report"} <= set(file.schema.names)


def test_the_balances_stand_beside_the_report(published: Path):
    (path,) = published.glob("prtr-releases/*/balances.csv")
    told = pd.read_csv(path)
    assert set(told["source"]) >= {"usa-tri-il-2015", "mex-retc-em-2022"}
    assert (told["difference"].abs() <= 1e-12 * told["read"]).all()
    manifest = (path.parent / "manifest.json").read_text(encoding="utf-8")
    assert '"balances.csv"' in manifest
    assert f'"{next(path.parent.glob("*_releases.parquet")).name}"' in manifest


def test_files_of_many_years_are_named_in_one_line():
    names = ["a-2004", "a-2005", "b", "a-2007", "c-1999", "a-b-2004", "a-b-2005"]
    assert years_together(names) == ("a 2004-2005, 2007", "b", "c-1999", "a-b 2004-2005")
    assert years_together([]) == ()


def test_the_edition_tells_its_years():
    assert YEARS == SPEC.editions[0].name == "1987to2023"
    assert len(SPEC.sources) >= 53
    assert all(source.optional for source in SPEC.sources)


def test_people_read_a_span_of_years_and_files_keep_their_names(published: Path):
    (folder,) = (path for path in published.glob(f"prtr-releases/{YEARS}*") if path.is_dir())
    read = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".xml", ".svg", ".txt"}:
            text = path.read_text(encoding="utf-8")
            bare = re.sub(rf"NA_\w+|/{YEARS}", "", text.replace("<wbr>", ""))
            assert YEARS not in bare, (path.name, bare[bare.find(YEARS) - 80 : bare.find(YEARS) + 80])
            read += "1987-2023" in text
    assert read >= 10
    assert [span(name) for name in ("2005to2010-1M", "2023", "A12005to2010")] == [
        "2005-2010-1M", "2023", "A12005to2010"
    ]  # fmt: skip


def test_the_words_of_the_flags_name_every_code_that_a_facility_can_have():
    marks = changes(pd.DataFrame(columns=list(COLUMNS)))
    able = {
        "prtr-releases": {*suspects.REASONS, facility.SEVERAL, *marks.columns},
        "prtr-facilities": {*suspects.OF_ONE_YEAR, facility.SEVERAL},
    }
    for slug, codes in able.items():
        told = words.load(slug).definitions["flags"]
        for language, text in told.items():
            named = set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+|moved|renamed|peers", text))
            assert codes == named - {"facility_years"}, (slug, language, codes ^ named)


# named parts


def _define(folder: Path, told: Mapping[str, object], name: str = "part") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(dict(told)), encoding="utf-8")
    return path


def test_a_part_is_taken_and_taken_again_from_its_own_definition(table: Path, tmp_path: Path):
    path = _define(
        tmp_path, {"years": "2015-2017", "groups": ["lead"], "media": ["air", "water"], "by": ["year"]}
    )
    run = CliRunner().invoke(
        main,
        ["releases", str(path), "--from", str(table), "--to", str(tmp_path / "one")],
        standalone_mode=False,
    )
    assert run.exception is None, run.exception
    assert "lines of" in run.output
    lines = pd.read_csv(tmp_path / "one" / "releases.csv")
    whole = pq.read_table(table).to_pandas()
    wanted = whole[
        whole["year"].between(2015, 2017) & whole["group"].eq("lead") & whole["medium"].isin(["air", "water"])
    ]
    assert len(lines) == len(wanted) > 0
    assert lines["kg"].sum() == pytest.approx(wanted["kg"].sum())
    totals = pd.read_csv(tmp_path / "one" / "totals.csv").set_index("year")["kg"]
    assert totals.to_dict() == pytest.approx(wanted.groupby("year")["kg"].sum().to_dict())
    again, made = definition.load(tmp_path / "one" / "definition.yaml")
    parts.write(again, table, tmp_path / "two")
    names = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert names == ["SHA256SUMS", "definition.yaml", "releases.csv", "releases.parquet", "totals.csv"]
    assert all((tmp_path / "one" / n).read_bytes() == (tmp_path / "two" / n).read_bytes() for n in names)
    assert made["table"] == table.name


@pytest.mark.parametrize("wanted", [True, False])
def test_a_part_of_pbts_and_one_without_them(table: Path, wanted: bool):  # noqa: FBT001 - of a parameter
    whole = pq.read_table(table).to_pandas()
    lines = parts.take(definition.read({"name": "pbts", "pbt": wanted}, "x"), table)
    assert len(lines) == whole["pbt"].eq(wanted).sum() > 0
    assert {"mercury", "lead"} <= set(whole.loc[whole["pbt"], "group"])
    assert not {"mercury", "lead", "pcbs"} & set(lines["group"]) or wanted


def test_the_example_is_a_definition(tmp_path: Path):
    run = CliRunner().invoke(main, ["releases", "--example"], standalone_mode=False)
    path = tmp_path / "x.yaml"
    path.write_text(run.output, encoding="utf-8")
    told, made = definition.load(path)
    assert told.matched == 0.8
    assert told.years == tuple(range(2014, 2023))
    assert made == {}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"groupes": ["lead"]}, "no setting 'groupes'; did you mean 'groups'"),
        ({"groups": ["leed"]}, "groups: nothing is leed; there are .*lead"),
        ({"years": "last year"}, "write 2014-2022"),
        ({"years": "1950"}, "years: nothing is 1950"),
        ({"matched": 2}, "matched is a share"),
        ({"flagged": "no"}, "flagged is true or false"),
        ({"by": ["colour"]}, "cannot add up by colour"),
        ({"name": "../x"}, "becomes a folder"),
        ({"countries": ["CAN"]}, "countries: nothing is CAN"),
        ({"groups": ["lead"], "kinds": ["greenhouse_gas"]}, "nothing is left: kinds takes the last"),
    ],
)
def test_slips_in_a_definition_are_told(told: dict[str, object], message: str, table: Path, tmp_path: Path):
    with pytest.raises(UsageError, match=message):
        parts.write(definition.load(_define(tmp_path, told))[0], table, tmp_path / "out")


def test_matched_and_comparable_parts_are_smaller(table: Path):
    whole = parts.take(definition.Subset(name="all"), table)
    same = parts.take(definition.Subset(name="same", matched=1.0), table)
    both = parts.take(definition.Subset(name="both", comparable=("MEX", "USA")), table)
    assert 0 < len(same) < len(whole)
    assert 0 < len(both) < len(whole)
    assert both["can_report"].str.contains("MEX").all()
    assert set(both["country"]) <= {"MEX", "USA"}
    seen = whole.groupby("atlas_id")["year"].nunique()
    assert seen[same["atlas_id"].unique()].min() >= 1
