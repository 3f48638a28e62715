"""Greenhouse gas emissions of large Canadian facilities, put on the plants that they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from naatlas.findings import Item, finding
from naatlas.framework import places
from naatlas.harmonize.translate import Pick, Translated, translate
from naatlas.layers.power_plants import emissions
from naatlas.layers.power_plants.canada_common import link_plants
from naatlas.layers.power_plants.canada_sources import GHG
from naatlas.ledger import State

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.facts import Facts
    from naatlas.layers.power_plants.canada_common import Books
    from naatlas.model import Table, Work

TONNES, AGENCY = "Total emissions", "ECCC GHGRP"

#: Industry that makes electricity -> the energy sources its plants may run on; the register names no fuel.
INDUSTRIES = {
    "Fossil-Fuel Electric Power Generation": "coal;natural_gas;petroleum",
    "Other Electric Power Generation": "biomass;wind;solar;geothermal;other",
    "Hydro-Electric Power Generation": "hydroelectric;pumped_storage",
}

_PICKS = (
    Pick(field="ghgrp_id", column="Facility ID"),
    Pick(field="name", column="Facility name"),
    Pick(field="operator", column="Company name", rule="the company that reports operates the facility"),
    Pick(field="city", column="City"),
    Pick(field="co2e_t", column=TONNES, unit_column="Units", thousands=" "),
    Pick(field="longitude", column="Longitude"),
    Pick(field="latitude", column="Latitude"),
)


@dataclass(frozen=True, slots=True)
class Facilities:
    """Facilities that make electricity.

    Attributes
    ----------
    rows
        The whole table translated; a point of 0, 0 is missing.
    frame
        The electric ones as linkage reads them, indexed by row.
    """

    rows: Translated
    frame: pd.DataFrame


def read(table: Table, books: Books) -> Facilities:
    """Translate the register, put its tonnes on the books, and set aside what makes no electricity."""
    work = books.work
    rows = translate(table, _PICKS, books.spec, work)
    nowhere = rows.frame["longitude"].eq(0) & rows.frame["latitude"].eq(0)
    rows.frame.loc[nowhere, ["longitude", "latitude"]] = np.nan
    work.ledger.measure(GHG, "co2e_t", rows.frame["co2e_t"], "CAN")
    text = table.frame["Province"]
    state = places.resolve_state(text, "CAN")
    work.unknown.extend(places.unknown_places(f"{GHG}, column Province", text, state))
    # White space of all kinds ends some titles in these registers.
    kind = table.frame["Industry classification"].str.split().str.join(" ").map(INDUSTRIES)
    others = table.frame.index[kind.isna()]
    work.ledger.settle(GHG, others, State.OUT_OF_SCOPE, "industry is not electric power generation")
    frame = rows.frame.loc[kind.notna(), ["name", "operator", "longitude", "latitude", "co2e_t"]]
    frame = frame.assign(
        key=rows.frame["ghgrp_id"],
        owner=rows.frame["operator"],
        country="CAN",
        state=state,
        energy_source=kind,
    )
    return Facilities(rows, frame)


def link(facilities: Facilities, plants: pd.DataFrame) -> pd.DataFrame:
    """Link facilities to plants.

    Returns
    -------
    DataFrame
        ``id`` and ``score`` by row of the register, for the facilities that are linked.
    """
    links = link_plants(facilities.frame, plants, facilities.rows.table)
    linked = links.linked.set_index("left").rename_axis("row")
    return linked.rename(columns={"right": "id"})[["id", "score"]]


def add(facilities: Facilities, linked: pd.DataFrame, books: Books) -> None:
    """Add emissions, identifiers and operators of linked facilities, and account for the electric ones.

    Parameters
    ----------
    linked
        ``id`` and ``score`` by row; several facilities of one plant are summed.
    """
    rows, table = facilities.rows, facilities.rows.table
    books.facts.add_translated(rows, linked["id"], fields=["operator", "city"], score=linked["score"])
    told = linked.assign(
        row=linked.index.astype("string"), value=rows.frame["co2e_t"], text=table.frame[TONNES],
        number=table.frame["Facility ID"], year=table.frame["Report year"], unit=table.frame["Units"],
    )  # fmt: skip
    for year, part in told.groupby("year"):
        _add_year(part, int(str(year)), books.facts)
    work = books.work
    work.ledger.settle(GHG, linked.index, State.ENRICHES, linked["id"])
    lost = facilities.frame.drop(index=linked.index)
    why = "no plant of the layer is this facility, and the register gives no capacity to publish it by"
    work.ledger.settle(GHG, lost.index, State.REJECTED, why)
    _report(lost, work)


def _add_year(part: pd.DataFrame, year: int, facts: Facts) -> None:
    """Add the emissions of one report year, one value a plant."""
    plants = part.groupby("id").agg(
        row=("row", " + ".join), text=("text", " + ".join), number=("number", ", ".join),
        unit=("unit", "first"), value=("value", "sum"), score=("score", "min"),
    ).reset_index()  # fmt: skip
    facts.add(
        "ghgrp_id", plants["id"], plants["number"], source=GHG, row=plants["row"],
        column="Facility ID", national=plants["number"], score=plants["score"],
    )  # fmt: skip
    emissions.add(
        facts, "co2e", entity=plants["id"], value=plants["value"], year=year, method="reported",
        agency=AGENCY, source=GHG, row=plants["row"], column=TONNES, national=plants["text"],
        rule="unit " + plants["unit"], score=plants["score"],
    )  # fmt: skip


def _report(lost: pd.DataFrame, work: Work) -> None:
    if lost.empty:
        return
    largest = lost.sort_values("co2e_t", ascending=False).head(5).to_dict("records")
    work.findings.append(
        finding(
            "emissions-without-plant",
            "warning",
            where=GHG,
            ids=tuple(lost["key"]),
            t=float(lost["co2e_t"].sum()),
            shown=tuple(Item("{name}: {t:,.0f} t", name=p["name"], t=p["co2e_t"]) for p in largest),
        )
    )
