"""Outliers by a stated method: robust, independent of units, with a reason; and what physics does not allow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.layers.power_plants.limits import OUTLIER_RULES
from naatlas.quality.outliers import FAR, LEAST, findings, outliers
from naatlas.spec import OutlierRule

RULE = OutlierRule(field="co2_t", per="capacity_mw", ceiling=26352.0, why="8,784 h x 3 t/MWh")


def plants(rates: list[float], *, country: str = "USA", start: int = 0) -> pd.DataFrame:
    count = len(rates)
    return pd.DataFrame(
        {
            "atlas_id": [f"{country}-{n + start:03d}" for n in range(count)],
            "country": pd.array([country] * count, dtype="string"),
            "primary_source": pd.array(["coal"] * count, dtype="string"),
            "capacity_mw": np.full(count, 100.0),
            "co2_t": np.array(rates) * 100.0,
        }
    )


LOOSE = OutlierRule(field="co2_t", per="capacity_mw")
NORMAL = [4000.0, 4200.0, 4500.0, 5000.0, 5200.0, 3800.0, 4100.0, 4700.0, 4900.0]


def test_a_thousandfold_slip_is_listed_with_its_reason():
    table = outliers(plants([*NORMAL, 4_500_000.0]), [RULE], key="atlas_id")
    (row,) = table.to_dict("records")
    assert row["atlas_id"] == "USA-009"
    assert row["field"] == "co2_t per capacity_mw"
    assert row["value"] == pytest.approx(4_500_000.0)
    assert row["expected"] == pytest.approx(4600.0, rel=0.01)
    assert row["score"] > FAR
    assert "physical limit of 26,352 (8,784 h x 3 t/MWh)" in row["reason"]
    assert "times the median" in row["reason"]
    (finding,) = findings(table, key="atlas_id")
    assert (finding.where, finding.count, finding.ids) == ("USA", 1, ("USA-009",))


def test_a_value_far_below_is_listed_too():
    table = outliers(plants([*NORMAL, 4.5]), [RULE], key="atlas_id")
    assert table["score"].item() < -FAR
    assert "1/966.1 of the median 4,347" in table["reason"].item()


def test_zero_and_missing_are_not_scored():
    assert outliers(plants([*NORMAL, 0.0, np.nan]), [RULE], key="atlas_id").empty


def test_a_small_group_is_compared_with_all_countries():
    frame = pd.concat([plants(NORMAL), plants([4600.0, 9_000_000.0], country="MEX")], ignore_index=True)
    table = outliers(frame, [RULE], key="atlas_id")
    assert table["atlas_id"].tolist() == ["MEX-001"]
    assert table["group"].item() == "coal"
    assert "of 11 values for coal" in table["reason"].item()


def test_too_few_peers_anywhere_leaves_only_the_ceiling():
    table = outliers(plants([4000.0, 30000.0]), [RULE], key="atlas_id")
    assert table["atlas_id"].tolist() == ["USA-001"]
    assert np.isnan(table["score"].item())
    assert f"fewer than {LEAST} peers" in table["reason"].item()


def test_near_equal_values_make_no_outlier_of_a_small_difference():
    assert outliers(plants([4000.0] * 10 + [39_000.0, 401.0]), [LOOSE], key="atlas_id").empty
    assert len(outliers(plants([4000.0] * 10 + [41_000.0]), [LOOSE], key="atlas_id")) == 1


def test_rules_over_absent_fields_find_nothing():
    frame = plants(NORMAL)
    assert outliers(frame.drop(columns="co2_t"), [RULE], key="atlas_id").empty
    assert findings(outliers(frame, [], key="atlas_id"), key="atlas_id") == []


def test_the_slip_of_retc_2012_is_beyond_the_largest_plant():
    frame = plants(NORMAL).assign(co2_t=lambda f: f["co2_t"].where(f.index != 3, 613_481_131.0))
    table = outliers(frame, OUTLIER_RULES, key="atlas_id")
    told = table[(table["field"] == "co2_t") & (table["atlas_id"] == "USA-003")]
    assert "physical limit of 65,880,000 (a coal plant of 5,000 MW" in told["reason"].item()


positive = st.floats(min_value=1.0, max_value=1e7)


@settings(deadline=None, max_examples=50)  # shared machines are slow at times
@given(
    rates=st.lists(positive, min_size=LEAST, max_size=30),
    scale=st.sampled_from([1e-3, 2.0**-10, 0.907, 1e3, 1e6]),
)
def test_scores_do_not_depend_on_the_unit(rates: list[float], scale: float):
    rule = OutlierRule(field="co2_t", per="capacity_mw")
    one = plants(rates)
    other = one.assign(co2_t=one["co2_t"] * scale)
    before, after = (outliers(f, [rule], key="atlas_id").set_index("atlas_id") for f in (one, other))
    close = set(before.index.symmetric_difference(after.index))
    score = pd.concat([before["score"], after["score"]])
    assert all(abs(abs(score[i]) - FAR) < 1e-6 for i in close)
    both = before.index.intersection(after.index)
    np.testing.assert_allclose(
        after.loc[both, "score"].to_numpy(float), before.loc[both, "score"].to_numpy(float), rtol=1e-6
    )
    np.testing.assert_allclose(
        after.loc[both, "expected"].to_numpy(float),
        before.loc[both, "expected"].to_numpy(float) * scale,
        rtol=1e-9,
    )
