"""What the framework layers share: Natural Earth's files, its licence, and the fields that all of them carry.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from naatlas.spec import Edition, Field, Licence, Source, Vector

#: The edition of all framework layers: Natural Earth 5.1.1 of May 2022, on which the land coverage stands. Files
#: of older versions say so in their own vintage.
EDITION = "2022"

NATURAL_EARTH = Licence(
    id="PD-Natural-Earth",
    name="Public domain (Natural Earth terms of use)",
    attribution="Made with Natural Earth. Free vector and raster map data @ naturalearthdata.com.",
    url="https://www.naturalearthdata.com/about/terms-of-use/",
)
_PUBLISHER = "Natural Earth"
_PAGES = "https://www.naturalearthdata.com/downloads/10m-{}-vectors/"

#: When a version of Natural Earth came out, as its change log tells.
RELEASED = {"2.0": "2012-10", "3.0": "2013-06", "4.0": "2017-10", "5.1.1": "2022-05"}


def packaged(
    name: str, *, title: str, version: str, columns: tuple[str, ...], theme: str = "physical"
) -> Source:
    """Declare one file of the base geometry inside the package."""
    return Source(
        id=f"package-{name}",
        country=None,
        title=f"{title} (Natural Earth 1:10m, {version}), base geometry of the framework",
        publisher=_PUBLISHER,
        landing_page=_PAGES.format(theme),
        licence=NATURAL_EARTH,
        vintage=RELEASED[version],
        path=f"{name}.fgb",
        layout=Vector(),
        columns=columns,
        packaged=True,
    )


def supplement(
    name: str, *, title: str, columns: tuple[str, ...], theme: str = "physical", optional: bool = True
) -> Source:
    """Declare one Natural Earth file of the data folder; as a rule the layer can do without it."""
    return Source(
        id=f"ne-{name.replace('_', '-')}",
        country=None,
        title=f"{title} (Natural Earth 1:10m, 4.0)",
        publisher=_PUBLISHER,
        landing_page=_PAGES.format(theme),
        licence=NATURAL_EARTH,
        vintage=RELEASED["4.0"],
        path=f"framework/{name}.fgb.zip",
        layout=Vector(),
        columns=columns,
        optional=optional,
    )


def edition(*sources: Source) -> tuple[Edition, ...]:
    """Return the one edition of a framework layer, its sources in order of precedence."""
    return (Edition(name=EDITION, sources=tuple(s.id for s in sources), default=True),)


LAND = packaged(
    "land", title="States, provinces and countries", version="5.1.1", columns=("code",), theme="cultural"
)

ATLAS_ID = Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True)
NAME = Field(name="name", dtype="text", dbf="Name", balloon=True)
SCALE_RANK = Field(name="scale_rank", dtype="integer", dbf="ScaleRank", low=0, high=20)
LENGTH = Field(
    name="length_km", dtype="real", unit="kilometer", dbf="LengthKm", required=True, low=0.0, balloon=True
)
AREA = Field(name="area_km2", dtype="real", dbf="AreaKm2", required=True, low=0.0, balloon=True)

#: Country of the greatest share, and all that the feature touches, states likewise.
TOUCHED = (
    Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
    Field(name="countries", dtype="text", dbf="Countries", required=True, balloon=True),
    Field(name="states", dtype="text", dbf="States", required=True, balloon=True),
)


def names(style: str = "Name{}", *, required: bool = False) -> tuple[Field, ...]:
    """Return the name fields in three languages; the CEC writes their shapefile names in several ways."""
    return tuple(
        Field(
            name=f"name_{lang.lower()}", dtype="text", dbf=style.format(lang), required=required, balloon=True
        )
        for lang in ("En", "Fr", "Es")
    )
