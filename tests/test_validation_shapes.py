"""Deliveries of lines and polygons: right kind, right place, sound topology; each fault named by its own point."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from naatlas import framework, registry
from naatlas.metadata import words
from naatlas.spec import Field, LayerSpec
from naatlas.validation import delivered

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.validation.verdict import Verdict

SPEC = LayerSpec(
    slug="test-areas",
    name="TestAreas",
    geometry="Polygon",
    key="atlas_id",
    generalize="coverage",
    fields=(Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),),
)
LINES = dataclasses.replace(SPEC, geometry="LineString", generalize="lines")
#: Three squares of 100 km side by side, near the centre of the framework.
SQUARES = [shapely.box(x, 0, x + 100_000, 100_000) for x in (0, 100_000, 200_000)]


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch):
    """Make naatlas know the layer, with the words of another."""
    told = {"spec": SPEC}
    monkeypatch.setattr(registry, "spec", lambda _: told["spec"])
    model = words.load("power-plants")
    monkeypatch.setattr(words, "load", lambda _: dataclasses.replace(model, own=()))
    return told


def judged(folder: Path, shapes: list, crs: object = None) -> Verdict:
    frame = gpd.GeoDataFrame({"atlas_id": [f"A-{n}" for n in range(len(shapes))]}, geometry=shapes)
    frame.set_crs(crs or framework.crs()).to_file(folder / "a.gpkg")
    return delivered.judge(folder / "a.gpkg", "test-areas")


def results(verdict: Verdict) -> dict[str, str]:
    return {point.check: point.result for point in verdict.points}


@pytest.mark.usefixtures("spec")
def test_a_coverage_is_accepted_in_one_part_or_several(tmp_path: Path):
    for shapes in (SQUARES, [shapely.MultiPolygon([square]) for square in SQUARES]):
        told = judged(tmp_path, shapes)
        assert told.passed, told.text()
        assert results(told)["topology"] == "passed"


@pytest.mark.usefixtures("spec")
def test_lines_are_no_polygons(tmp_path: Path):
    told = judged(tmp_path, [shapely.LineString(square.exterior) for square in SQUARES])
    assert results(told)["geometry"] == "failed"


@pytest.mark.usefixtures("spec")
@pytest.mark.parametrize("shift", [-60.0, 60.0])
def test_neighbours_that_do_not_fit_fail(tmp_path: Path, shift: float):
    """A square that is moved overlaps one neighbour and shares no corner with the other."""
    moved = shapely.transform(SQUARES[1], lambda xy: xy + np.array([shift, 0.0]))
    told = judged(tmp_path, [SQUARES[0], moved, SQUARES[2]])
    assert not told.passed
    found = {check: result for check, result in results(told).items() if check.startswith("coverage-")}
    assert found["coverage-overlap"] == found["coverage-unshared"] == "failed"


@pytest.mark.usefixtures("spec")
def test_an_invalid_polygon_fails(tmp_path: Path):
    bow = shapely.Polygon([(0, 200_000), (50_000, 300_000), (50_000, 200_000), (0, 300_000)])
    told = judged(tmp_path, [*SQUARES, bow])
    assert not told.passed
    assert results(told)["geometry-invalid"] == "failed"
    assert "topology" not in results(told)


@pytest.mark.usefixtures("spec")
def test_topology_is_judged_in_the_framework_only(tmp_path: Path):
    told = judged(tmp_path, [shapely.box(-100, 40, -99, 41)], "EPSG:4326")
    assert results(told)["topology"] == "note"
    assert results(told)["coordinate system"] == "failed"


def test_lines_are_checked_as_lines(tmp_path: Path, spec: dict[str, LayerSpec]):
    spec["spec"] = LINES
    lines = [
        shapely.LineString([(0, 0), (50_000, 80_000)]),
        shapely.MultiLineString([[(50_000, 80_000), (90_000, 0)]]),
    ]
    told = judged(tmp_path, lines)
    assert told.passed, told.text()
    assert "lines" in next(point.told for point in told.points if point.check == "topology")
    doubled = judged(tmp_path, [*lines, lines[0]])
    assert results(doubled)["geometry-duplicated"] == "warning"
