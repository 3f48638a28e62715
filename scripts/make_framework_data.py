"""Make the base geometry of the package from a folder of Natural Earth 1:10m layers (public domain).

Usage: ``python scripts/make_framework_data.py FOLDER`` where FOLDER holds ``admin_0_countries.fgb.zip``,
``admin_1_states_provinces.fgb.zip``, ``land.fgb.zip``, ``lakes.fgb.zip``, ``rivers_lake_centerlines.fgb.zip``
and ``populated_places.fgb.zip``. Writes four FlatGeobuf files to ``naatlas/data/framework``; the same input
gives the same bytes.

One coverage holds all land: the states and provinces of the three countries, the countries around them, and
the rest of the land inside the window. Countries, borders and coast are derived from it when it is read, so
that they cannot disagree.

Land that the folder holds up to 180 degrees on one side only is named on the screen: the western half of Wrangel
Island (71 N), which a land layer chosen by the window -180 to -10 does not have. A land layer with that half is taken
as it is, since the windows here reach across 180 degrees.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from naatlas.framework import project
from naatlas.framework.land import GRID_DEGREES
from naatlas.framework.scales import WINDOWS
from naatlas.framework.vertices import map_xy
from naatlas.spec import COUNTRIES

TARGET = Path(__file__).parents[1] / "naatlas" / "data" / "framework"

#: Lakes below this are left out; at 1:1,000,000 it is a square of 7 mm.
SMALLEST_LAKE_KM2 = 50.0

#: What the countries lack is no larger: the largest one of the three countries has 58 km2.
LARGEST_ISLET_KM2 = 60.0
#: Reefs in the Bay of Campeche lie 200 km out, Pearl and Hermes Atoll of Hawaii 270 km from the next island.
ISLET_REACH_KM = 300.0
#: The boundary of 1867 runs between the Diomede Islands; land north and west of this is Russian.
BERING_STRAIT = (-168.98, 64.2)

#: West and north of this, the sea off Manitoba, Ontario and Quebec is Hudson, James or Ungava Bay.
HUDSON_BAY = (-64.0, 51.0)

#: Natural Earth's own codes for what the atlas counts with another place.
CODES = {"PRI": "US-PR", "VIR": "US-VI", "UMI": "US-UM", "USG": "CUB"}

#: Slips of spelling in the river names of Natural Earth 3.0.
RIVERS = {"Niagra": "Niagara"}


def read(folder: Path, name: str) -> gpd.GeoDataFrame:
    """Read one layer (EPSG:4326)."""
    return pyogrio.read_dataframe(folder / f"{name}.fgb.zip")


def pieces(folder: Path) -> gpd.GeoDataFrame:
    """Return states, countries around them, and other land as published, with the atlas code of each."""
    states = read(folder, "admin_1_states_provinces").rename(columns={"iso_3166_2": "code"})
    countries = read(folder, "admin_0_countries")
    around = countries[~countries["ADM0_A3"].isin(COUNTRIES)].assign(
        code=lambda f: f["ADM0_A3"].replace(CODES)
    )
    parts = shapely.get_parts(other_land(folder, countries).to_numpy())
    near = pd.concat([f[["code", "geometry"]] for f in (states, around)], ignore_index=True)
    # the reefs beyond Laysan are Hawaii's, although Midway, which is not, is nearer
    code = owners(parts, near[near["code"] != "US-UM"])
    land = gpd.GeoDataFrame({"code": code}, geometry=parts, crs=states.crs)
    frame = pd.concat([f[["code", "geometry"]] for f in (states, around, land)], ignore_index=True)
    return gpd.GeoDataFrame(frame, crs=states.crs)


def other_land(folder: Path, countries: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the land of the windows that belongs to none of the countries, as one multipolygon.

    The land layer is of another Natural Earth version than the countries, so that islands of the countries
    come back as slivers: only parts that no country touches are kept, and of the American mainland what lies
    south of Panama.
    """
    taken = shapely.union_all(countries.geometry.to_numpy())
    window = shapely.union_all([shapely.box(*w) for w in WINDOWS])
    parts = shapely.get_parts(shapely.intersection(read(folder, "land").geometry.to_numpy(), window))
    parts = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 - polygons
    touched = shapely.intersects(parts, taken)
    mainland = shapely.difference(parts[touched][np.argmax(shapely.area(parts[touched]))], taken)
    south = max(shapely.get_parts(mainland), key=lambda part: part.area)
    return gpd.GeoSeries([shapely.union_all([*parts[~touched], south])])


def owners(parts: np.ndarray, near: gpd.GeoDataFrame) -> np.ndarray:
    """Return the code of the state that an islet belongs to, and "" for all other land.

    The countries lack some 350 islets of the three countries that the land layer has (keys of Florida, islands in
    Hudson Bay, reefs of Yucatan). A small island is of the state whose outline is the nearest one of all, on this
    side of the boundary with Russia.

    Parameters
    ----------
    near
        States and countries (``code``) that an islet may be near to.
    """
    metres = [map_xy(shapes, project) for shapes in (parts, near.geometry.to_numpy())]
    (_, at), away = shapely.STRtree(metres[1]).query_nearest(
        metres[0], return_distance=True, all_matches=False
    )
    code = near["code"].to_numpy()[at]
    lon, lat = shapely.get_coordinates(shapely.centroid(parts)).T
    # all islands of Hudson, James and Ungava Bay are Nunavut's, however near the provinces are
    bay = np.isin(code, ["CA-MB", "CA-ON", "CA-QC"]) & (lat > HUDSON_BAY[1]) & (lon < HUDSON_BAY[0])
    code = np.where(bay, "CA-NU", code)
    russian = (lat > BERING_STRAIT[1]) & (lon < BERING_STRAIT[0])
    small = shapely.area(metres[0]) <= LARGEST_ISLET_KM2 * 1e6
    mine = small & ~russian & (away <= ISLET_REACH_KM * 1e3) & (np.char.find(code.astype(str), "-") >= 0)
    return np.where(mine, code, "")


def coverage(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Round all outlines to the grid together, and put the faces between them back to their owners.

    Rounding each polygon alone would open gaps; a face belongs to the piece that holds a point inside it.
    """
    geometries = frame.geometry.to_numpy()
    lines = shapely.union_all(shapely.boundary(geometries), grid_size=GRID_DEGREES)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    face, owner = shapely.STRtree(geometries).query(shapely.point_on_surface(faces), predicate="intersects")
    first = pd.Series(owner).groupby(face).min()  # a face outside all pieces is water
    owned = gpd.GeoDataFrame(
        {"code": frame["code"].to_numpy()[first]}, geometry=faces[first.index], crs=frame.crs
    )
    joined = owned.dissolve("code", method="coverage").reset_index()
    joined.geometry = [shapely.MultiPolygon(shapely.get_parts(g)) for g in joined.geometry]
    if not (joined.is_valid.all() and shapely.coverage_is_valid(joined.geometry.to_numpy())):
        sys.exit("the land is no valid coverage; look at the rounding grid")
    return joined


def rounded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Round features that have no neighbours."""
    return frame.set_geometry(shapely.set_precision(frame.geometry.to_numpy(), GRID_DEGREES))


def inside(frame: gpd.GeoDataFrame, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what touches the three countries."""
    mine = land[land["code"].str.contains("-")].geometry.to_numpy()
    hit = np.unique(shapely.STRtree(frame.geometry.to_numpy()).query(mine, predicate="intersects")[1])
    return frame.iloc[hit]


def half_land(land: gpd.GeoDataFrame) -> list[tuple[float, float]]:
    """Return the latitudes between which land ends at 180 degrees with none on the other side, south to north."""
    east, west = (
        shapely.intersection(land.geometry.to_numpy(), shapely.LineString([(x, -90), (x, 90)]))
        for x in (180, -180)
    )
    sides = [shapely.union_all(east), shapely.transform(shapely.union_all(west), np.abs)]
    lonely = shapely.get_parts(shapely.line_merge(shapely.symmetric_difference(*sides)))
    # the halves of an island may differ by some steps of the grid
    return sorted(
        (south, north) for _, south, _, north in shapely.bounds(lonely) if north - south > 20 * GRID_DEGREES
    )


def lakes(folder: Path, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lakes of the three countries with their area, largest first."""
    frame = rounded(inside(read(folder, "lakes"), land))
    frame["area_km2"] = (frame.to_crs("EPSG:6933").area / 1e6).round(1)
    frame = frame[frame["area_km2"] >= SMALLEST_LAKE_KM2].sort_values(
        "area_km2", ascending=False, kind="stable"
    )
    return frame[["area_km2", "geometry"]]


def rivers(folder: Path, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rivers and lake centre lines of the three countries with name and rank, most important first."""
    frame = rounded(inside(read(folder, "rivers_lake_centerlines"), land))
    frame = frame.assign(
        name=frame["name"].replace(RIVERS), rank=frame["scalerank"].astype("int32"), kind=frame["featurecla"]
    )
    return frame.sort_values(["rank", "rivernum"], kind="stable")[["name", "rank", "kind", "geometry"]]


def towns(folder: Path, land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return populated places with state, rank, population and whether they are a capital, biggest first."""
    frame = rounded(read(folder, "populated_places"))
    place, piece = shapely.STRtree(land.geometry.to_numpy()).query_nearest(
        frame.geometry.to_numpy(), all_matches=False
    )
    codes = pd.Series(land["code"].to_numpy()[piece], index=frame.index[place])
    capital = frame["featurecla"].map(capital_of).astype("string")
    frame = frame.assign(state=codes, rank=frame["scalerank"].astype("int32"), capital=capital)
    frame = frame.assign(population=frame["pop_max"].astype("int64")).sort_values(
        ["rank", "population", "name"], ascending=[True, False, True], kind="stable"
    )
    return frame[["name", "state", "rank", "population", "capital", "geometry"]]


def capital_of(kind: str) -> str | None:
    """Say what a place is the capital of, from Natural Earth's class."""
    return {"Admin-0 capital": "country", "Admin-1 capital": "state"}.get(kind)


def write(frame: gpd.GeoDataFrame, name: str) -> None:
    """Write a FlatGeobuf without spatial index: the order of rows is ours."""
    path = TARGET / f"{name}.fgb"
    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf", SPATIAL_INDEX="NO", layer=name)
    print(f"{name}: {len(frame)} rows, {path.stat().st_size / 1e6:.2f} MB")


def main(folder: Path) -> None:
    """Write all four layers."""
    land = coverage(pieces(folder))
    write(land, "land")
    for south, north in half_land(land):
        print(f"land at 180 degrees, {south:.2f} to {north:.2f} N, is there on one side only")
    write(lakes(folder, land), "lakes")
    write(rivers(folder, land), "rivers")
    write(towns(folder, land), "towns")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
