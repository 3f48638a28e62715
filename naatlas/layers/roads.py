"""Roads of the three countries, from three national files in the schema of the CEC's roads of 2020."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.layers import Build
from naatlas.layers._natural_earth import ATLAS_ID, LENGTH
from naatlas.spec import Edition, Field, LayerSpec, Licence, Source, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import Country

_CEC = Licence(
    id="CEC-Atlas",
    name="Terms of use of the North American Environmental Atlas",
    attribution="Commission for Environmental Cooperation. 2020. North American Environmental Atlas - Roads.",
    url="http://www.cec.org/north-american-environmental-atlas/",
    checked=False,
)


def _national(country: Country, publisher: str, name: str) -> Source:
    return Source(
        id=f"{country.lower()}-roads",
        country=country,
        title=f"Roads of {name}, primary and secondary roads and ferries",
        publisher=publisher,
        landing_page="http://www.cec.org/north-american-environmental-atlas/",
        licence=_CEC,
        vintage="2020",
        path=f"roads/{country.lower()}_roads_2020.zip",
        layout=Vector(),
        columns=("Type", "Country", "Name_Code", "LengthKm"),
        missing=("", " "),
        optional=True,
    )


#: Optional for the reader, so that ``combine`` can name all that are missing in one line; the layer needs them all.
ROADS = (
    _national("CAN", "Natural Resources Canada", "Canada"),
    _national("USA", "U.S. Geological Survey", "the United States"),
    _national("MEX", "Instituto Nacional de Estadística y Geografía (INEGI)", "Mexico"),
)

SPEC = LayerSpec(
    slug="roads",
    name="Roads",
    geometry="LineString",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="lines",
    fields=(
        ATLAS_ID,
        Field(name="road_type", dtype="text", dbf="Type", required=True, classes="road_type", balloon=True),
        Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
        Field(name="name", dtype="text", dbf="Name_Code", balloon=True),
        LENGTH,
    ),
    sources=ROADS,
    editions=(Edition(name="2020", sources=tuple(source.id for source in ROADS), default=True),),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Publish the lines of all three files.

    Raises
    ------
    InputError
        A file is absent: roads of one or two countries are no layer of the continent.
    """
    if absent := [source for source in ROADS if source.id not in tables]:
        paths = ", ".join(source.path for source in absent)
        raise InputError(
            f"roads: not in the data folder (--data): {paths}; put the national files there, in the CEC schema "
            f"(Type, Country, Name_Code, LengthKm), see {absent[0].landing_page}"
        )
    from naatlas.layers._roads import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
