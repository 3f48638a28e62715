"""The pollutant registers on the national files: every file balances, and independent sums agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas import pipeline
from naatlas.layers._prtr import releases, retc, tri
from naatlas.layers._prtr.substances import is_pbt, resolve
from naatlas.layers._prtr.tri_files import TRI
from naatlas.layers._prtr.tri_files import layout as tri_layout
from naatlas.layers._retc_files import RETC, layout
from naatlas.sources import read
from tests import prtr_kit

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData
    from naatlas.spec import Source

pytestmark = pytest.mark.national

#: The test's own: kilograms by the units that the register writes, and by pound.
KG = {"kg": 1.0, "ton": 1000.0, "g": 0.001}
POUND_KG = 0.45359237
AMOUNTS = [
    "aire",
    "agua",
    "suelo",
    "reuso",
    "reutilización",
    "reciclado",
    "coprocesamiento",
    "tratamiento",
    "alcantarillado",
    "incineración",
    "otro",
    "otros",
    "disposición final",
]
EM = [source for source in RETC if "-em-" in source.id]
TOTALS = {
    "tri-122": ("65. ON-SITE RELEASE TOTAL", "68. POTW - TOTAL TRANSFERS", "94. OFF-SITE RECYCLED TOTAL"),
    "tri-110": ("ON-SITE_RELEASE_TOTAL", "6.1_POTW-TOTAL_TRANSFERS", "OFF-SITE_RECYCLED_TOTAL"),
}


@pytest.fixture(scope="module")
def edition_2015(national: Path) -> LayerData:
    return pipeline.assemble("prtr-facilities", data=national)


@pytest.fixture(scope="module")
def edition_2012(national: Path) -> LayerData:
    return pipeline.assemble("prtr-facilities", data=national, edition="2012")


def raw(national: Path, source: Source) -> pd.DataFrame:
    """Read a file without any part of the package."""
    tab = "\t" if "mx_retc" in source.path else ","
    frame = pd.read_csv(national / source.path, sep=tab, dtype="str", keep_default_na=False)
    return frame.set_axis([" ".join(str(c).split()) for c in frame.columns], axis=1)


@pytest.mark.parametrize("source", EM, ids=lambda source: source.id)
def test_every_year_of_the_retc_balances(national: Path, source: Source):
    frame = raw(national, source)
    lower = {str(c).lower(): c for c in frame.columns}
    amounts = frame[[lower[name] for name in AMOUNTS if name in lower]].apply(pd.to_numeric, errors="coerce")
    unit = frame[lower["unidad"]].str.strip().str.lower().str.removesuffix("/año").map(KG)
    assert unit.notna().all()
    work = prtr_kit.work("2015")
    _, columns = layout(int(source.vintage))
    lines = releases.long_table(read(source, national), retc.heads(columns), work)
    assert work.unknown == []
    assert set(lines["row"]) == set(range(2, len(frame) + 2))
    told = lines["kg"].sum() + lines["g"].sum() / 1000
    assert told == pytest.approx(amounts.mul(unit, axis=0).sum().sum(), rel=1e-9)
    assert amounts.shape[1] == 11


@pytest.mark.parametrize("source", TRI, ids=lambda source: source.id)
def test_every_file_of_the_tri_balances(national: Path, source: Source):
    """The parts that are read add up to the totals that the EPA publishes, which are not read."""
    frame = raw(national, source)
    columns = tri_layout(source)
    work = prtr_kit.work("2015")
    lines = releases.long_table(read(source, national), tri.heads(columns), work)
    assert work.unknown == []
    factor = frame[columns.unit].map({"Pounds": POUND_KG, "Grams": 0.001})
    assert factor.notna().all()
    groups = (
        releases.on_site(lines),
        lines["medium"].eq("transfer_sewage"),
        lines["medium"].eq("transfer_recycling"),
    )
    for total, group in zip(TOTALS[columns.vocabulary], groups, strict=True):
        wanted = pd.to_numeric(frame[total]).mul(factor).sum()
        part = lines[group]
        assert part["kg"].sum() + part["g"].sum() / 1000 == pytest.approx(wanted, rel=1e-6)


def test_pbts_are_those_of_the_column_of_the_register(national: Path):
    """The TRI classifies each form, in one column or two; the reader does not take them: they are the control."""
    for source in TRI:
        frame = raw(national, source)
        name = next(column for column in frame.columns if column.endswith("CLASSIFICATION"))
        classed = frame[name].str.strip().isin(["PBT", "Dioxin"])
        if "47. PBT" in frame:
            assert frame["47. PBT"].eq("YES").equals(classed)
        unknown: list[str] = []
        code = resolve(frame[tri_layout(source).substance], "tri", source.id, unknown)
        assert unknown == []
        assert is_pbt(code).equals(classed), source.id


@pytest.mark.parametrize("name", ["usa-tri-il-2015", "usa-tri-ca-2017"])
def test_what_pbts_are_released_is_the_sum_of_the_forms_that_the_register_classes_so(
    national: Path, name: str
):
    source = next(source for source in TRI if source.id == name)
    frame, columns = raw(national, source), tri_layout(source)
    classed = frame[next(c for c in frame.columns if c.endswith("CLASSIFICATION"))].str.strip().eq("PBT")
    wanted = pd.to_numeric(frame.loc[classed, columns.on_site]).sum() * POUND_KG
    lines = tri.read(read(source, national), prtr_kit.work("2015"))
    own = lines[is_pbt(lines["substance"]) & lines["on_site"]]
    assert own["kg"].sum() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("year", [2013, 2022, 2023])
def test_no_state_releases_more_than_the_nation(national: Path, year: int):
    """The EPA's totals by substance and compartment are above Illinois' alone, substance by substance."""
    totals = pd.read_csv(
        national / f"prtr/raw/crosswalks/TRI_{year}_NationalTotals.csv", dtype={"CAS": "str"}
    )
    source = next(s for s in TRI if s.id == f"usa-tri-il-{year}")
    frame = raw(national, source)
    number = frame[tri_layout(source).substance].str.strip().str.lstrip("0")
    rows = number.set_axis(range(2, len(frame) + 2))
    lines = releases.long_table(read(source, national), tri.heads(tri_layout(source)), prtr_kit.work("2015"))
    lines = lines[lines["medium"].isin(["air", "water"])].assign(cas=lines["row"].map(rows))
    state = lines.assign(kg=lines["kg"].fillna(lines["g"] / 1000)).groupby(["cas", "medium"])["kg"].sum()
    factor = totals["Unit"].map({"Pounds": POUND_KG, "Grams": 0.001, "lb": POUND_KG, "g": 0.001, "kg": 1.0})
    assert factor.notna().all()
    nation = totals["FlowAmount"].mul(factor).groupby([totals["CAS"], totals["Compartment"]]).sum()
    both = pd.DataFrame({"state": state, "nation": nation.reindex(state.index)})
    known = both.dropna()
    assert len(known) > 150
    assert both["state"].sum() * 0.95 < known["state"].sum()
    above = known[known["state"] > known["nation"] * (1 + 1e-4) + 0.5]
    assert above.empty, above.to_string()


def test_what_2015_publishes(edition_2015: LayerData):
    counts = edition_2015.ledger.counts()
    assert counts["read"].to_dict() == {
        "can-npri-facilities-2015": 19131,
        "usa-tri-il-2015": 4068,
        "mex-retc-es-2015": 2526,
        "mex-retc-em-2015": 6434,
    }
    by_country = edition_2015.frame["country"].value_counts()
    assert by_country.to_dict() == {"CAN": 8610, "MEX": 2524, "USA": 1104}
    assert counts["rejected"].sum() == 4
    status = edition_2015.frame.groupby("country")["releases_status"].unique()
    assert status["CAN"].tolist() == ["no_file"]
    assert not edition_2015.frame["atlas_id"].duplicated().any()
    assert not [f for f in edition_2015.findings if f.severity == "error"]


def test_tables_and_points_tell_the_same(edition_2015: LayerData, national: Path):
    """Totals by medium three ways: points, table of totals, and the file by itself."""
    points = edition_2015.frame.query("country == 'USA'")
    totals = edition_2015.tables["release_totals"].query("country == 'USA' and kind == 'toxic'")
    frame = raw(national, next(s for s in TRI if s.id == "usa-tri-il-2015"))
    pounds = frame[frame["50. UNIT OF MEASURE"].eq("Pounds")]
    water = pd.to_numeric(pounds["53. 5.3 - WATER"]).sum() * POUND_KG
    assert points["water_kg"].sum() == pytest.approx(water)
    assert totals.query("medium == 'water'")["kg"].sum() == pytest.approx(water)
    lines = edition_2015.tables["releases"]
    toxic = lines.query("kind == 'toxic' and on_site")
    assert toxic["kg"].sum() == pytest.approx(edition_2015.frame["releases_kg"].sum())
    assert lines["g"].sum() == pytest.approx(edition_2015.frame["dioxins_g"].sum())


def test_the_slip_of_2012_is_listed_and_kept(edition_2012: LayerData):
    found = [f for f in edition_2012.findings if f.rule == "emission-beyond-any-plant"]
    assert any("613,481,131 t" in f.message for f in found)
    lines = edition_2012.tables["releases"]
    slip = lines[lines["flag"].eq("beyond_any_plant").fillna(value=False)]
    assert slip["kg"].max() == pytest.approx(613_481_131_000, rel=1e-6)
    facility = edition_2012.frame.set_index("atlas_id").loc[slip["atlas_id"].iloc[0]]
    assert "beyond_any_plant" in facility["flags"]
