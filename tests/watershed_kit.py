"""What the tests of the layer of releases by watershed share: a data folder with four basins, and layers in memory."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from naatlas import framework, registry
from naatlas.layers._gpw import SOURCES as PEOPLE
from naatlas.layers.watersheds import BASINS, REGIONS, SUBREGIONS
from naatlas.ledger import Ledger
from naatlas.model import LayerData, Points, Shapes
from tests import mexico_kit, prtr_kit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Two basins of Illinois side by side, one on the border of Mexico and one of Alberta.
SMALL = {
    "7050000001": box(-89, 41, -88, 42.5),
    "7050000002": box(-88, 41, -87, 42.5),
    "7050000003": box(-100, 19, -98.5, 20.5),
    "8050000004": box(-114, 53, -113, 54),
}
MIDDLE = {
    "7040000001": box(-89, 41, -87, 42.5),
    "7040000003": box(-100, 19, -98.5, 20.5),
    "8040000004": box(-114, 53, -113, 54),
}
#: Of the crosswalk of oceans: the Mississippi, the Pacific coast of Mexico, Hudson Bay.
LARGE = {
    "7030047060": box(-89, 41, -87, 42.5),
    "7030000010": box(-100, 19, -98.5, 20.5),
    "8030016860": box(-114, 53, -113, 54),
}
PLATE = "NA-WSH4-7050000002"
SITE = {
    "nra": "AAL1512102650", "name": "ALMEXA ALUMINIO SA DE CV,", "sector": "Cemento y Cal", "state": "México",
    "municipality": "Cuautitlán Izcalli", "scian": "331310", "lat": "19°38'10\"", "lon": "99°11'20\"",
}  # fmt: skip
CANADIAN = {
    "NPRI_ID": "0000000011", "COMP_NAME": "Hexion Canada Inc.", "FACI_NAME": "Edmonton Facility", "CITY": "Edmonton",
    "PROVINCE": "AB", "LAST_REPORT_YEAR": "2015", "LONGITUDE": "-113.5886", "LATITUDE": "53.5823",
    "KIS_NAME_EN": "Chemicals",
}  # fmt: skip
SAN_DIEGO = {
    "facility": "92101SLRTR2200P", "name": "SOLAR TURBINES", "city": "SAN DIEGO", "state": "CA",
    "latitude": "32.727752", "longitude": "-117.176234",
}  # fmt: skip


def folder(data: Path, *, people: bool = True) -> Path:
    """Write the registers of 2017 with a facility a file, the basins, and four people a degree."""
    prtr_kit.npri(data, [CANADIAN])
    forms = [
        ({}, {"51. 5.1 - FUGITIVE AIR": "10.000", "53. 5.3 - WATER": "2"}),
        ({"substance": "N458"}, {"53. 5.3 - WATER": "3"}),
        ({"substance": "N150", "unit": "Grams"}, {"52. 5.2 - STACK AIR": "1.5"}),
    ]
    prtr_kit.tri(data, "il", 2017, forms)
    prtr_kit.tri(data, "ca", 2017, [(SAN_DIEGO | {"substance": "007440020"}, {"5.3_WATER": ".26"})])
    mexico_kit.retc(data, "es", 2017, [SITE])
    row = {"nra": SITE["nra"], "cas": "Pb", "substance": "Plomo (compuestos)", "unit": "Kg"}
    mexico_kit.retc(data, "em", 2017, [row | {"air": "2.5", "water": "0", "incineration": "1"}])
    basins(data)
    if people:
        grid(data)
    return data


def basins(data: Path) -> None:
    for level, units in ((4, SMALL), (3, MIDDLE), (2, LARGE)):
        columns = {"HYBAS_ID": list(units), "SUB_AREA": [1.0] * len(units)}
        _save(data / BASINS[level].path, columns, list(units.values()))
    for source in (REGIONS, SUBREGIONS):
        _save(data / source.path, {"subRegion": ["07"], "subRegionAlt": ["Nowhere"]}, [box(-70, 20, -69, 21)])


def _save(path: Path, columns: Mapping[str, Sequence[object]], shapes: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    gpd.GeoDataFrame(dict(columns), geometry=list(shapes), crs="EPSG:4326").to_file(path, driver="GPKG")


def grid(data: Path) -> None:
    """Write a grid of population in the layout of the file: one person a cell of half a degree around the basins."""
    path = data / PEOPLE[0].path
    path.parent.mkdir(parents=True, exist_ok=True)
    centres = [(lon, lat) for lon in np.arange(-89.75, -86, 0.5) for lat in np.arange(40.25, 43.5, 0.5)]
    years = [source.vintage for source in PEOPLE]
    text = "\n".join(f"{lon},{lat}," + ",".join("1" for _ in years) for lon, lat in centres)
    told = f"lon,lat,{','.join(years)}\n{text}\n"
    path.write_bytes(gzip.compress(told.encode(), mtime=0))


#: Squares of 100 km: four of level 4 in two of level 3.
SIDE_M = 100_000.0


def watersheds() -> LayerData:
    """Return a layer of squares in Kansas that meet at their corners: 2 x 2 of level 2, in columns of level 1."""
    cells = {(col, row): f"NA-WSH2-{col}{row}" for col in (0, 1) for row in (0, 1)}
    ids = [*(f"NA-WSH1-{col}" for col in (0, 1)), *cells.values()]
    shapes = [box(col * SIDE_M, -4 * SIDE_M, (col + 1) * SIDE_M, -2 * SIDE_M) for col in (0, 1)]
    shapes += [box(c * SIDE_M, (r - 4) * SIDE_M, (c + 1) * SIDE_M, (r - 3) * SIDE_M) for c, r in cells]
    frame = pd.DataFrame({"atlas_id": ids, "level": [1, 1, 2, 2, 2, 2], "area_km2": 1e4})
    frame["parent"] = pd.array([None, None, *(f"NA-WSH1-{col}" for col, _ in cells)], dtype="string")
    metres = np.array(shapes, dtype=object)
    return _layer("watersheds", frame, Shapes(metres, metres, {}))


def facilities(x: Sequence[float], y: Sequence[float], country: str = "MEX") -> LayerData:
    """Return facilities at places in metres."""
    at_x, at_y = (np.asarray(axis, dtype=np.float64) for axis in (x, y))
    lon, lat = framework.unproject(at_x, at_y)
    ids = [f"{country}-{n}" for n in range(len(at_x))]
    frame = pd.DataFrame(
        {"atlas_id": ids, "country": country, "state": "MX-MEX", "name": ids, "sector": "metals"}
    )
    frame = frame.assign(releases_status="reported", longitude=lon, latitude=lat)
    return _layer("prtr-facilities", frame, Points(np.asarray(lon), np.asarray(lat), at_x, at_y))


def _layer(slug: str, frame: pd.DataFrame, geometry: Points | Shapes) -> LayerData:
    return LayerData(
        spec=registry.spec(slug),
        edition=registry.spec(slug).edition(None).name,
        frame=frame,
        geometry=geometry,
        provenance=pd.DataFrame(),
        ledger=Ledger(),
        inputs=(),
    )


def lines(ids: Sequence[str], kg: Sequence[float], **columns: object) -> pd.DataFrame:
    """Return lines of a long table, lead to water unless columns say otherwise."""
    count = len(ids)
    told = {
        "atlas_id": list(ids), "substance": "lead-compounds", "kind": "toxic", "group": "lead", "medium": "water",
        "on_site": True, "kg": list(kg), "g": np.nan, "basis": None, "source": "mex-retc-em-2015",
        "row": list(range(2, count + 2)), "national_column": "AGUA", "amount": list(kg), "national_unit": "Kg",
    }  # fmt: skip
    return pd.DataFrame(told | columns)
