"""Every value of a feature is explained from the published GeoPackage alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from naatlas.errors import ProductError, UsageError
from naatlas.explain import explain, explain_text
from naatlas.export import gpkg
from naatlas.export.look import Look
from tests.quality_samples import WORDS, layer
from tests.test_report import STYLE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explain") / "NA_SamplePlants_2023.gpkg"
    gpkg.write(layer(), path, documents={}, look=Look(WORDS, STYLE, "en"))
    return path


def test_a_value_names_file_row_national_term_rule_and_score(product: Path):
    told = explain(product, "USA-1")
    assert (told["layer"], told["key"], told["id"], told["name"]) == (
        "sample-plants",
        "atlas_id",
        "USA-1",
        "Barry <1>",
    )
    co2 = next(v for v in told["values"] if v["field"] == "co2_t")
    assert co2 == {
        "field": "co2_t",
        "label": "co2_t",
        "value": 9_000_000.0,
        "unit": "t",
        "source": "us-units",
        "file": "us-units.csv",
        "vintage": "2021",
        "publisher": "Agency of us-units",
        "sha256": f"{2:064x}",
        "row": "2, 3",
        "national_field": "CO2",
        "national_value": "9920801 short tons",
        "rule": "unit short tons",
        "score": 97.5,
    }
    capacity = next(v for v in told["values"] if v["field"] == "capacity_mw")
    assert (capacity["value"], capacity["unit"], capacity["score"]) == (2370.5, "MW", None)


def test_all_values_are_listed_in_the_order_of_the_layer_and_the_empty_ones_with_their_status(product: Path):
    told = explain(product, "USA-2")
    fields = [v["field"] for v in told["values"]] + [e["field"] for e in told["empty"]]
    assert sorted(fields) == sorted(layer().frame.columns)
    assert [v["field"] for v in told["values"]] == [
        f for f in layer().frame.columns if f in {v["field"] for v in told["values"]}
    ]
    assert {e["field"]: e["status"] for e in told["empty"]}["co2_t"] == "not_reported"
    assert "  co2_t (co2_t): not_reported" in explain_text(told)


def test_the_text_has_each_file_once(product: Path):
    text = explain_text(explain(product, "USA-1"))
    assert "[1] row 2, 3: MW = 2000 + 370.5; sum of 2 rows" in text
    assert "crosswalk energy_source.csv line 4: BIT -> coal" in text
    assert "9920801 short tons; unit short tons; score of the link 97.5" in text
    assert text.count("us-units.csv") == 1
    assert text.count("  [") == 2 + sum(v["source"] is not None for v in explain(product, "USA-1")["values"])


@pytest.mark.parametrize("asked", ["Centrale Île-à-l'Échelle", "centrale ile a l echelle", "can-1"])
def test_a_name_is_as_good_as_an_id(product: Path, asked: str):
    assert explain(product, asked)["id"] == "CAN-1"


def test_an_unknown_id_offers_near_ones(product: Path):
    with pytest.raises(
        UsageError,
        match=r"no feature of sample-plants has the id or name 'Bary'; near are USA-1 \(Barry <1>\)",
    ):
        explain(product, "Bary")
    with pytest.raises(UsageError, match=r"near are USA-"):
        explain(product, "USA-11")
    with pytest.raises(UsageError, match=r"'zzzzzz'$"):
        explain(product, "zzzzzz")


def test_a_name_of_two_features_asks_for_an_id(product: Path, tmp_path: Path):
    twin = tmp_path / "twin.gpkg"
    twin.write_bytes(product.read_bytes())
    with closing(sqlite3.connect(twin)) as base, base:
        base.create_function("ST_IsEmpty", 1, lambda _: 0)
        for trigger in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger[0]}"')
        base.execute("UPDATE sample_plants SET name = 'Barry <1>' WHERE atlas_id = 'USA-2'")
    with pytest.raises(UsageError, match=r"2 features are named 'barry 1'; ask for one by id: USA-1, USA-2"):
        explain(twin, "barry 1")


def test_what_is_no_product_is_one_line(tmp_path: Path):
    with pytest.raises(UsageError, match=r"does not exist; build the layer first"):
        explain(tmp_path / "none.gpkg", "USA-1")
    text = tmp_path / "text.gpkg"
    text.write_text("not a database, only some words that are long enough to be read" * 20, encoding="utf-8")
    with pytest.raises(ProductError, match="not a GeoPackage"):
        explain(text, "USA-1")
    other = tmp_path / "other.gpkg"
    with closing(sqlite3.connect(other)) as base, base:
        base.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    with pytest.raises(ProductError, match="has no table provenance, sources"):
        explain(other, "USA-1")
