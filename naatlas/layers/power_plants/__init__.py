"""Power plants of North America: one point a plant, capacity by energy source, emissions with year and method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers.power_plants.canada_sources import SOURCES as CANADA
from naatlas.layers.power_plants.fields import FIELDS, GAPS, POLLUTANTS
from naatlas.layers.power_plants.limits import OUTLIER_RULES
from naatlas.layers.power_plants.mexico_sources import SOURCES as MEXICO
from naatlas.layers.power_plants.sources import TRILATERAL, USA
from naatlas.spec import Edition, Gap, LayerSpec, Option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

_PM = "no register of the three countries gives it by plant; Mexico's inventory has it by municipality"
_CO2E = "published as carbon dioxide equivalent of all gases together"
#: Emissions are the sum of all rows that a register has of a plant: stacks, units, substances.
EMISSIONS = tuple(field for pollutant, (field, _) in POLLUTANTS.items() if pollutant not in GAPS)
_TRILATERAL = tuple(s.id for s in TRILATERAL)

SPEC = LayerSpec(
    slug="power-plants",
    name="PowerPlants",
    geometry="Point",
    key="atlas_id",
    fields=FIELDS,
    sources=(*TRILATERAL, *USA, *CANADA, *MEXICO),
    editions=(
        Edition(
            name="2017",
            sources=(
                *_TRILATERAL,
                "usa-eia860-plant-2023",
                "usa-egrid-2016",
                "mex-retc-es-2017",
                "mex-retc-em-2017",
                "usa-egrid-units-2021",
            ),
            # EIA plant codes; the trilateral tables carry none
            lookups=("usa-eia860-plant-2023", "usa-egrid-units-2021"),
        ),
        Edition(
            name="2023",
            default=True,
            sources=(
                "usa-eia-atlas-202311",
                "usa-eia860-wind-2023",
                "usa-eia860-solar-2023",
                "usa-eia860-storage-2023",
                "usa-eia860-plant-2023",
                "usa-egrid-units-2021",
                "usa-egrid-2016",
                *_TRILATERAL,
                "can-wind-turbines",
                "can-wri-list",
                "can-ghg-2021",
                "mex-cre-permits",
                "mex-cre-permits-ended",
                "mex-retc-es-2022",
                "mex-retc-em-2022",
                "mex-inem-2016",
            ),
        ),
    ),
    options=(
        Option(
            name="min_mw",
            dtype="real",
            default=1.0,
            help="Smallest total capacity of a plant in MW.",
            suffix="min{}mw",
            low=0.0,
        ),
    ),
    gaps=(
        Gap(field="pm25_t", country=None, why=_PM),
        Gap(field="pm10_t", country=None, why=_PM),
        Gap(field="so2_t", country="MEX", why="the RETC has no sulphur dioxide"),
        Gap(field="so2_t", country="CAN", why="no open file of NPRI releases by facility"),
        Gap(field="nox_t", country="CAN", why="no open file of NPRI releases by facility"),
        Gap(field="hg_kg", country="CAN", why="no open file of NPRI releases by facility"),
        *(Gap(field=gas, country="CAN", why=_CO2E) for gas in ("co2_t", "ch4_t", "n2o_t")),
        Gap(field="co2e_t", country="USA", why="eGRID gives the gases one by one"),
        Gap(field="co2e_t", country="MEX", why="the RETC gives the gases one by one"),
    ),
    balance={"capacity_mw": "source"} | dict.fromkeys(EMISSIONS, "source-and-links"),
    outliers=OUTLIER_RULES,
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Make one frame of plants from the registers of the three countries."""
    from naatlas.layers.power_plants.assemble import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
