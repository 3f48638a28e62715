"""The made-up register is the same for the same seed, and looks like a register."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from naatlas import register
from naatlas.layers._prtr.media import MEDIA
from naatlas.layers._prtr.substances import substances

SCRIPT = Path(__file__).parents[1] / "scripts" / "make_synthetic_register.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    make = runpy.run_path(str(SCRIPT))["make"]
    folders = {name: tmp_path_factory.mktemp(name) for name in ("one", "again", "other")}
    for (name, folder), seed in zip(folders.items(), (1, 1, 2), strict=True):
        make(folder, 20_000, years=4, count=400, seed=seed)
        assert (folder / "facilities.parquet").exists(), name
    return folders


def test_the_same_seed_gives_the_same_bytes(made: dict[str, Path]):
    one, again, other = (
        {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*.parquet")} for folder in made.values()
    )
    assert one == again
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)


def test_it_looks_like_a_register(made: dict[str, Path]):
    frame = pa.concat_tables(register.scan(made["one"])).to_pandas()
    assert len(frame) == 20_000
    assert set(frame["country"]) == {"CAN", "MEX", "USA"}
    assert sorted(set(frame["year"])) == [2020, 2021, 2022, 2023]
    assert set(frame["medium"]) == {*MEDIA, "none"}
    grams = frame["substance"].map(substances()["unit"]).eq("g")
    assert (frame["g"].notna() == grams).all()
    assert (frame["kg"].isna() == grams).all()
    assert (frame.loc[frame["medium"].eq("none"), ["kg", "g"]].fillna(0) == 0).all(axis=None)
    # log-normal: the few largest lines are most of the sum
    assert frame["kg"].nlargest(len(frame) // 100).sum() > 0.5 * frame["kg"].sum()
    rates = {"USA": 0.45359237, "CAN": 1000.0, "MEX": 1.0}
    own = frame[~grams]
    np.testing.assert_allclose(own["kg"], own["amount"] * own["country"].map(rates), rtol=1e-12)


def test_the_reporting_population_grows(made: dict[str, Path]):
    told = register.aggregate(made["one"], ["country", "year"])
    for _, years in told.groupby("country"):
        assert years["lines"].is_monotonic_increasing
        assert years["facilities"].iloc[-1] > years["facilities"].iloc[0]


def test_every_facility_has_one_point(made: dict[str, Path]):
    points = pd.read_parquet(made["one"] / "facilities.parquet")
    assert points["atlas_id"].is_unique
    told = set(pa.concat_tables(register.scan(made["one"], ["atlas_id"]))["atlas_id"].to_pylist())
    assert told <= set(points["atlas_id"])
