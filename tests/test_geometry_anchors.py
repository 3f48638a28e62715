"""Mouths of rivers: on the shore in the files, on the shore at every scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from naatlas import pipeline
from naatlas.errors import SpecError
from naatlas.geometry.anchors import ON_SHORE_M, anchored, line_ends
from naatlas.geometry.generalize import generalize
from naatlas.geometry.place import place
from naatlas.spec import Field, LayerSpec
from tests.base_layers_kit import assembled

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import Scale

WEST, EAST = shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000, 0, 2_000, 1_000)


def _vertices(shapes: Any) -> set[tuple[float, float]]:
    return set(map(tuple, shapely.get_coordinates(shapes)))


def test_a_mouth_beside_the_shore_becomes_a_vertex_of_it_and_of_the_line_along_it():
    places = np.array([[500.0, 1_008.0], [500.0, 1_021.0], [1_000.0, 500.0], [700.0, -3.0]])
    coast = shapely.LineString([(0, 0), (0, 1_000), (1_000, 1_000), (2_000, 1_000)])
    shapes, anchors = anchored(np.array([WEST, EAST, coast, None], dtype=object), places)
    assert anchors.tolist() == [
        [500.0, 1_008.0],
        [700.0, -3.0],
    ]  # too far is not on the shore, nor is a border
    assert _vertices(shapes[:1]) - _vertices(WEST) == {(500.0, 1_008.0), (700.0, -3.0)}
    assert _vertices(shapes[2:3]) - _vertices(coast) == {(500.0, 1_008.0)}
    assert shapes[1] is EAST
    assert shapely.coverage_is_valid(shapes[:2])


def test_mouths_around_the_tip_of_an_inlet_cross_nothing():
    land = shapely.box(-5_000, -5_000, 5_000, 5_000).difference(
        shapely.Polygon([(0, 0), (-4_400, 5_001), (-4_300, 5_001)])
    )
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    for places in (np.column_stack([15 * np.cos(angle), 15 * np.sin(angle)])[[k]] for k in range(36)):
        shapes, anchors = anchored(np.array([land]), places)
        assert shapely.is_valid(shapes).all()
        assert _vertices(shapes) >= set(map(tuple, anchors))
        assert len(anchors) == 1
    both, anchors = anchored(np.array([land]), np.array([[-7.7, 8.0], [7.7, -9.0]]))
    assert shapely.is_valid(both).all()
    assert len(anchors) == 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 60), st.integers(1, 12))
def test_any_coast_keeps_its_mouths_when_it_is_generalized(seed: int, count: int, mouths: int):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 100_000, count))
    edge = np.column_stack([[0, *x, 100_000], rng.uniform(-900, 900, count + 2)])
    land = np.array([shapely.Polygon([*edge, (100_000, 60_000), (0, 60_000)])])
    at = shapely.line_interpolate_point(
        shapely.LineString(edge), rng.uniform(0.05, 0.95, mouths), normalized=True
    )
    places = shapely.get_coordinates(at) + rng.uniform(-5, 5, (mouths, 2))
    led, anchors = anchored(land, places)
    assert shapely.is_valid(led).all()
    done = generalize(led, kind="coverage", scale="10M", anchors=anchors).geometry
    assert set(map(tuple, anchors)) <= _vertices(done)
    off = shapely.distance(shapely.boundary(land), shapely.points(anchors))
    assert off.max(initial=0.0) <= ON_SHORE_M
    assert len(anchors) == mouths


def test_a_layer_that_keeps_ends_of_another_uses_it():
    with pytest.raises(SpecError, match="put rivers, whose ends it keeps, into uses"):
        LayerSpec(
            slug="x", name="X", geometry="Polygon", key="id", anchors="rivers",
            fields=(Field(name="id", dtype="text", required=True),),
        )  # fmt: skip


def _shore(shapes: Any) -> Any:
    """Return the outline of a layer, or the layer itself when it is drawn as lines."""
    areas = shapes[shapely.get_dimensions(shapes) == 2]
    return shapely.get_parts(shapely.boundary(shapely.coverage_union_all(areas)) if len(areas) else shapes)


def _away(places: Any, shore: Any) -> Any:
    return shapely.STRtree(shore).query_nearest(
        shapely.points(places), return_distance=True, all_matches=False
    )[1]


def _junctions(lines: Any) -> set[tuple[float, float]]:
    """Return the vertices where one line ends and another one passes or ends, found without the layer's code."""
    ends = line_ends(lines)
    xy, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    once = np.unique(np.column_stack([xy, line]), axis=0)[:, :2]
    places, count = np.unique(once, axis=0, return_counts=True)
    return set(map(tuple, places[count > 1])) & set(map(tuple, ends))


def _hold(data: Path | None, slug: str, scale: Scale, least: int) -> None:
    rivers, shores = assembled("rivers", data), assembled(slug, data)
    ends = line_ends(place(rivers.geometry, scale=scale))
    before = _away(ends, _shore(place(shores.geometry, scale=scale)))
    mouths = ends[before <= ON_SHORE_M]
    made = pipeline.assemble(slug, data=data, scale=scale)
    after = _away(mouths, _shore(made.shapes.metres))
    print(  # noqa: T201 - the figures are the evidence
        f"{slug} {scale}: {len(mouths)} mouths, from the shore in the files {before[before <= ON_SHORE_M].max():.1f} m "
        f"at most, as published {after.max():.6f} m"
    )
    assert len(mouths) >= least
    assert after.max() == 0
    assert set(map(tuple, mouths)) <= _vertices(made.shapes.metres)
    assert shapely.is_valid(made.shapes.metres).all()
    # without anchors the shores move away
    loose = generalize(place(shores.geometry, scale=scale), kind=made.spec.generalize, scale=scale)
    assert (_away(mouths, _shore(loose.geometry)) > 1).sum() > least / 4


@pytest.mark.parametrize(("slug", "least"), [("lakes", 350), ("coastline", 60)])
def test_rivers_of_the_package_end_in_lakes_and_coast(slug: str, least: int):
    _hold(None, slug, "10M", least)


@pytest.mark.national
@pytest.mark.parametrize(
    ("slug", "least"), [("lakes", 2_200), ("coastline", 550), ("political-boundaries", 550)]
)
@pytest.mark.parametrize("scale", ["10M", "1M"])
def test_rivers_end_in_lakes_and_coast(national: Path, slug: str, least: int, scale: Scale):
    _hold(national, slug, scale, least)


@pytest.mark.parametrize("scale", ["10M", "1M"])
def test_rivers_of_the_package_stay_joined(scale: Scale):
    _hold_junctions(None, scale, 300)


@pytest.mark.national
@pytest.mark.parametrize("scale", ["10M", "1M"])
def test_rivers_stay_joined(national: Path, scale: Scale):
    _hold_junctions(national, scale, 2_500)


def _hold_junctions(data: Path | None, scale: Scale, least: int) -> None:
    before = _junctions(place(assembled("rivers", data).geometry, scale=scale))
    after = _junctions(pipeline.assemble("rivers", data=data, scale=scale).shapes.metres)
    print(f"rivers {scale}: {len(before)} junctions, {len(before - after)} lost")  # noqa: T201
    assert len(before) >= least
    assert not before - after
