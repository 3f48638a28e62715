"""Which facility of a pollutant register is which power plant: by the register's number, else by name and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.harmonize.linkage import AMBIGUOUS, LINKED, LinkRules, link
from naatlas.ledger import State
from naatlas.model import Combined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.model import LayerData, Work
    from naatlas.spec import LayerSpec

#: Sector of the registers under which plants report.
ELECTRICITY = "electricity"

#: Registers say neither capacity nor source: name and place must carry the link.
RULES = LinkRules(threshold=75.0)

_BURNS = ("coal_mw", "petroleum_mw")
_NO_COAL = "burns neither coal nor oil, as far as its capacity is known by source"
_ELSEWHERE = "reports in another sector than electricity"
_OTHER_PLANT = "is a power plant that burns neither coal nor oil, or none of the layer of power plants"


def combined(
    spec: LayerSpec, facilities: LayerData, plants: LayerData, work: Work, quantities: Sequence[str]
) -> Combined:
    """Make one row a plant that burns coal or oil, with its facility's quantities and the score of the link."""
    thermal = plants.frame[plants.frame[list(_BURNS)].fillna(0).gt(0).any(axis=1)].set_index(
        "atlas_id", drop=False
    )
    links = linked(facilities.frame, plants.frame)
    own = links[links["plant"].isin(thermal.index)].set_index("plant")
    frame = _frame(spec, thermal, facilities, own, quantities)
    _settle(facilities, plants, frame, work, quantities)
    _tell(frame, work)
    origin = _origin(facilities, plants, frame, quantities)
    return Combined(
        frame.reset_index(drop=True), origin, {"links": _told(links, facilities.frame, plants.frame)}
    )


def linked(facilities: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    """Link the power plants among the facilities of the registers to the plants of the atlas.

    They are compared with plants of every source: a gas plant's facility then finds its own plant, and not the oil
    plant beside it.

    Returns
    -------
    DataFrame
        ``facility`` and ``plant`` (atlas ids), ``score`` (0 to 100; 100 where both carry one registration number),
        ``reason``, ``decision`` (linked or ambiguous); a facility and a plant are linked at most once.
    """
    power = facilities[facilities["sector"].eq(ELECTRICITY)]
    sure = _by_number(power, plants)
    rest = power[~power["atlas_id"].isin(sure["facility"])].set_index("atlas_id")
    others = plants[~plants["atlas_id"].isin(sure["plant"])].set_index("atlas_id")
    found = link(_side(rest), _side(others, owner="owner", capacity_mw="capacity_mw"), rules=RULES).pairs
    found = found[found["decision"].isin([LINKED, AMBIGUOUS])]
    named = found.rename(columns={"left": "facility", "right": "plant"})
    return pd.concat([sure, named], ignore_index=True)


def _by_number(power: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    """Pairs that carry one number of Mexico's register, where it stands for one plant."""
    ours = power.dropna(subset="retc_nra").drop_duplicates("retc_nra", keep=False)
    theirs = plants.dropna(subset="retc_nra").drop_duplicates("retc_nra", keep=False)
    both = ours[["retc_nra", "atlas_id"]].merge(theirs[["retc_nra", "atlas_id"]], on="retc_nra")
    told = both.rename(columns={"atlas_id_x": "facility", "atlas_id_y": "plant"})[["facility", "plant"]]
    return told.assign(score=100.0, reason="one registration number (NRA)", decision=LINKED)


def _side(frame: pd.DataFrame, **more: str) -> pd.DataFrame:
    told = frame[["country", "state", "name", "longitude", "latitude", *more.values()]]
    return told.assign(energy_source=frame["primary_source"]) if more else told


def _frame(
    spec: LayerSpec,
    thermal: pd.DataFrame,
    facilities: LayerData,
    links: pd.DataFrame,
    quantities: Sequence[str],
) -> pd.DataFrame:
    known = facilities.frame.set_index("atlas_id")
    sure = links[links["decision"].eq(LINKED)]
    facility = pd.Series(thermal.index, index=thermal.index).map(sure["facility"])
    told = thermal.assign(
        facility_id=facility,
        facility_name=facility.map(known["name"]),
        link_score=pd.Series(thermal.index, index=thermal.index).map(sure["score"]),
        link_status=_status(thermal, links, set(known["state"])),
        releases_status=facility.map(known["releases_status"]),
        mercury_kg=facility.map(_mercury(facilities)),
        **{name: facility.map(known[name]) for name in quantities},
    )
    return told[[f.name for f in spec.fields]]


def _status(thermal: pd.DataFrame, links: pd.DataFrame, states: set[str]) -> pd.Series:
    """Say of each plant whether its facility is known, doubtful, not found, or in no file that is here."""
    told = pd.Series("not_found", index=thermal.index, dtype="string")
    told = told.mask(~thermal["state"].isin(states), "no_file")
    told = told.mask(told.index.isin(links.index[links["decision"].eq(AMBIGUOUS)]), "ambiguous")
    return told.mask(told.index.isin(links.index[links["decision"].eq(LINKED)]), "linked")


def _mercury(facilities: LayerData) -> pd.Series:
    """Mercury and its compounds released on site, by facility."""
    lines = facilities.tables["releases"]
    own = lines[lines["group"].eq("mercury") & lines["on_site"]]
    told: pd.Series = own.groupby("atlas_id")["kg"].sum(min_count=1)
    return told


def _settle(
    facilities: LayerData,
    plants: LayerData,
    frame: pd.DataFrame,
    work: Work,
    quantities: Sequence[str],
) -> None:
    """Put all plants and all facilities on the books."""
    ours, theirs = plants.frame, facilities.frame
    source, register = plants.spec.slug, facilities.spec.slug
    work.ledger.open_rows(source, ours)
    work.ledger.open_rows(register, theirs)
    for name in quantities:
        work.ledger.measure(register, name, theirs[name], theirs["country"])
    taken = ours["atlas_id"].isin(frame["atlas_id"])
    work.ledger.settle(source, ours.index[taken], State.PUBLISHED, ours.loc[taken, "atlas_id"])
    work.ledger.settle(source, ours.index[~taken], State.OUT_OF_SCOPE, _NO_COAL)
    plant = theirs["atlas_id"].map(frame.dropna(subset="facility_id").set_index("facility_id")["atlas_id"])
    work.ledger.settle(register, plant.dropna().index, State.AGGREGATED, plant.dropna())
    power = theirs["sector"].eq(ELECTRICITY)
    work.ledger.settle(register, theirs.index[plant.isna() & power], State.OUT_OF_SCOPE, _OTHER_PLANT)
    work.ledger.settle(register, theirs.index[plant.isna() & ~power], State.OUT_OF_SCOPE, _ELSEWHERE)


def _origin(
    facilities: LayerData, plants: LayerData, frame: pd.DataFrame, quantities: Sequence[str]
) -> pd.DataFrame:
    """Take over where each value comes from, of the plant and of its facility."""
    own = plants.provenance
    own = own[own["atlas_id"].isin(frame["atlas_id"]) & own["field"].isin(frame.columns)]
    plant = frame.dropna(subset="facility_id").set_index("facility_id")["atlas_id"]
    told = facilities.provenance
    told = told[told["atlas_id"].isin(plant.index) & told["field"].isin(["releases_status", *quantities])]
    told = told.assign(
        score=told["atlas_id"].map(frame.set_index("facility_id")["link_score"].dropna()),
        atlas_id=told["atlas_id"].map(plant),
    )
    return pd.concat([own, told], ignore_index=True)


def _told(links: pd.DataFrame, facilities: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    """All pairs, for the reader who wants to judge them: ids, both names, score, reason and decision."""
    name = {side: frame.set_index("atlas_id")["name"] for side, frame in (("f", facilities), ("p", plants))}
    told = links.rename(columns={"facility": "facility_id", "plant": "atlas_id"})
    told = told.assign(
        facility_name=told["facility_id"].map(name["f"]), plant_name=told["atlas_id"].map(name["p"])
    )
    columns = ["facility_id", "facility_name", "atlas_id", "plant_name", "score", "decision", "reason"]
    return told[columns].sort_values(["facility_id", "atlas_id"], ignore_index=True)


def _tell(frame: pd.DataFrame, work: Work) -> None:
    """List the plants whose country's register is here and that have no facility in it, or several that fit."""
    for status, rule in (
        ("not_found", "plant-in-no-register"),
        ("ambiguous", "plant-with-several-facilities"),
    ):
        ids = tuple(frame.loc[frame["link_status"].eq(status), "atlas_id"].sort_values())
        if ids:
            work.findings.append(finding(rule, "info", ids=ids, count=len(ids), n=len(ids)))
