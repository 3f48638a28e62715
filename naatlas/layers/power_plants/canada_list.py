"""Hand-collected list of Canadian plants (WRI): what it adds to the trilateral tables, and what it must not.

The list is an earlier state of the trilateral tables plus thermal plants below 100 MW, which these leave out.
So a row of it that links to no plant is published only where the trilateral tables cannot have it, and where a
facility of the emission register confirms that it exists and where: the last rows of the list are scrambled
(owner, date and place belong to other plants), and no row names a province.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import finding
from naatlas.harmonize.ids import stable_ids
from naatlas.harmonize.linkage import LinkRules, link
from naatlas.harmonize.names import normal
from naatlas.harmonize.overrides import load
from naatlas.harmonize.translate import Pick, Translated, translate
from naatlas.layers._places import add_places
from naatlas.layers._points import add_points
from naatlas.layers.power_plants.canada_common import COLUMNS, Books, NewPlants, link_plants
from naatlas.layers.power_plants.canada_sources import GHG, LIST
from naatlas.layers.power_plants.fields import RENEWABLE
from naatlas.ledger import State

if TYPE_CHECKING:
    from naatlas.layers.power_plants.canada_ghg import Facilities
    from naatlas.model import Table, Work

#: Column ``Source`` of the scrambled rows: of these only name, fuel and capacity are the plant's own.
SCRAMBLED = "Canadian Power Plant Database"

#: The trilateral tables have every plant from here on, of any energy source; below it only renewable ones.
ALL_FROM_MW = 100.0

#: A facility that confirms a row has its name: the register gives no capacity, the row perhaps no place.
CONFIRMS = LinkRules(threshold=72.0, name_floor=85.0, limit_km=25.0)

UNCONFIRMED = "no register confirms where it is; a point of this list alone is not published"

_FACTS = ("status", "year_online", "owner", "city")


def year(text: pd.Series) -> pd.Series:
    """Year of a cell; ``31.5`` is none."""
    plain = text.astype("string").str.strip()
    return pd.to_numeric(plain.where(plain.str.fullmatch(r"(?:18|19|20)\d{2}"))).astype("Int64")


_PICKS = (
    Pick(field="name", column="Name"),
    Pick(field="primary_source", column="Fuel", crosswalk="energy_source/wri"),
    Pick(field="primary_source_national", column="Fuel"),
    Pick(field="capacity_mw", column="Capacity (MW)", unit="MW"),
    Pick(field="year_online", column="Commissioning Date", parse=year),
    Pick(field="owner", column="Owner"),
    Pick(field="status", column="Operational Status", crosswalk="plant_status/wri"),
    Pick(field="city", column="Municipality"),
    Pick(field="longitude", column="Longitude"),
    Pick(field="latitude", column="Latitude"),
)


def add(
    table: Table, plants: pd.DataFrame, facilities: Facilities, free: pd.DataFrame, books: Books
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge the list into the plants and publish the thermal plants that it alone has.

    Parameters
    ----------
    free
        Facilities of ``facilities.frame`` that are linked to no plant.

    Returns
    -------
    tuple of DataFrame
        New plants by atlas id (columns as those of ``plants``); and ``id``, ``score`` by row of the emission
        register.
    """
    rows = _read(table, books)
    frame = rows.frame.assign(key=table.frame["Power Plant ID"], country="CAN")
    frame["energy_source"] = frame["primary_source"]
    merged = link_plants(frame, plants, table).linked.set_index("left")
    _merge(rows, merged, books)
    rest = frame.drop(index=merged.index)
    rest["reason"] = _reasons(rest, plants)
    new = _publish(rows, _confirmed(rest[rest["reason"].eq("")], free), facilities, books)
    unconfirmed = rest[~rest.index.isin(new["list_row"])]
    reason = unconfirmed["reason"].replace("", UNCONFIRMED)
    books.work.ledger.settle(LIST, unconfirmed.index, State.REJECTED, reason)
    _report(unconfirmed, reason, books.work)
    linked = new.reset_index().set_index("facility_row").rename_axis("row")[["id", "score"]]
    return new[COLUMNS], linked


def _read(table: Table, books: Books) -> Translated:
    rows = translate(table, _PICKS, books.spec, books.work)
    books.work.ledger.measure(LIST, "capacity_mw", rows.frame["capacity_mw"], "CAN")
    text = table.frame["Commissioning Date"]
    odd = text.index[text.notna() & rows.frame["year_online"].isna()]
    if len(odd):
        found = finding(
            "no-year",
            "warning",
            where=f"{LIST}, column Commissioning Date",
            ids=tuple(str(r) for r in odd),
            row=int(odd[0]),
            cell=repr(text[odd[0]]),
        )
        books.work.findings.append(found)
    scrambled = table.frame["Source"].eq(SCRAMBLED).fillna(value=False)
    rows.frame.loc[scrambled, ["longitude", "latitude"]] = np.nan
    rows.frame.loc[scrambled, ["owner", "city", "year_online"]] = pd.NA
    return rows


def _confirmed(thermal: pd.DataFrame, free: pd.DataFrame) -> pd.DataFrame:
    """Find the facility that confirms a row: ``list_row`` and ``score`` by row of the emission register."""
    placed = free.dropna(subset=["longitude", "latitude"])
    # Only the rows that are left are compared, so a decision about another row has nothing to decide.
    decisions = load("canada", LIST, GHG)
    linked = link(thermal, placed, rules=CONFIRMS, overrides=decisions, partial=True).linked
    return linked.rename(columns={"left": "list_row"}).set_index("right").rename_axis("row")


def _merge(rows: Translated, merged: pd.DataFrame, books: Books) -> None:
    """Settle rows that are a plant already, and fill in what the plant lacks."""
    # Of several units of a plant the first to come online speaks.
    order = rows.frame.loc[merged.index, "year_online"].sort_values(kind="stable").index
    books.facts.add_translated(rows, merged["right"][order], fields=_FACTS, score=merged["score"][order])
    books.work.ledger.settle(LIST, merged.index, State.MERGED, merged["right"])


def _reasons(rest: pd.DataFrame, plants: pd.DataFrame) -> pd.Series:
    """Say why rows cannot be plants of their own; empty where they can."""
    same_name = normal(rest["name"]).isin(set(normal(plants["name"])))
    renewable = rest["energy_source"].isin(RENEWABLE)
    large = ~rest["capacity_mw"].lt(ALL_FROM_MW)
    absent = "the newer trilateral tables have all {} and do not have this one"
    reasons = (
        absent.format("renewable plants of 1 MW or more"),
        absent.format("plants of 100 MW or more"),
        "name of a plant that is there, with another fuel or capacity: may be counted in it",
    )
    return pd.Series(
        np.select([renewable, large, same_name], reasons, default=""), index=rest.index, dtype="object"
    )


def _publish(rows: Translated, confirmed: pd.DataFrame, facilities: Facilities, books: Books) -> pd.DataFrame:
    """Publish rows that a facility confirms: name, fuel, capacity from the list, the place from the register."""
    facts, work, table = books.facts, books.work, rows.table
    new = facilities.frame.loc[confirmed.index, ["country", "state", "operator", "longitude", "latitude"]]
    own = ["name", "primary_source", "capacity_mw", "owner"]
    new[own] = rows.frame.loc[confirmed["list_row"], own].set_axis(new.index)
    new = new.join(confirmed[["list_row", "score"]]).assign(facility_row=new.index)
    new["id"] = stable_ids(new["country"], new["name"], new["state"], new["longitude"], new["latitude"])
    points = add_points(
        facts, facilities.rows, new["id"], country="CAN", state=new["state"], work=work, settle=False
    )
    new = new.loc[points.index]
    register = facilities.rows.table
    add_places(facts, register, new["id"], country="CAN", state_column="Province", work=work)
    by_list = new.set_index("list_row")["id"]
    facts.add_translated(rows, by_list, fields=["name", "primary_source", "primary_source_national", *_FACTS])
    plants = NewPlants(books=books, table=table, ids=new["id"], rows=new["list_row"].astype("string"))
    plants.say_of_all("reference_period", table.source.vintage)
    plants.say_of_all("source_agency", table.source.publisher)
    plants.say_capacity(
        new["primary_source"], new["capacity_mw"], column="Capacity (MW)",
        national=table.frame.loc[new["list_row"], "Capacity (MW)"], rule="unit MW",
    )  # fmt: skip
    work.ledger.settle(LIST, by_list.index, State.PUBLISHED, by_list)
    return new.set_index("id")


def _report(unconfirmed: pd.DataFrame, reason: pd.Series, work: Work) -> None:
    for why, part in unconfirmed.groupby(reason):
        found = finding(
            "listed-plant-left-out",
            "info",
            where=LIST,
            ids=tuple(part["key"]),
            mw=float(part["capacity_mw"].sum()),
            why=str(why),
        )
        work.findings.append(found)
