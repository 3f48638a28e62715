"""Quality and report over the national files, wherever NAATLAS_DATA points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from naatlas import report
from naatlas.quality.account import balance
from naatlas.quality.outliers import FAR, outliers
from naatlas.spec import OutlierRule

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import LayerData

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def told(plants_2017: LayerData) -> dict[str, Any]:
    return report.build(plants_2017)


def test_the_report_has_the_totals_of_the_trilateral_union(told: dict[str, Any]):
    assert {c["code"]: c["features"] for c in told["layer"]["countries"]} == {
        "CAN": 1125,
        "USA": 6428,
        "MEX": 223,
    }
    capacity = told["totals"]["quantities"][0]
    assert capacity["field"] == "capacity_mw"
    for country, megawatts in {"USA": 1_143_926.9, "CAN": 141_244.2, "MEX": 64_424.8}.items():
        assert capacity["total"][country] == pytest.approx(megawatts, abs=0.05)
        assert sum(row[country] or 0.0 for row in capacity["rows"]) == pytest.approx(megawatts, abs=0.05)


def test_every_quantity_balances_by_source_and_country(plants_2017: LayerData):
    built = plants_2017
    table = balance(built.ledger, built.frame, built.provenance, built.spec)
    assert set(built.spec.balance) >= {"capacity_mw", "co2_t", "nox_t"}
    shown = table.groupby(["quantity", "country"])["in_layer"].sum()
    for field in built.spec.balance:
        sums = built.frame.groupby("country")[field].sum()
        for country, amount in sums[sums > 0].items():
            assert shown[field, country] == pytest.approx(amount)


def test_the_page_is_written_in_three_languages(told: dict[str, Any]):
    pages = [report.html(told, language) for language in ("en", "fr", "es")]
    assert len(set(pages)) == 3
    assert all(b"<script" not in page for page in pages)


def test_the_slip_of_retc_2012_is_found(national: Path):
    path = national / "prtr" / "raw" / "mx_retc" / "em_2012.csv.gz"
    raw = pd.read_csv(path, sep="\t", dtype="str", encoding="utf-8")
    gas = raw[(raw["Sustancia"] == "Bióxido de carbono") & (raw["Unidad"] == "ton/año")]
    amount = pd.to_numeric(gas["Aire"], errors="coerce")
    frame = pd.DataFrame({"key": gas["NRA"] + "/" + gas.index.astype(str), "country": "MEX", "co2_t": amount})
    rule = OutlierRule(field="co2_t", groups=("country",), ceiling=65_880_000.0, why="5,000 MW of coal")
    table = outliers(frame, [rule], key="key")
    slip = table[table["value"] > 613e6]
    assert slip["key"].str.startswith("FMO9M2111411").tolist() == [True]
    assert slip["score"].item() > FAR or "physical limit" in slip["reason"].item()
