"""Suspect quantities of the registers: slips that are planted are found, what is usual is left in peace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas.layers._prtr import repeats, series, suspects
from naatlas.layers._prtr.releases import NONE

LEAD, MERCURY, CO2 = "7439-92-1", "7439-97-6", "124-38-9"
YEARS = range(2004, 2012)
#: A plant like others: nothing of it is a suspect.
STEADY = (12.0, 13.1, 11.7, 12.9, 14.2, 12.2, 11.9, 13.6)


def line(**told: object) -> dict[str, object]:
    usual = {
        "atlas_id": "MEX-1", "substance": LEAD, "kind": "toxic", "medium": "air", "year": 2010, "kg": 1.0, "g": np.nan,
        "national_unit": "Kg", "national_column": "AIRE", "source": "mex-retc-em-2010", "row": 2,
    }  # fmt: skip
    row = usual | told
    kg = row["kg"]
    return {"amount": row["g"] if pd.isna(kg) else kg} | row


def plant(values: dict[int, float] | tuple[float, ...] = STEADY, **told: object) -> list[dict[str, object]]:
    by_year = values if isinstance(values, dict) else dict(zip(YEARS, values, strict=True))
    return [
        line(**{"year": year, "kg": kg, "source": f"mex-retc-em-{year}"} | told)
        for year, kg in by_year.items()
    ]


def frame(*ids: str, sector: str = "metals") -> pd.DataFrame:
    told = ids or ("MEX-1",)
    return pd.DataFrame({"atlas_id": told, "country": [i[:3] for i in told], "sector": sector})


def history(*rows: dict[str, object], facilities: pd.DataFrame | None = None) -> pd.DataFrame:
    lines = pd.DataFrame(rows)
    known = frame(*lines["atlas_id"].unique()) if facilities is None else facilities
    return suspects.history(lines, known)


def changed(year: int, kg: float) -> dict[int, float]:
    return dict(zip(YEARS, STEADY, strict=True)) | {year: kg}


def test_what_is_usual_is_left_in_peace():
    assert history(*plant()).empty
    assert tuple(history(*plant()).columns) == suspects.COLUMNS


def test_a_table_without_quantities_has_no_suspects():
    assert history(line(medium=NONE, kg=0.0)).empty
    assert history(line(medium=NONE, kg=np.nan)).empty


@pytest.mark.parametrize("factor", [1e3, 1e-3, 1e6])
def test_three_planted_slips_of_the_unit_are_found_with_what_was_to_be_expected(factor: float):
    rows = [
        *plant(changed(2006, 12.0 * factor)),
        *plant(changed(2008, 13.0 * factor), atlas_id="MEX-2"),
        *plant(changed(2007, 12.5 * factor), atlas_id="USA-3", medium="water"),
        *plant(atlas_id="MEX-4"),
    ]
    told = history(*rows)
    assert told[["atlas_id", "year"]].to_numpy().tolist() == [
        ["MEX-1", 2006],
        ["MEX-2", 2008],
        ["USA-3", 2007],
    ]
    assert told["reason"].tolist() == ["own_years"] * 3
    assert told["cause"].eq("unit").all()
    assert told["expected"].between(12, 14).all()
    assert told["factor"].to_numpy() == pytest.approx([factor] * 3, rel=0.1)
    assert told["compared"].tolist() == [7, 7, 7]
    assert told["source"].tolist() == ["mex-retc-em-2006", "mex-retc-em-2008", "mex-retc-em-2007"]


def test_grams_of_dioxins_are_judged_as_kilograms_are():
    rows = [line(**row | {"kg": np.nan, "g": row["kg"]}) for row in plant(changed(2009, 12_500.0))]
    (told,) = history(*rows).to_dict("records")
    assert (told["g"], told["year"], told["reason"]) == (12_500.0, 2009, "own_years")
    assert np.isnan(told["kg"])


def test_a_level_that_lasts_is_a_change_of_the_plant_and_little_at_the_end_its_close():
    half = {year: 12.0 if year < 2008 else 12_000.0 for year in YEARS}
    assert history(*plant(half)).empty
    assert history(*plant(changed(2011, 0.012))).empty
    assert len(history(*plant(changed(2011, 12_000.0)))) == 1


def test_a_factor_that_is_no_unit_is_not_one():
    assert history(*plant(changed(2007, 12.0 * 40))).empty


def test_a_year_far_from_the_others_by_another_factor_is_told_as_such():
    (told,) = history(*plant(changed(2011, 12.0 * 5e4))).to_dict("records")
    assert (told["reason"], told["cause"], told["year"]) == ("far_from_own_years", "unit_or_figure", 2011)
    (told,) = history(*plant(changed(2007, 12.0 / 5e4))).to_dict("records")
    assert told["reason"] == "far_from_own_years"
    assert history(*plant({2020: 3.4, 2021: 7.0, 2022: 19_700.0})).empty


def test_two_years_that_agree_are_enough_where_no_peer_reports_anything_like_it():
    others = [row for n in range(2, 14) for row in plant({2010: 1.5**n}, atlas_id=f"MEX-{n}")]
    ids = [f"MEX-{n}" for n in range(1, 14)]
    told = history(*plant({2020: 34.0, 2021: 70.0, 2022: 197_000.0}), *others, facilities=frame(*ids))
    assert told[["year", "reason"]].to_numpy().tolist() == [[2022, "far_from_own_years"]]


def test_loads_of_waste_must_be_steadier_than_streams():
    loose = {year: value * (1.8 if year % 2 else 0.8) for year, value in zip(YEARS, STEADY, strict=True)}
    loose |= {2006: 12_000.0}
    assert len(history(*plant(loose))) == 1
    assert history(*plant(loose, medium="transfer_recycling")).empty
    assert len(history(*plant(changed(2006, 12_000.0), medium="transfer_recycling"))) == 1


def test_a_report_whose_metals_are_all_a_thousand_times_their_others_is_one_slip():
    metals = ("lead-compounds", "nickel-compounds", "chromium-compounds", "arsenic-compounds")
    rows = [
        row
        for number, metal in enumerate(metals, start=1)
        for row in plant(
            {2005: 0.1 * number, 2006: 0.11 * number, 2007: 100.0 * number}, substance=metal, medium="water"
        )
    ]
    told = history(*rows)
    assert told["reason"].eq("whole_report").all()
    assert told[["substance", "year"]].to_numpy().tolist() == [[m, 2007] for m in sorted(metals)]
    assert told["cause"].eq("unit_or_volume").all()


def test_a_decimal_point_that_moved_stands_alone_among_close_values():
    (told,) = history(*plant(changed(2007, 1250.0))).to_dict("records")
    assert (told["reason"], told["cause"], told["year"]) == ("decimal_point", "decimal_point", 2007)
    (told,) = history(*plant(changed(2007, 125.0))).to_dict("records")
    assert told["reason"] == "decimal_point"
    loose = {year: value * (1.9 if year % 2 else 0.7) for year, value in changed(2007, 125.0).items()}
    assert history(*plant(loose | {2007: 125.0})).empty


def test_carbon_dioxide_beyond_any_plant_is_named_first():
    (told,) = history(*plant(changed(2010, 6.1e11), substance=CO2)).to_dict("records")
    assert (told["reason"], told["kg"]) == ("beyond_any_plant", 6.1e11)


def test_a_facility_without_a_past_is_held_to_its_peers_of_sector_and_country():
    others = [row for n in range(2, 14) for row in plant({2010: 8.0 + n / 4}, atlas_id=f"MEX-{n}")]
    ids = [f"MEX-{n}" for n in range(1, 14)]
    told = history(*plant({2010: 10_500.0}), *others, facilities=frame(*ids))
    (one,) = told.to_dict("records")
    assert (one["atlas_id"], one["reason"], one["compared"]) == ("MEX-1", "peers", 13)
    assert one["expected"] == pytest.approx(9.75, rel=0.1)
    # Its own other year says the same: a large plant.
    assert history(*plant({2009: 11_000.0, 2010: 10_500.0}), *others, facilities=frame(*ids)).empty
    # Peers of another country do not count, nor too few.
    american = [row | {"atlas_id": str(row["atlas_id"]).replace("MEX", "USA")} for row in others]
    assert history(*plant({2010: 10_500.0}), *american).empty


def test_a_quantity_in_the_column_of_another_medium_is_told_with_it():
    water = {year: kg for year, kg in zip(YEARS, STEADY, strict=True) if year != 2008}
    rows = [
        *plant(water, medium="water", national_column="AGUA"),
        *plant({2008: 13.0}, national_column="AIRE"),
    ]
    (told,) = history(*rows).to_dict("records")
    assert (told["reason"], told["medium"], told["other_medium"]) == ("swapped_columns", "air", "water")
    assert (told["year"], told["national_column"]) == (2008, "AIRE")


def test_two_columns_that_change_places_are_both_told():
    air, water = changed(2008, 0.05), dict.fromkeys(YEARS, 0.05) | {2008: 12.0}
    told = history(*plant(air), *plant(water, medium="water"))
    assert told[["medium", "other_medium", "year"]].to_numpy().tolist() == [
        ["air", "water", 2008],
        ["water", "air", 2008],
    ]
    assert told["reason"].eq("swapped_columns").all()


def test_a_new_medium_at_the_end_is_a_change_of_the_plant():
    water = {year: kg for year, kg in zip(YEARS, STEADY, strict=True) if year != 2011}
    assert history(*plant(water, medium="water"), *plant({2011: 13.0})).empty


def test_the_same_figure_year_after_year_is_a_copy_unless_it_is_round():
    told = history(*plant(dict.fromkeys(YEARS, 234.56)))
    assert told["reason"].eq("same_in_many_years").all()
    assert set(told["compared"]) == {8}
    assert told["expected"].isna().all()
    assert history(*plant(dict.fromkeys(YEARS, 250.0))).empty
    assert history(*plant(dict.fromkeys(range(2004, 2009), 234.56))).empty


def test_the_same_figure_for_many_substances_is_a_total_but_not_in_a_sample_of_water():
    codes = [f"substance-{n}" for n in range(6)]

    def report(medium: str) -> pd.DataFrame:
        return history(*(line(substance=code, kg=143.32, medium=medium) for code in codes))

    told = report("transfer_disposal")
    assert (told["reason"].unique().tolist(), len(told)) == (["same_for_many_substances"], 6)
    assert report("water").empty


def test_a_zero_amid_steady_years_is_told_with_the_row_of_the_substance():
    filled = {year: kg for year, kg in zip(YEARS, STEADY, strict=True) if year != 2008}
    silent = line(year=2008, medium="transfer_disposal", kg=40.0, row=77, source="mex-retc-em-2008")
    (told,) = history(*plant(filled), silent).to_dict("records")
    assert (told["reason"], told["medium"], told["kg"]) == ("sudden_zero", "air", 0.0)
    assert (told["row"], told["national_column"], told["factor"]) == (77, "AIRE", 0.0)
    # A year in which the substance is not reported at all is silence, not zero.
    assert history(*plant(filled)).empty
    absent = line(year=2008, medium=NONE, kg=np.nan)
    assert history(*plant(filled), absent).empty


def test_flags_go_back_onto_the_lines_of_their_quantity_alone():
    rows = [*plant(changed(2006, 12_000.0)), line(year=2006, medium="water", kg=5.0)]
    lines = pd.DataFrame(rows).sample(frac=1, random_state=1)
    told = suspects.history(lines, frame())
    flags = suspects.flags_of(lines, told)
    assert flags.index.equals(lines.index)
    assert lines[flags.notna()][["medium", "year"]].to_numpy().tolist() == [["air", 2006]]
    assert flags.dropna().tolist() == ["own_years"]


def test_every_reason_has_its_cause_and_nothing_is_changed():
    lines = pd.DataFrame(
        [*plant(changed(2006, 12_000.0)), *plant(dict.fromkeys(YEARS, 234.56), medium="land")]
    )
    before = lines.copy(deep=True)
    told = suspects.history(lines, frame())
    pd.testing.assert_frame_equal(lines, before)
    assert told["cause"].notna().all()


@pytest.mark.parametrize(
    ("amount", "count"),
    [
        (250.0, 2),
        (234.56, 5),
        (0.00000000129, 3),
        (1.0, 1),
        (1e9, 1),
        (613481131.394627, 9),
        (0.0, 1),
        (12.5, 3),
    ],
)
def test_significant_figures(amount: float, count: int):
    assert repeats.figures(pd.Series([amount])).tolist() == [count]


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=9))
def test_the_median_of_the_others_is_that_of_a_plain_count(values: list[float]):
    lines = pd.DataFrame(plant(dict(enumerate(values, start=2000))))
    told = series.series(lines, frame())
    for place, row in enumerate(told.itertuples()):
        rest = np.log10([v for at, v in enumerate(values) if at != place])
        assert row.others == len(rest)
        if len(rest):
            assert row.usual == pytest.approx(np.median(rest), abs=1e-9)
            near = np.abs(rest - np.median(rest)) <= np.log10(series.NEAR) + 1e-6
            assert row.near == pytest.approx(near.mean())
            assert row.alike == (np.abs(rest - np.log10(values[place])) <= np.log10(series.NEAR) + 1e-6).sum()


@settings(max_examples=15)
@given(
    st.lists(st.floats(0.75, 1.3), min_size=8, max_size=8),
    st.floats(-6, 8),
    st.integers(1, 6),
    st.sampled_from([1e3, 1e-3]),
)
def test_a_slip_is_found_in_any_steady_series_whatever_its_size(
    shape: list[float], power: float, place: int, slip: float
):
    """Neither the size of the plant nor which year slipped matters, and no other year is accused."""
    values = dict(zip(YEARS, [one * 10.0**power for one in shape], strict=True))
    year = YEARS[place]
    told = history(*plant(values | {year: values[year] * slip}), *plant(values, atlas_id="MEX-2"))
    told = told[told["reason"].eq("own_years")]
    assert told[["atlas_id", "year"]].to_numpy().tolist() == [["MEX-1", year]]


def test_a_value_is_told_as_the_file_has_it():
    amounts = [0.000020657, 613481131.394627, 0.0, 8e-7]
    table = pd.DataFrame({"atlas_id": list("abcd"), "amount": amounts})
    told = suspects._worded(
        table.assign(substance="S", medium="air", year=2015, reason="own_years", expected=1.0, rate=1.0)
    )
    assert told["published"].tolist() == ["0.000020657", "613481131.394627", "0", "0.0000008"]
