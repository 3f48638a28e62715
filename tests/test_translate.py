"""From national cells to atlas columns: units, crosswalks, numbers, corrections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas import registry
from naatlas.errors import LinkageError, SpecError, UnknownTermsError
from naatlas.harmonize import corrections, crosswalk, translate, types
from naatlas.harmonize.corrections import Correction
from naatlas.harmonize.translate import Pick, numbers
from naatlas.ledger import Ledger
from naatlas.model import InputFile, Table, Work
from naatlas.spec import Edition, Field, LayerSpec
from tests.sources_kit import source

if TYPE_CHECKING:
    from pathlib import Path

SPEC = LayerSpec(
    slug="dams",
    name="Dams",
    geometry="Point",
    key="atlas_id",
    fields=(
        Field(name="atlas_id", dtype="text", required=True),
        Field(name="name", dtype="text"),
        Field(name="capacity_mw", dtype="real"),
        Field(name="co2_t", dtype="real"),
        Field(name="year_online", dtype="integer"),
        Field(name="primary_source", dtype="text"),
    ),
)
FUEL = "energy_source/nacei"


def table(*, tier: str = "data", **columns: list[str | None]) -> Table:
    told = source("register.csv", columns=tuple(columns))
    frame = pd.DataFrame(columns, dtype="string")
    frame.index = pd.RangeIndex(2, 2 + len(frame), name="row")
    return Table(told, frame, InputFile(source=told, tier=tier, name="register.csv", sha256="", size=1))  # type: ignore[arg-type]


def work() -> Work:
    return Work(Edition(name="2023", sources=("register",)), Ledger())


def column(pick: Pick, cells: list[str | None], at: Work, **others: list[str | None]) -> pd.Series:
    told = table(**{pick.column: cells}, **others)
    return translate.translate(told, [pick], SPEC, at).frame[pick.field]


# numbers


@pytest.mark.parametrize(
    ("text", "notation", "value"),
    [
        ("1 047.65", {"thousands": " "}, 1047.65),
        ("1\u00a0234\u202f567", {"thousands": " "}, 1234567.0),
        ("1,047.65", {"thousands": ","}, 1047.65),
        ("1.234,5", {"thousands": ".", "decimal": ","}, 1234.5),
        ("1234,5", {"decimal": ","}, 1234.5),
        (" 12 ", {}, 12.0),
        ("-0.5", {}, -0.5),
        ("1e3", {}, 1000.0),
    ],
)
def test_notations_of_numbers(text: str, notation: dict[str, str], value: float):
    assert numbers(pd.Series([text]), **notation)[0] == value


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("1,5", {"thousands": ","}),  # a decimal comma, no fifteen
        ("1 5", {"thousands": " "}),
        ("1 047.65", {}),
        ("1.5", {"decimal": ","}),  # perhaps a thousand and a half
        ("1,234.5", {"decimal": ","}),
        ("inf", {}),
        ("-Infinity", {}),
        ("nan", {}),
        ("1e999", {}),
        ("0x1F", {}),
        ("1815/1950", {}),
        ("n.d.", {}),
        ("True", {}),
        ("", {}),
        ("12 MW", {}),
    ],
)
def test_what_is_no_number_in_its_notation(text: str, notation: dict[str, str]):
    assert numbers(pd.Series([text]), **notation).isna().all()


@settings(deadline=None)  # shared machines are slow at times
@given(
    st.floats(min_value=-1e12, max_value=1e12),
    st.sampled_from([(".", ","), (",", "."), (".", " "), (",", " "), (".", "'")]),
)
def test_numbers_survive_every_notation(value: float, marks: tuple[str, str]):
    decimal, thousands = marks
    text = f"{value:,.3f}".translate(str.maketrans({",": thousands, ".": decimal}))
    assert numbers(pd.Series([text]), decimal=decimal, thousands=thousands)[0] == pytest.approx(
        round(value, 3)
    )


@settings(deadline=None)  # shared machines are slow at times
@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=8))
def test_any_text_is_a_number_or_missing(cells: list[str | None]):
    told = numbers(pd.Series(cells, dtype="string"), thousands=" ")
    assert len(told) == len(cells)
    assert told.dtype == "float64"
    assert not told.isin([float("inf"), float("-inf")]).any()


def test_text_in_a_number_is_a_finding_with_row_and_cell():
    at = work()
    told = column(Pick(field="capacity_mw", column="MW", unit="MW"), ["12", "n.d.", None, "1,5"], at)
    assert told.tolist()[0] == 12.0
    assert told.isna().tolist() == [False, True, True, True]
    (finding,) = at.findings
    assert (finding.rule, finding.count, finding.ids) == ("text-in-a-number", 2, ("3", "5"))
    assert "row 3: 'n.d.', row 5: '1,5'" in finding.message
    assert finding.where == "register, column MW"


@pytest.mark.parametrize("text", ["2010.5", "1e300", "Antes de 92", "inf"])
def test_fraction_in_a_whole_number_is_a_finding(text: str):
    at = work()
    told = column(Pick(field="year_online", column="Year"), ["1992", text], at)
    assert told.dtype == "Int64"
    assert told.tolist() == [1992, pd.NA]
    assert "not a whole number" in at.findings[0].message


# units


def test_unit_of_the_column_and_unit_by_row():
    assert column(Pick(field="capacity_mw", column="kW", unit="kW"), ["1500"], work()).tolist() == [1.5]
    pick = Pick(field="co2_t", column="CO2", unit_column="Unit")
    told = column(pick, ["1", "2000", "3"], work(), Unit=["kt", "Kg", "ton/año"])
    assert told.tolist() == [1000.0, 2.0, 3.0]


def test_unknown_units_of_column_and_rows_are_collected():
    at = work()
    column(Pick(field="capacity_mw", column="P", unit="hp_boiler"), ["1"], at)
    told = column(
        Pick(field="co2_t", column="CO2", unit_column="Unit"), ["1", "2", "3"], at, Unit=["t", "tons", "tons"]
    )
    assert told.isna().tolist() == [False, True, True]
    assert [term.split(":")[0] for term in at.unknown] == ["register", "register, 2 row(s)"]
    assert "'tons'" in at.unknown[1]


def test_a_number_without_its_unit_is_a_finding():
    at = work()
    told = column(
        Pick(field="co2_t", column="CO2", unit_column="Unit"), ["1", "2", None], at, Unit=["t", None, None]
    )
    assert told.isna().tolist() == [False, True, True]
    assert [(f.rule, f.ids) for f in at.findings] == [("number-without-unit", ("3",))]


# crosswalks


def test_terms_are_recoded_whatever_their_white_space():
    at = work()
    told = column(
        Pick(field="primary_source", column="Fuel", crosswalk=FUEL), ["Coal", " Natural\u00a0 Gas ", None], at
    )
    assert told.fillna("-").tolist() == ["coal", "natural_gas", "-"]
    assert not at.unknown


def test_unknown_terms_of_all_columns_are_collected_with_rows_and_table():
    at = work()
    pick = Pick(field="primary_source", column="Fuel", crosswalk=FUEL)
    column(pick, ["Coal", "Unobtainium", "Unobtainium", "coal"], at)
    assert len(at.unknown) == 2  # the case counts: a register that changes it has changed its list
    assert (
        "'Unobtainium' in 2 row(s); add it to naatlas/crosswalks/energy_source.csv under nacei"
        in at.unknown[0]
    )
    error = UnknownTermsError(at.unknown)
    assert str(error).startswith("2 unknown term(s); nothing was built:\n")


def test_rule_names_the_line_of_the_crosswalk():
    told = table(Fuel=["Coal", None])
    rows = translate.translate(
        told, [Pick(field="primary_source", column="Fuel", crosswalk=FUEL)], SPEC, work()
    )
    rule = rows.rule("primary_source", pd.Index([2, 3]))
    line = crosswalk.load("energy_source", "nacei").lines["Coal"]
    assert rule.tolist() == [f"crosswalk energy_source.csv line {line}: Coal -> coal", ""]


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the package's own folder of tables."""
    for module, folder in ((crosswalk, "crosswalks"), (corrections, "corrections")):
        (tmp_path / folder).mkdir()
        monkeypatch.setattr(module.resources, "files", lambda _: tmp_path)
    crosswalk.load.cache_clear()
    yield tmp_path
    crosswalk.load.cache_clear()


@pytest.mark.usefixtures("tables")
def test_crosswalk_that_is_not_there():
    with pytest.raises(SpecError, match=r"no crosswalk table naatlas/crosswalks/fuel\.csv"):
        crosswalk.load("fuel", "eia")


def test_crosswalk_with_other_columns(tables: Path):
    (tables / "crosswalks" / "fuel.csv").write_text("term,code\nCoal,coal\n", encoding="utf-8")
    with pytest.raises(SpecError, match="columns must be vocabulary, term, code, note, decided_by"):
        crosswalk.load("fuel", "eia")


def test_crosswalk_with_a_doubled_term(tables: Path):
    head = "vocabulary,term,code,note,decided_by\n"
    (tables / "crosswalks" / "fuel.csv").write_text(
        f"{head}eia,Coal,coal,,x\nother,Coal,coal,,x\neia,Coal ,other,,x\n", encoding="utf-8"
    )
    with pytest.raises(SpecError, match="eia lists Coal twice"):
        crosswalk.load("fuel", "eia")
    assert crosswalk.load("fuel", "other").codes == {"Coal": "coal"}


# corrections


FIX = Correction(
    "register", "Name", "Hoover", "State", "AZ", "NV", "maintainers", "2026-01-01", "it stands in Nevada"
)


def test_correction_changes_one_cell_and_is_logged():
    before, ledger = table(Name=["Hoover", "Glen"], State=["AZ", "AZ"]), Ledger()
    after = corrections.apply({"register": before}, (FIX,), ledger)["register"]
    assert after.frame["State"].tolist() == ["NV", "AZ"]
    assert before.frame["State"].tolist() == ["AZ", "AZ"]
    (logged,) = ledger.corrections().to_dict("records")
    assert (logged["row"], logged["old"], logged["new"]) == ("2", "AZ", "NV")
    assert logged["reason"] == "it stands in Nevada (2026-01-01)"


def test_correction_of_an_empty_cell():
    told = corrections.apply(
        {"register": table(Name=["Hoover"], State=[None])}, (replace(FIX, old=""),), Ledger()
    )
    assert told["register"].frame["State"].tolist() == ["NV"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Name": ["Hoover"], "State": ["NV"]}, "State is 'NV' and not 'AZ' as the correction says"),
        ({"Name": ["Glen"], "State": ["AZ"]}, "0 rows where a correction expects one"),
        ({"Name": ["Hoover", "Hoover"], "State": ["AZ", "AZ"]}, "2 rows where a correction expects one"),
        ({"Name": ["Hoover"], "Province": ["AZ"]}, "a correction names column State, which is not there"),
    ],
)
def test_correction_that_no_longer_fits_stops(columns: dict[str, list[str]], words: str):
    with pytest.raises(LinkageError, match=words) as told:
        corrections.apply({"register": table(**columns)}, (FIX,), Ledger())  # type: ignore[arg-type]
    assert "edit naatlas/corrections" in str(told.value)


def test_starter_rows_are_a_selection_but_not_another_truth():
    starter = table(tier="starter", Name=["Glen"], State=["AZ"])
    assert corrections.apply({"register": starter}, (FIX,), Ledger())["register"].frame.equals(starter.frame)
    with pytest.raises(LinkageError, match="is 'UT' and not 'AZ'"):
        corrections.apply(
            {"register": table(tier="starter", Name=["Hoover"], State=["UT"])}, (FIX,), Ledger()
        )


def test_provenance_of_a_corrected_cell_says_so():
    ledger = Ledger()
    corrections.apply({"register": table(Name=["Hoover", "Glen"], State=["AZ", "AZ"])}, (FIX,), ledger)
    provenance = pd.DataFrame(
        {
            "atlas_id": ["USA-1", "USA-2"],
            "field": "state",
            "source": "register",
            "row": ["2", "3"],
            "national_field": "State",
            "national_value": ["NV", "AZ"],
            "rule": "place table",
        }
    )
    told = corrections.mark(provenance, ledger)
    assert told["national_value"].tolist() == ["AZ", "AZ"]
    assert told["rule"].tolist() == [
        "corrected: it stands in Nevada (2026-01-01), maintainers",
        "place table",
    ]
    assert list(told.columns) == list(provenance.columns)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("register,Name,Hoover,State,AZ,NV,us,2026-01-01,it lies, as we know, there", "a comma not quoted"),
        ("register,Name,Hoover,State,AZ", "must have 9 cells"),
        (
            "register,Name,Hoover,State,AZ,NV,,2026-01-01,why",
            "say which row it is, who decided, when and why",
        ),
    ],
)
def test_table_of_corrections_that_is_not_one(tables: Path, line: str, words: str):
    head = "source,key_column,key,column,old,new,decided_by,decided_on,why"
    (tables / "corrections" / "dams.csv").write_text(f"{head}\n{line}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=f"dams.csv, line 2: .*{words}"):
        corrections.load("dams")


@pytest.mark.parametrize("slug", registry.slugs())
def test_corrections_of_a_layer_name_its_sources_and_columns(slug: str):
    sources = {s.id: s for s in registry.spec(slug).sources}
    for correction in corrections.load(slug):
        assert {correction.key_column, correction.column} <= set(sources[correction.source].columns)


# types


@settings(deadline=None)  # shared machines are slow at times
@given(
    st.lists(
        st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=5), st.booleans()), max_size=10
    )
)
@pytest.mark.parametrize("dtype", ["text", "integer", "real", "boolean"])
def test_anything_becomes_the_declared_type(dtype: str, cells: list[object]):
    field = Field(name="x", dtype=dtype)  # type: ignore[arg-type]
    told = types.as_declared(pd.Series(cells, dtype="object"), field, pd.RangeIndex(len(cells)))
    assert (
        str(told.dtype)
        == {"text": "string", "integer": "Int64", "real": "float64", "boolean": "boolean"}[dtype]
    )
    assert len(told) == len(cells)


def test_type_of_a_column_that_is_not_there():
    told = types.as_declared(None, Field(name="x", dtype="integer"), pd.RangeIndex(3))
    assert told.isna().all()
    assert len(told) == 3
