"""Coordinates in the notations of the registers, and the slips that are named but never repaired."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naatlas.errors import InputError
from naatlas.sources.coordinates import parse, projected, suspects, utm


def one(text: str | None, axis: str = "lon", *, positive_west: bool = True) -> tuple[float, str]:
    told = parse(pd.Series([text], dtype="string"), axis=axis, positive_west=positive_west)
    return told["degrees"].iloc[0], told["notation"].iloc[0]


@pytest.mark.parametrize(
    ("text", "axis", "degrees", "notation"),
    [
        ("20.64233", "lat", 20.64233, "decimal"),
        ("-103.34879", "lon", -103.34879, "decimal"),
        ("100", "lon", -100.0, "decimal"),
        ("25,5", "lat", 25.5, "decimal_comma"),
        ("19°36'58\"", "lat", 19 + 36 / 60 + 58 / 3600, "dms"),
        ("-98°55'59\"", "lon", -(98 + 55 / 60 + 59 / 3600), "dms"),
        ("89°42'35\"", "lon", -(89 + 42 / 60 + 35 / 3600), "dms"),
        ("25°41'49.00\"N", "lat", 25 + 41 / 60 + 49 / 3600, "dms"),
        ("100° 8'38.58\"", "lon", -(100 + 8 / 60 + 38.58 / 3600), "dms"),
        ("99°34'9.88", "lon", -(99 + 34 / 60 + 9.88 / 3600), "dms"),
        ("19°17'17.57''", "lat", 19 + 17 / 60 + 17.57 / 3600, "dms"),
        ("98°9'28'", "lon", -(98 + 9 / 60 + 28 / 3600), "dms"),
        ("19\u00b036\u203258\u2033", "lat", 19 + 36 / 60 + 58 / 3600, "dms"),
        ("19:36:58", "lat", 19 + 36 / 60 + 58 / 3600, "dms"),
        ("19°59'60\"", "lat", 20.0, "dms"),
        ("99°30.5'", "lon", -(99 + 30.5 / 60), "dm"),
        ("25º43'22.24\"   ", "lat", 25 + 43 / 60 + 22.24 / 3600, "ordinal"),
        ("25ª42'46.97\"", "lat", 25 + 42 / 60 + 46.97 / 3600, "ordinal"),
        ("100º'13'39.1\"", "lon", -(100 + 13 / 60 + 39.1 / 3600), "ordinal"),
        ('25º 42 46.97"', "lat", 25 + 42 / 60 + 46.97 / 3600, "ordinal"),
        ("0.109°58'25\"", "lon", -(109 + 58 / 60 + 25 / 3600), "stray_zero"),
        ("0.98°11'17\"", "lat", 98 + 11 / 60 + 17 / 3600, "stray_zero"),
        ("19.71°0'0\"", "lat", 19.71, "decimal"),
        ("425.246072", "lat", 425.246072, "decimal"),
        ("0°0'0\"", "lon", 0.0, "dms"),
    ],
)
def test_notations_of_the_registers(text: str, axis: str, degrees: float, notation: str):
    found, name = one(text, axis)
    assert (pytest.approx(degrees, abs=1e-12), notation) == (found, name)
    assert math.copysign(1, found) == math.copysign(1, degrees)


@pytest.mark.parametrize(
    "text",
    [
        "0.11°53'42\"",
        "0.1°59'10\"",
        "0.199°3'4\"",
        "19.71°30'0\"",
        "18°35'67\"",
        "19°75'1\"",
        "99°61'",
        "°0'0\"",
        "N/D",
        "99 30",
        "1.2.3",
        "19°°3'4\"",
    ],
)
def test_what_could_mean_two_things_is_unreadable(text: str):
    found, notation = one(text)
    assert (math.isnan(found), notation) == (True, "unreadable")


@pytest.mark.parametrize("text", [None, "", "  ", "°'\"", "-"])
def test_nothing_is_missing(text: str | None):
    found, notation = one(text)
    assert (math.isnan(found), notation) == (True, "missing")


def test_metres_are_not_degrees():
    assert one("2224154", "lat")[1] == "projected"
    assert math.isnan(one("500000.5")[0])


def test_west_by_column_by_sign_and_by_letter():
    assert one("99.5", positive_west=False)[0] == 99.5
    assert one("99.5")[0] == -99.5
    assert one("-99.5")[0] == -99.5
    assert one("99.5 W", positive_west=False)[0] == -99.5
    assert one("99.5 O", positive_west=False)[0] == -99.5
    assert one("172.5 E")[0] == 172.5
    assert one("19.5", "lat")[0] == 19.5
    assert one("S 19.5", "lat")[0] == -19.5


def test_result_is_aligned_with_the_cells():
    text = pd.Series(["1", "2", "1", None], index=[9, 3, 9, 4], dtype="string")
    told = parse(text, axis="lat")
    assert list(told.index) == [9, 3, 9, 4]
    assert told["degrees"].tolist()[:3] == [1.0, 2.0, 1.0]
    assert told["notation"].tolist() == ["decimal"] * 3 + ["missing"]
    assert parse(text.iloc[:0], axis="lat").empty


MARKS = st.tuples(
    st.sampled_from("\u00b0\u00ba"),
    st.sampled_from(["'", "\u2032", "\u00b4"]),
    st.sampled_from(['"', "''", "\u2033", ""]),
    st.sampled_from(["", " "]),
)


@given(st.integers(-179, 179), st.integers(0, 59), st.integers(0, 599_999), MARKS)
def test_dms_round_trip(whole: int, minute: int, tick: int, marks: tuple[str, str, str, str]):
    degree, prime, second, blank = marks
    text = f"{whole}{degree}{blank}{minute}{prime}{blank}{tick / 10_000:.4f}{second}"
    found, notation = one(text, positive_west=False)
    assert notation == ("ordinal" if degree == "\u00ba" else "dms")
    size = abs(whole) + minute / 60 + tick / 10_000 / 3600
    assert found == pytest.approx(-size if whole < 0 else size, abs=1e-11)


@given(st.floats(-9_999, 9_999, allow_nan=False))
def test_decimal_round_trip_is_exact(value: float):
    assert one(repr(value), positive_west=False)[0] == value
    assert one(repr(value).replace(".", ","), positive_west=False)[0] == value


@given(st.text(max_size=12))
def test_any_text_is_classified(text: str):
    found, notation = one(text)
    assert notation in {
        "decimal", "decimal_comma", "dms", "dm", "ordinal", "stray_zero", "projected", "missing", "unreadable"
    }  # fmt: skip
    assert math.isnan(found) == (notation in {"projected", "missing", "unreadable"})


def test_utm_and_projected():
    lon, lat = utm([500000.0, np.nan], [2200000.0, 1.0], 14)
    assert lon[0] == pytest.approx(-99.0, abs=1e-9)
    assert lat[0] == pytest.approx(19.89624639, abs=1e-7)
    assert np.isnan(lon[1])
    assert utm(500000.0, 7800000.0, 14, northern=False)[1] < 0
    # The 1927 datum lies some 200 m from the later ones in Mexico.
    assert abs(utm(500000.0, 2200000.0, 14, datum="NAD27")[1] - lat[0]) > 0.001
    assert projected(500000.0, 2200000.0, "EPSG:32614")[0] == pytest.approx(-99.0, abs=1e-9)
    for zone, datum in ((0, "WGS84"), (61, "WGS84"), (14, "ED50?")):
        with pytest.raises(InputError):
            utm(1.0, 1.0, zone, datum=datum)
    with pytest.raises(InputError, match="'EPSG:nope' is not understood"):
        projected(1.0, 1.0, "EPSG:nope")


@pytest.mark.parametrize(
    ("country", "lon", "lat", "suspicion", "candidate"),
    [
        ("USA", -93.1, 425.246072, "decimal_shifted", (-93.1, 42.5246072)),
        ("USA", -41.0, 89.996844, "swapped_and_signed", (-89.996844, 41.0)),
        ("MEX", 19.72, -96.4, "swapped", (-96.4, 19.72)),
        ("MEX", 99.1, 19.4, "sign_lost", (-99.1, 19.4)),
        ("CAN", 0.0, 0.0, "zero_zero", None),
        ("CAN", -2.3, 48.9, "outside", None),
        ("CAN", -75.7, 45.4, None, None),
        ("USA", 174.1, 52.7, None, None),
    ],
)
def test_slips_are_named(
    country: str, lon: float, lat: float, suspicion: str | None, candidate: tuple[float, float] | None
):
    told = suspects(pd.Series([lon], index=[7]), pd.Series([lat], index=[7]), country).loc[7]
    assert (None if pd.isna(told["suspicion"]) else told["suspicion"]) == suspicion
    found = (told["candidate_lon"], told["candidate_lat"])
    assert found == pytest.approx(candidate or (math.nan, math.nan), nan_ok=True)


def test_incomplete_points_are_not_suspected():
    told = suspects(pd.Series([np.nan, -99.0]), pd.Series([19.0, np.nan]), pd.Series(["MEX", "MEX"]))
    assert told["suspicion"].isna().all()


@given(st.floats(-118, -87), st.floats(15, 32))
def test_every_slip_of_a_good_point_is_named_and_its_candidate_is_the_point(lon: float, lat: float):
    slips = {"sign_lost": (-lon, lat), "swapped": (lat, lon), "swapped_and_signed": (lat, -lon)}
    for name, (x, y) in slips.items():
        told = suspects(pd.Series([x]), pd.Series([y]), "MEX").iloc[0]
        assert told["suspicion"] == name
        assert (told["candidate_lon"], told["candidate_lat"]) == (lon, lat)
