"""Renewable capacity: plants with 1 MW or more of it, by technology, and its totals by state and country."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._point_fields import point
from naatlas.spec import Edition, Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from naatlas.model import Combined, Table, Work

PLANTS = "power-plants"
TECHNOLOGIES = {
    "hydroelectric": "Hydro_MW",
    "pumped_storage": "HydroPS_MW",
    "solar": "Solar_MW",
    "wind": "Wind_MW",
    "geothermal": "Geo_MW",
    "biomass": "Bio_MW",
    "tidal": "Tidal_MW",
}
LEAST_MW = 1.0

SPEC = LayerSpec(
    slug="renewable-capacity",
    name="RenewableCapacity",
    geometry="Point",
    key="atlas_id",
    uses=(PLANTS,),
    editions=(Edition(name="2017", sources=()), Edition(name="2023", sources=(), default=True)),
    fields=(
        Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
        Field(name="country", dtype="text", dbf="Country", required=True, classes="country", balloon=True),
        Field(name="state", dtype="text", dbf="StateProv", required=True, classes="state", balloon=True),
        Field(name="name", dtype="text", dbf="Facility", required=True),
        Field(name="renewable_mw", dtype="real", dbf="Renew_MW", required=True, low=LEAST_MW, balloon=True),
        Field(name="primary_renewable", dtype="text", dbf="PrimRenew", classes="energy_source", balloon=True),
        *(
            Field(name=f"{t}_mw", dtype="real", dbf=dbf, low=0.0, balloon=True)
            for t, dbf in TECHNOLOGIES.items()
        ),
        Field(name="year_online", dtype="integer", dbf="YearOnline", low=1880, high=2100, balloon=True),
        Field(name="reference_period", dtype="text", dbf="Period", required=True, balloon=True),
        Field(name="source_agency", dtype="text", dbf="Source", balloon=True),
        *point(),
    ),
    balance={"renewable_mw": "used"},
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:  # noqa: ARG001 - it reads no file of its own
    """Take the plants that have the capacity; each keeps its id and the origin of its values."""
    from naatlas.ledger import State
    from naatlas.model import Combined

    plants = work.used[PLANTS]
    frame = plants.frame
    work.ledger.open_rows(PLANTS, frame)
    work.ledger.measure(PLANTS, "renewable_mw", frame["renewable_mw"], frame["country"])
    enough = frame["renewable_mw"].ge(LEAST_MW)
    unknown = frame["renewable_mw"].isna()
    kept = frame.loc[enough, [f.name for f in SPEC.fields]]
    work.ledger.settle(PLANTS, kept.index, State.PUBLISHED, kept["atlas_id"])
    work.ledger.settle(
        PLANTS, frame.index[~enough & ~unknown], State.OUT_OF_SCOPE, f"less than {LEAST_MW:g} MW renewable"
    )
    work.ledger.settle(
        PLANTS, frame.index[unknown], State.OUT_OF_SCOPE, "renewable capacity is not published by source"
    )
    origin = plants.provenance
    origin = origin[origin["atlas_id"].isin(kept["atlas_id"]) & origin["field"].isin(kept.columns)]
    return Combined(kept.reset_index(drop=True), origin.reset_index(drop=True), {"totals": _totals(kept)})


def _totals(kept: pd.DataFrame) -> pd.DataFrame:
    """Plants and MW by country, state and technology; state ``ALL`` is the country, technology ``all`` all of them."""
    import pandas as pd

    long = kept.melt(["country", "state"], [f"{t}_mw" for t in TECHNOLOGIES], "technology", "capacity_mw")
    long["technology"] = long["technology"].str.removesuffix("_mw")
    long = long[long["capacity_mw"] > 0]
    whole = kept[["country", "state"]].assign(technology="all", capacity_mw=kept["renewable_mw"])
    both = pd.concat([long, whole])
    both = pd.concat([both, both.assign(state="ALL")])
    groups = both.groupby(["country", "state", "technology"])["capacity_mw"]
    return pd.DataFrame({"plants": groups.size(), "capacity_mw": groups.sum().round(1)}).reset_index()
