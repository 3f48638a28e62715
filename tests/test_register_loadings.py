"""Facilities located once, their lines added up by zone: nothing is lost at the borders."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas import register
from naatlas.errors import AccountError, UsageError
from naatlas.register import zones as room
from naatlas.register.schema import QUANTITIES
from tests.register_kit import by_basis, lines

#: Two squares that share a border, and one over a part of the second.
ZONES = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(15, 5, 30, 30)]
IDS = ["west", "east", "over"]


def points(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give two facilities of three a point, many of them the same, some on a border, some without a number."""
    rng = np.random.default_rng(seed)
    ids = pd.Series(sorted(set(frame["atlas_id"]))).sample(frac=0.7, random_state=seed)
    told = pd.DataFrame({"atlas_id": ids.to_numpy(), "x": rng.integers(-1, 7, len(ids)) * 5.0, "y": 5.0})
    return told.assign(x=told["x"].where(rng.random(len(ids)) > 0.1))


def test_points_find_their_zone():
    told = register.locate(
        pd.DataFrame(
            {
                "atlas_id": list("abcdefg"),
                "x": [1, 1, 10, 16, 16, np.nan, -1],
                "y": [1, 1, 5, 1, 6, 1, 1],
            }
        ),
        ZONES,
        IDS,
    )
    assert told["zone"].fillna("").tolist() == ["west", "west", "west", "east", "east", "", ""]
    assert told["place"].tolist() == ["inside"] * 5 + ["no_point", "outside"]
    assert told["zones"].tolist() == [1, 1, 2, 1, 2, 0, 0]


def test_polygons_of_one_zone_are_one():
    two = pd.DataFrame({"atlas_id": ["a", "b"], "x": [10, 16], "y": [5, 6]})
    told = register.locate(two, ZONES, ["land", "land", "over"])
    assert told[["zone", "zones"]].to_numpy().tolist() == [["land", 1], ["land", 2]]


def test_a_facility_with_two_points_is_refused():
    two = pd.DataFrame({"atlas_id": ["USA-1", "USA-1"], "x": [1, 2], "y": [1, 1]})
    with pytest.raises(UsageError, match="USA-1 is listed twice"):
        register.locate(two, ZONES, IDS)


@settings(max_examples=12)
@given(
    seed=st.integers(0, 10_000),
    by=st.sampled_from([(), ("medium",), ("group", "medium"), ("year", "substance")]),
)
def test_zones_and_outside_are_the_whole(seed: int, by: tuple[str, ...]):
    frame = lines(250, seed)
    located = register.locate(points(frame, seed), ZONES, IDS)
    with TemporaryDirectory() as folder:
        register.write([frame], Path(folder))
        told = register.loadings(Path(folder), located, by)
    for column in QUANTITIES:
        parts = [Decimal(v) for f in (told.zones, told.outside) for v in f[column].dropna()]
        assert sum(parts) == sum(told.total[column].dropna())
        assert float(sum(parts)) == pytest.approx(by_basis(frame)[column].sum(), rel=1e-12)
    assert told.zones["lines"].sum() + told.outside["lines"].sum() == len(frame)
    left = set(frame["atlas_id"]) - set(located.loc[located["zone"].notna(), "atlas_id"])
    assert set(told.left_out["atlas_id"]) == left
    assert told.left_out["lines"].sum() == told.outside["lines"].sum()


def test_the_same_as_pandas_join(tmp_path: Path):
    frame = lines(600)
    located = register.locate(points(frame, 3), ZONES, IDS)
    register.write([frame], tmp_path)
    told = register.loadings(tmp_path, located, ("group", "medium"), {"on_site": True, "year": (2020, 2021)})
    own = frame[frame["on_site"] & frame["year"].isin([2020, 2021])].merge(located, "left", on="atlas_id")
    own["place"] = own["place"].fillna("no_point")
    for column, found in (("zone", told.zones), ("place", told.outside)):
        some = own[own["place"].eq("inside") == (column == "zone")]
        keys = [column, "group", "medium"]
        expected = some.groupby(keys, dropna=False).agg(
            facilities=("atlas_id", "nunique"), lines=("kg", "size"), kg=("kg", lambda v: v.sum(min_count=1))
        )
        pairs = found.merge(
            expected.reset_index(), on=keys, how="outer", suffixes=("", "_pandas"), indicator=True
        )
        assert (pairs["_merge"] == "both").all()
        assert (pairs["facilities"] == pairs["facilities_pandas"]).all()
        assert (pairs["lines"] == pairs["lines_pandas"]).all()
        np.testing.assert_allclose(pairs["kg"].astype(float), pairs["kg_pandas"], rtol=1e-12, atol=1e-6)


def test_what_does_not_add_up_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    frame = lines(100)
    register.write([frame], tmp_path)
    located = register.locate(points(frame, 1), ZONES, IDS)
    whole = room.aggregate

    def loses(*args, **kwargs):
        told = whole(*args, **kwargs)
        return told.iloc[1:] if "attributes" in kwargs else told

    monkeypatch.setattr(room, "aggregate", loses)
    with pytest.raises(AccountError, match="lines of the zones and outside is"):
        register.loadings(tmp_path, located, ("medium",))
