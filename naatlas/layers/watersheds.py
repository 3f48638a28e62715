"""Watersheds at four levels, from ocean basins down, nested in each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import AREA, ATLAS_ID, TOUCHED, names
from naatlas.spec import Edition, Field, Gap, LayerSpec, Licence, Source, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

_HYDROSHEDS = Licence(
    id="HydroSHEDS",
    name="HydroSHEDS licence: free use, also commercial, with attribution",
    attribution="This product incorporates data from the HydroSHEDS version 1 database, © World Wildlife Fund, Inc.",
    url="https://www.hydrosheds.org/hydrosheds-core-downloads",
    checked=False,
)
_WBD = Licence(
    id="US-PD",
    name="U.S. public domain; the simplified copy comes from the R package metis (MIT licence)",
    attribution="Source: U.S. Geological Survey, Watershed Boundary Dataset, simplified in the R package metis "
    "(JGCRI).",
    url="https://www.usgs.gov/national-hydrography/watershed-boundary-dataset",
    checked=False,
)


def _hydrobasins(level: int, columns: tuple[str, ...]) -> Source:
    return Source(
        id=f"hydrobasins-{level}",
        country=None,
        title=f"HydroBASINS version 1c, level {level}, simplified (package metis)",
        publisher="World Wildlife Fund, HydroSHEDS",
        landing_page="https://www.hydrosheds.org/products/hydrobasins",
        licence=_HYDROSHEDS,
        vintage="2014",
        path=f"watersheds/raw/hydrobasins_lev0{level}_simplified_na.gpkg",
        layout=Vector(),
        columns=columns,
    )


def _wbd(digits: int, what: str) -> Source:
    return Source(
        id=f"usa-wbd-huc{digits}",
        country="USA",
        title=f"Watershed Boundary Dataset, {what} (HUC{digits}), simplified (package metis)",
        publisher="U.S. Geological Survey",
        landing_page="https://www.usgs.gov/national-hydrography/watershed-boundary-dataset",
        licence=_WBD,
        vintage="2019",
        path=f"watersheds/raw/us_wbd_huc{digits}_simplified.gpkg",
        layout=Vector(),
        columns=("subRegion", "subRegionAlt"),
    )


#: HydroBASINS by the level of the atlas; level 1 has no source, it is made of level 2.
BASINS = {
    2: _hydrobasins(3, ("HYBAS_ID",)),
    3: _hydrobasins(4, ("HYBAS_ID", "SUB_AREA")),
    4: _hydrobasins(5, ("HYBAS_ID", "SUB_AREA")),
}
REGIONS, SUBREGIONS = _wbd(2, "regions"), _wbd(4, "subregions")
_SOURCES = (*BASINS.values(), REGIONS, SUBREGIONS)


def _nested(level: int) -> Field:
    return Field(name=f"naw{level}_en", dtype="text", dbf=f"NAW{level}_EN", balloon=True)


def _text(name: str, dbf: str | None = None) -> Field:
    return Field(name=name, dtype="text", dbf=dbf, gap=dbf is None)


SPEC = LayerSpec(
    slug="watersheds",
    name="Watersheds",
    geometry="Polygon",
    key="atlas_id",
    group="framework",
    # All levels in one layer and from the same vertices: a border is the same line at each level.
    generalize="polygons",
    nested_by="level",
    fields=(
        ATLAS_ID,
        Field(name="level", dtype="integer", dbf="Level", required=True, low=1, high=4, balloon=True),
        Field(name="ocean", dtype="text", dbf="Ocean", required=True, classes="ocean", balloon=True),
        *names("NAME_{}"),
        Field(name="name_status", dtype="text", dbf="NameStatus", required=True, classes="name_status"),
        *(_nested(level) for level in (1, 2, 3, 4)),
        _text("parent", "Parent"),
        _text("hydrobasins_id", "HYBAS_ID"),
        *TOUCHED,
        _text("usa_region", "USA_REG"),
        _text("usa_region_name", "USA_REG_NA"),
        _text("usa_subregion", "USA_SUB"),
        _text("usa_subregion_name", "USA_SUB_NA"),
        _text("usa_accounting_unit_name"),
        _text("can_drainage_area"),
        _text("can_drainage_area_name"),
        _text("mex_basin_name"),
        AREA,
    ),
    sources=_SOURCES,
    editions=(
        Edition(
            name="2014",
            sources=tuple(source.id for source in _SOURCES),
            lookups=(REGIONS.id, SUBREGIONS.id),
            default=True,
        ),
    ),
    gaps=(
        Gap(field="usa_accounting_unit_name", country="USA", why="HUC6 was not available"),
        Gap(field="can_drainage_area", country="CAN", why="the Canadian drainage areas were not available"),
        Gap(
            field="can_drainage_area_name",
            country="CAN",
            why="the Canadian drainage areas were not available",
        ),
        Gap(
            field="mex_basin_name",
            country="MEX",
            why="no national file of hydrological regions was available",
        ),
        Gap(
            field="hydrobasins_id",
            country=None,
            why="the source is cut at 180 degrees and holds North America only: the Aleutians west of it and "
            "Hawaii are missing",
        ),
    ),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Nest the basins by overlay and publish all four levels."""
    from naatlas.layers._watersheds import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
