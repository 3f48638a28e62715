"""Wind projects of the Canadian database: to the plants that they are, or new plants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import Item, finding
from naatlas.harmonize.ids import stable_ids
from naatlas.harmonize.names import take_apart
from naatlas.layers.power_plants import canada_wind
from naatlas.layers.power_plants.canada_common import COLUMNS, Books, NewPlants, link_plants
from naatlas.layers.power_plants.canada_sources import WIND
from naatlas.ledger import State

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.layers.power_plants.canada_wind import Projects
    from naatlas.model import Finding, Table, Work

#: The phases of a project are plants of its name that add up to its capacity within this share.
PHASES = 0.02

#: A linked plant whose capacity is farther from the project's than this share is told.
DIFFERS = 0.10


def add(table: Table, plants: pd.DataFrame, books: Books) -> pd.DataFrame:
    """Link projects to the wind plants, publish the others, and account for every turbine.

    Returns
    -------
    DataFrame
        New plants by atlas id, columns as those of ``plants``.
    """
    work = books.work
    projects = canada_wind.read(table, books.spec, work)
    work.ledger.measure(WIND, "capacity_mw", projects.share_mw, "CAN")
    nameless = projects.project.index[projects.project.isna()]
    work.ledger.settle(WIND, nameless, State.REJECTED, "no project name, and no sibling turbine that has one")
    wind = plants[plants["primary_source"] == "wind"]
    fate = _fates(projects.frame, wind, table)
    _enrich(projects.frame, fate, books.facts)
    new = _publish(projects.frame[fate["state"].eq(str(State.AGGREGATED))], table, books)
    fate.loc[new.index, "detail"] = new["id"]
    _settle(projects, fate, work)
    _report(projects.frame, wind, fate, work)
    return new.set_index("id")[COLUMNS]


def _fates(frame: pd.DataFrame, wind: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Say for each project the state of its turbines, the detail, and the score of its link."""
    phases = _phases(frame, wind)
    taken = [plant for plants in phases for plant in plants]
    rest = frame.drop(index=phases.index)
    rows = rest.assign(key=rest.index, country="CAN", energy_source="wind")
    links = link_plants(rows, wind.drop(index=taken), table)
    linked = links.linked.groupby("left").agg(plants=("right", list), score=("score", "min"))
    one = linked[linked["plants"].str.len() == 1]
    phases = pd.concat([phases, linked["plants"].drop(index=one.index)])
    fate = pd.DataFrame({"state": str(State.AGGREGATED), "detail": "", "score": np.nan}, index=frame.index)
    doubtful = links.unmatched_left.index[links.unmatched_left["decision"] == "ambiguous"]
    pointless = rest.index[rest[["longitude", "latitude"]].isna().any(axis=1)]
    impossible = rest.index[rest["capacity_mw"].isna()]
    fate.loc[doubtful, "detail"] = "may be one of several wind plants; decide in links_canada.csv"
    fate.loc[pointless, "detail"] = "no turbine has coordinates"
    fate.loc[impossible, "detail"] = frame.loc[impossible, "rule"]
    fate.loc[fate["detail"] != "", "state"] = str(State.REJECTED)
    fate.loc[phases.index, "state"] = str(State.CONTROL)
    fate.loc[phases.index, "detail"] = "its phases are plants: " + phases.map(", ".join)
    fate.loc[one.index, "state"] = str(State.ENRICHES)
    fate.loc[one.index, "detail"] = one["plants"].str[0]
    fate.loc[one.index, "score"] = one["score"]
    return fate


def _phases(frame: pd.DataFrame, wind: pd.DataFrame) -> pd.Series:
    """Find projects that are several plants: same state and bare name, capacities that add up.

    Returns
    -------
    Series
        Lists of atlas ids by project.
    """
    ours = pd.DataFrame({"state": frame["state"], "core": _cores(frame["name"]), "mw": frame["capacity_mw"]})
    theirs = pd.DataFrame(
        {"state": wind["state"], "core": _cores(wind["name"]), "mw": wind["capacity_mw"], "id": wind.index}
    )
    groups = theirs.groupby(["state", "core"]).agg(mw=("mw", "sum"), ids=("id", list), parts=("id", "size"))
    told = ours.join(groups.add_prefix("plants_"), on=["state", "core"])
    close = told["plants_mw"].sub(told["mw"]).abs() <= PHASES * told["mw"]
    alone = ours.groupby(["state", "core"])["mw"].transform("size") == 1
    return told.loc[close & alone & told["plants_parts"].gt(1), "plants_ids"]


def _cores(names: pd.Series) -> pd.Series:
    """Name without unit numbers and technology; directions stay (West Cape is not North Cape)."""
    table = take_apart(names)
    full = ~table.variants["part"].astype(bool)  # an empty column has no type yet
    whole = table.variants[full].drop_duplicates("position").set_index("position")["core"]
    cores = whole.reindex(range(len(names))).astype("string").set_axis(names.index)
    directions = table.marks.astype("string").str.findall(r"[a-z]+").str.join(" ").astype("string")
    return (cores + " " + directions.set_axis(names.index)).str.strip()


def _enrich(frame: pd.DataFrame, fate: pd.DataFrame, facts: Facts) -> None:
    """Give linked plants the year of their first turbines."""
    linked = frame[fate["state"].eq(str(State.ENRICHES))].sort_values("year_online", kind="stable")
    facts.add(
        "year_online", fate.loc[linked.index, "detail"], linked["year_online"], source=WIND, row=linked["rows"],
        column=canada_wind.DATE, national=linked["years"], rule="earliest year of its turbines",
        score=fate.loc[linked.index, "score"].astype("float64"),
    )  # fmt: skip


def _publish(frame: pd.DataFrame, table: Table, books: Books) -> pd.DataFrame:
    """Add the facts of projects that are no plant yet; their point is the mean of their turbines."""
    blank = pd.Series(pd.NA, index=frame.index, dtype="string")
    new = frame.assign(country="CAN", primary_source="wind", owner=blank, operator=blank)
    new["id"] = stable_ids(new["country"], new["name"], new["state"], new["longitude"], new["latitude"])
    plants = NewPlants(books=books, table=table, ids=new["id"], rows=new["rows"])
    plants.say("name", new["name"], column=canada_wind.NAME, national=new["name"], rule="as published")
    plants.say(
        "state", new["state"], column=canada_wind.PROVINCE, national=new["province"], rule="place table"
    )
    mean = "mean of its " + new["turbines"].astype("str") + " turbines"
    for field, column in (("longitude", "Longitude"), ("latitude", "Latitude")):
        plants.say(field, new[field], column=column, national=mean, rule=mean)
    quality = blank.fillna("centroid_of_units")
    plants.say("coordinate_quality", quality, column="Latitude", national=mean, rule=mean)
    year, why = new["year_online"], "earliest year of its turbines"
    plants.say("year_online", year, column=canada_wind.DATE, national=new["years"], rule=why)
    said = {
        "country": "CAN", "primary_source": "wind", "primary_source_national": "Wind turbine",
        "reference_period": table.source.vintage, "source_agency": table.source.publisher,
    }  # fmt: skip
    for field, value in said.items():
        plants.say_of_all(field, value)
    plants.say_capacity(
        new["primary_source"], new["capacity_mw"], column=f"{canada_wind.TOTAL} + {canada_wind.RATING}",
        national=new["stated_mw"].map("{:g}".format), rule=new["rule"],
    )  # fmt: skip
    return new


def _settle(projects: Projects, fate: pd.DataFrame, work: Work) -> None:
    named = projects.project.dropna()
    by_row = fate.loc[named].set_axis(named.index)
    for state, rows in by_row.groupby("state", sort=True):
        work.ledger.settle(WIND, rows.index, State(str(state)), rows["detail"].astype("string"))


def _report(frame: pd.DataFrame, wind: pd.DataFrame, fate: pd.DataFrame, work: Work) -> None:
    linked = fate[fate["state"].eq(str(State.ENRICHES))]
    mw = frame.loc[linked.index, "capacity_mw"].groupby(linked["detail"]).sum(min_count=1)
    both = pd.DataFrame({"projects": mw, "plant": wind["capacity_mw"], "name": wind["name"]}).dropna()
    far = both[(both["projects"] - both["plant"]).abs() > DIFFERS * both["plant"]]
    if len(far):
        work.findings.append(_differing(far))
    control = fate.loc[fate["state"].eq(str(State.CONTROL)), "detail"].str.findall(r"CAN-\w+").explode()
    alone = wind[~wind.index.isin([*linked["detail"], *control])]
    if len(alone):
        work.findings.append(_lonely(alone))


def _differing(far: pd.DataFrame) -> Finding:
    shown = tuple(
        Item("plant", name=p["name"], plant=p["plant"], projects=p["projects"])
        for p in far.to_dict("records")
    )
    gap = float((far["projects"] - far["plant"]).sum())
    return finding(
        "wind-capacity-differs",
        "info",
        where=WIND,
        ids=tuple(far.index),
        share=DIFFERS,
        gap=gap,
        shown=shown,
    )


def _lonely(alone: pd.DataFrame) -> Finding:
    return finding(
        "wind-plant-without-turbines",
        "info",
        where=WIND,
        ids=tuple(alone.index),
        mw=float(alone["capacity_mw"].sum()),
    )
