"""Rivers: each line once, the lines of a river joined, the network whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from naatlas import registry, sources
from tests.base_layers_kit import assembled, made_of, path

if TYPE_CHECKING:
    from pathlib import Path

    from tests.base_layers_kit import Made

BASE, NAMED, MORE = "package-rivers", "ne-rivers-lake-centerlines", "ne-rivers-north-america"
MAIN = ((-101.0, 48.0), (-101.0, 48.5), (-101.0, 49.5))


def _line(name: str | None, *points: tuple[float, float], **more: object) -> dict[str, object]:
    return {"name": name, "featurecla": "River", "scalerank": 9, "geometry": path(*points)} | more


@pytest.fixture(scope="module")
def rivers(tmp_path_factory: pytest.TempPathFactory) -> Made:
    rows = {
        BASE: [
            {"name": "Clear", "rank": 2, "kind": "River", "geometry": path(*MAIN)},
            {
                "name": "Clear",
                "rank": 2,
                "kind": "Lake Centerline",
                "geometry": path(MAIN[-1], (-101.0, 49.8)),
            },
            {"name": "Clear", "rank": 5, "kind": "River", "geometry": path((-99.0, 31.0), (-99.0, 31.5))},
        ],
        NAMED: [
            # the same line in full doubles: 5 m off the grid of the package
            _line(
                "Clear", *((x + 4e-5, y - 3e-5) for x, y in MAIN), name_en="Clear", rivernum=7, scalerank=2
            ),
            _line("Orinoco", (-66.0, 8.0), (-65.0, 8.0), rivernum=8),
        ],
        MORE: [
            _line("Clear", MAIN[0], (-100.5, 48.0), name_full="Clear River", rivernum=21),
            _line(None, (-100.5, 48.0), (-100.2, 48.2), rivernum=22),
            _line(None, (-90.0, 50.0), (-90.2, 50.2), rivernum=22),
            _line("Baleine", (-68.0, 57.0), (-68.2, 57.2), name_full="Rivire  la Baleine", rivernum=0),
            _line(None, (-75.0, 50.0), (-75.2, 50.2), name_full="Unnamed", rivernum=0),
        ],
    }
    return made_of("rivers", rows, tmp_path_factory.mktemp("rivers"))


def test_lines_of_one_name_that_meet_are_one_river_and_others_of_that_name_are_not(rivers: Made):
    clear = rivers.frame[rivers.frame["name"].isin(["Clear", "Clear River"])].sort_values("length_km")
    assert clear["kind"].tolist() == ["lake_centerline", "river", "river"]
    assert clear["states"].tolist() == ["CA-MB", "US-TX", "CA-MB, US-ND"]
    river = clear.iloc[-1]
    assert rivers.state(NAMED, 1) == rivers.state(MORE, 1) == ("aggregated", river["atlas_id"])
    assert rivers.state(BASE, 1) == ("enriches", river["atlas_id"])
    assert (river["river_number"], river["name_en"], river["scale_rank"]) == ("7", "Clear", 2)


def test_length_is_measured_on_the_ellipsoid(rivers: Made):
    river = rivers.frame.sort_values("length_km").iloc[-1]
    lon, lat = zip(*MAIN[::-1], (-100.5, 48.0), strict=True)
    metres = pyproj.Geod(ellps="WGS84").line_length(lon, lat)
    assert river["length_km"] == pytest.approx(metres / 1000, rel=1e-4)


def test_lines_without_a_name_are_joined_by_their_number_alone(rivers: Made):
    row = rivers.row(river_number="22")
    assert row["countries"] == "CAN, USA"
    assert rivers.state(MORE, 2) == rivers.state(MORE, 3) == ("aggregated", row["atlas_id"])


def test_zero_is_no_number_and_unnamed_is_no_name(rivers: Made):
    whale = rivers.row(name="Rivière à la Baleine")
    assert (whale["name_fr"], pd.isna(whale["name_en"]), pd.isna(whale["river_number"])) == (
        whale["name"],
        True,
        True,
    )
    nameless = rivers.state(MORE, 5)[1]
    assert pd.isna(rivers.row(atlas_id=nameless)["name"])


def test_rivers_of_other_countries_are_out_of_scope(rivers: Made):
    assert rivers.state(NAMED, 2) == ("out_of_scope", "touches none of the three countries")


def test_the_package_alone_gives_rivers_in_all_three_countries():
    alone = assembled("rivers", None)
    assert alone.ledger.counts().loc[BASE, "read"] == 344
    assert alone.frame["country"].value_counts().min() >= 10


@pytest.fixture(scope="module")
def everything(national: Path) -> tuple[Made, np.ndarray]:
    """Return the layer, and the lines of the files of the data folder, which hold all that the package has."""
    spec = registry.spec("rivers")
    lines = np.concatenate(
        [sources.read(spec.source(s), national).geometry.to_numpy() for s in (NAMED, MORE)]
    )
    return assembled("rivers", national), lines


def _parts_of_the_network(lines: np.ndarray) -> int:
    """Count what hangs together, by a walk over shared vertices; independent of the layer's own code."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    vertices = pd.MultiIndex.from_arrays(np.round(xy * 8192).astype(int).T).factorize()[0]
    root = list(range(len(lines)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    last: dict[int, int] = {}
    for vertex, line in zip(vertices, owner, strict=True):
        if vertex in last:
            root[find(line)] = find(last[vertex])
        last[vertex] = line
    return len({find(i) for i in range(len(lines))})


@pytest.mark.national
def test_nothing_is_doubled_and_nothing_is_lost(everything: tuple[Made, np.ndarray]):
    made, lines = everything
    geod = pyproj.Geod(ellps="WGS84")
    ids = made.ledger.counts()
    assert ids.loc[BASE, ["enriches", "out_of_scope"]].tolist() == [343, 1]
    assert ids.loc[NAMED, ["published", "aggregated"]].sum() == 343
    kept = {s: made.ledger.states(s)["state"].ne("out_of_scope").to_numpy() for s in (NAMED, MORE)}
    inside = np.concatenate([kept[NAMED], kept[MORE]])
    total = sum(geod.geometry_length(line) for line in lines[inside]) / 1000
    assert made.frame["length_km"].sum() == pytest.approx(total, rel=2e-4)


@pytest.mark.national
def test_the_network_hangs_together_as_in_the_files(everything: tuple[Made, np.ndarray]):
    made, lines = everything
    inside = np.concatenate(
        [made.ledger.states(s)["state"].ne("out_of_scope").to_numpy() for s in (NAMED, MORE)]
    )
    # a river may have pieces that do not meet: count its pieces one by one, as the files have them
    assert _parts_of_the_network(shapely.get_parts(made.geometry)) == _parts_of_the_network(
        shapely.get_parts(lines[inside])
    )


@pytest.mark.national
def test_great_rivers_cross_the_countries_that_they_cross(everything: tuple[Made, np.ndarray]):
    made, _ = everything
    long = made.frame.sort_values("length_km", ascending=False)
    crossing = {"Yukon": "CAN, USA", "Columbia": "CAN, USA", "Rio Grande": "MEX, USA", "Usumacinta": "MEX"}
    for name, countries in crossing.items():
        river = long[long["name"].eq(name) & long["kind"].eq("river")].iloc[0]
        assert river["countries"] == countries, name
    assert made.row(name="Rivière Betsiamites", kind="river")["name_fr"] == "Rivière Betsiamites"
    assert not made.frame["name"].str.contains(r"Rivire|Rservoir|\bRo\b", regex=True).any()
