"""The starter plants as a table that a cartographer can read in a diff.

After a wanted change: ``python -m pytest tests/test_golden.py --golden`` writes the tables anew.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from naatlas import pipeline

GOLDENS = Path(__file__).parent / "goldens"
COLUMNS = ("atlas_id", "state", "name", "primary_source", "capacity_mw", "renewable_mw", "year_online")


@pytest.mark.parametrize("edition", ["2017", "2023"])
def test_starter_plants_are_as_the_golden_table(edition: str, request: pytest.FixtureRequest):
    layer = pipeline.assemble("power-plants", edition=edition)
    told = layer.frame[list(COLUMNS)].copy()
    emissions = [c for c in ("nox_t", "so2_t", "co2_t", "co2e_t", "hg_kg") if c in layer.frame]
    told[emissions] = layer.frame[emissions].round(3)
    told["x_m"] = layer.points.x.round().astype("int64")
    told["y_m"] = layer.points.y.round().astype("int64")
    path = GOLDENS / f"power_plants_{edition}.csv"
    if request.config.getoption("--golden"):
        told.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    golden = path.read_text(encoding="utf-8")
    assert told.to_csv(index=False, lineterminator="\n") == golden
    assert len(pd.read_csv(path)) > 100
