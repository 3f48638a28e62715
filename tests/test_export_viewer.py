"""Pyramids of national size, walked as a viewer does that obeys Regions; the browser's globe, CesiumJS, does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from naatlas.export import kmz, limits
from naatlas.export.limits import Limits
from tests import export_samples as samples
from tests.test_export_pyramid import coverage, plants
from tests.viewer import View, Viewer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from naatlas.model import LayerData

#: As `naatlas build` has them: features on a screen, megabytes a file.
WISH = Limits()
#: From the whole continent to a town, in degrees of latitude a pixel.
SCALES = 0.09 / 2.0 ** np.arange(0, 14, 0.5)


def named(data: LayerData) -> LayerData:
    """Give each feature a name of its own."""
    return dataclasses.replace(data, frame=data.frame.assign(name=data.frame["atlas_id"]))


BOTH = pytest.mark.parametrize("opened", ["points", "polygons"], indirect=True)


@pytest.fixture(scope="module")
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[LayerData, Viewer]:
    data = named(plants(20_000) if request.param == "points" else coverage(33))
    path = tmp_path_factory.mktemp("viewer") / "a.kmz"
    look = samples.look() if request.param == "points" else samples.shape_look()
    kmz.write(data, path, look=look, limits=WISH)
    return data, Viewer(path)


@BOTH
def test_every_file_is_linked_once_and_small(opened: tuple[LayerData, Viewer]):
    _, viewer = opened
    assert len(viewer.sizes) > 50
    assert sorted(viewer.linked) == sorted(viewer.sizes)
    assert max(viewer.sizes.values()) <= WISH.file_bytes


@BOTH
def test_every_feature_is_drawn_to_who_comes_near_enough(opened: tuple[LayerData, Viewer]):
    """Above one placemark of each feature all regions hold its place and know no upper size."""
    data, viewer = opened
    reached: set[str] = set()
    for part in viewer.parts:
        boxes, near = part.boxes, np.full(len(part.boxes), part.shown)
        for west, south, east, north, _, high in part.regions:
            inside = (
                (boxes[:, 0] >= west)
                & (boxes[:, 2] <= east)
                & (boxes[:, 1] >= south)
                & (boxes[:, 3] <= north)
            )
            near &= inside & (high < 0)
        reached |= {part.names[at] for at in np.flatnonzero(near)}
    assert reached == set(data.frame["name"])


def views(data: LayerData, count: int) -> Iterator[View]:
    """Yield views around places of features, where it is crowded, at all scales."""
    rng = np.random.default_rng(5)
    places = data.points if data.spec.geometry == "Point" else None
    if places is not None:
        lon, lat = places.lon, places.lat
    else:
        lon, lat = shapely.get_coordinates(shapely.centroid(data.shapes.degrees)).T
    for at in rng.choice(len(lon), count):
        if -180 < lon[at] < 180:  # what lies at 180 degrees itself has a test of its own
            yield from (View(float(lon[at]), float(lat[at]), scale) for scale in SCALES)


@BOTH
def test_no_view_holds_more_than_a_thousand(opened: tuple[LayerData, Viewer]):
    data, viewer = opened
    counts = [len(viewer.drawn(view)) for view in views(data, 40)]
    assert len(counts) > 1000
    assert max(counts) <= WISH.features == 1000
    assert max(counts) > WISH.features / 4, "nor does it thin more than it must"
    assert len(viewer.drawn(View(-98, 46, SCALES[0]))) >= 100, "the first view must not be empty"


@BOTH
def test_what_is_on_the_screen_stays_when_one_comes_nearer(opened: tuple[LayerData, Viewer]):
    """The files of a part show what the file of the whole showed: nothing goes away, and nothing is there twice."""
    data, viewer = opened
    for view in views(data, 20):
        nearer = view._replace(scale=view.scale / 2**0.5)
        before, after = viewer.drawn(view), set(viewer.drawn(nearer))
        assert len(before) == len(set(before))
        gone = set(before) - after
        assert not gone & inside(data, nearer), (view, sorted(gone)[:5])


def test_a_map_of_areas_that_may_be_on_the_screen_has_no_holes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data, wish = named(coverage(24)), Limits(megabytes=0.2)
    monkeypatch.setattr(limits, "MAPS_BYTES", 1_000_000)
    kmz.write(data, tmp_path / "a.kmz", look=samples.shape_look(), limits=wish)
    viewer = Viewer(tmp_path / "a.kmz")
    assert len(viewer.sizes) > 20
    for view in views(data, 5):
        drawn = viewer.drawn(view)
        assert len(drawn) == len(set(drawn)) <= wish.features
        assert inside(data, view) <= set(drawn), view


def inside(data: LayerData, view: View) -> set[str]:
    """Return the features that lie in a view as a whole."""
    if data.spec.geometry == "Point":
        boxes = np.column_stack([data.points.lon, data.points.lat] * 2)
    else:
        boxes = shapely.bounds(data.shapes.degrees)
    west, south, east, north = view.box
    held = (boxes[:, 0] >= west) & (boxes[:, 2] <= east) & (boxes[:, 1] >= south) & (boxes[:, 3] <= north)
    return set(data.frame["name"][held])
