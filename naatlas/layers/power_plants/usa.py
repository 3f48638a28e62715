"""United States: EIA Energy Atlas by plant, EIA-860 schedules, EPA eGRID emissions by ORISPL (= EIA plant code)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.findings import finding
from naatlas.harmonize.translate import Pick, Translated, translate
from naatlas.layers._places import add_places
from naatlas.layers._points import add_points
from naatlas.layers.power_plants import usa_schedules
from naatlas.layers.power_plants.fields import CAPACITY_COLUMNS
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.facts import Facts
    from naatlas.layers.power_plants.capacity import Capacities
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

ATLAS, PLANT = "usa-eia-atlas-202311", "usa-eia860-plant-2023"

#: Points of one plant farther apart than this are not the corners of one site.
FAR_KM = 5.0

#: Energy source -> column of the Atlas, net summer MW: those of the trilateral tables, and no tidal plants.
NET_SUMMER = {source: column for source, column in CAPACITY_COLUMNS.items() if source != "tidal"}

_ATLAS_PICKS = (
    Pick(field="eia_plant_code", column="Plant_Code"),
    Pick(field="name", column="Plant_Name"),
    Pick(field="operator", column="Utility_Name", rule="EIA's utility is who operates and reports the plant"),
    Pick(field="city", column="City"),
    Pick(field="capacity_mw", column="Install_MW", unit="MW"),
    Pick(field="primary_source", column="PrimSource", crosswalk="energy_source/eia-atlas"),
    Pick(field="primary_source_national", column="PrimSource"),
    Pick(field="reference_period", column="Period"),
    Pick(field="source_agency", column="Source"),
    Pick(field="latitude", column="Latitude"),
    Pick(field="longitude", column="Longitude"),
)


def plant_id(code: pd.Series) -> pd.Series:
    """``USA-<EIA plant code>``; missing where the code is."""
    return ("USA-" + code.astype("string").str.strip()).where(code.notna())


def add(
    tables: Mapping[str, Table], facts: Facts, capacities: Capacities, spec: LayerSpec, work: Work
) -> pd.DataFrame:
    """Add the plants of the United States of the 2023 edition.

    Returns
    -------
    DataFrame
        Plants by atlas id: name, state, primary_source, capacity_mw (nameplate), longitude, latitude.
    """
    atlas = translate(tables[ATLAS], _ATLAS_PICKS, spec, work)
    ids = plant_id(atlas.frame["eia_plant_code"])
    ids = _refuse_doubles(ids, work)
    state = add_places(facts, tables[ATLAS], ids, country="USA", state_column="State", work=work)
    facts.add_translated(
        atlas, ids, fields=[p.field for p in _ATLAS_PICKS if p.field not in {"latitude", "longitude"}]
    )
    point = add_points(facts, atlas, ids, country="USA", state=state, work=work)
    ids = ids[ids.index.isin(point.index)]
    _say_definition(facts, atlas, ids)
    net = _net_summer(tables[ATLAS], spec, work)
    _add_net_summer(capacities, net, ids)
    plant = {name: plant_id(tables[name].frame["Plant Code"]) for name in usa_schedules.SCHEDULES}
    units = usa_schedules.read(tables, plant, ids, spec, work)
    _add_nameplate(facts, capacities, atlas, net, units, ids, work)
    _add_from_units(facts, units, net.loc[ids.index] > 0, ids, work)
    _enrich_from_plant_schedule(tables, facts, atlas, ids, spec, work)
    _account(atlas, ids, work)
    frame = atlas.frame.loc[ids.index, ["name", "primary_source", "capacity_mw"]]
    return frame.assign(state=state, **point).set_index(ids.to_numpy())


def _refuse_doubles(ids: pd.Series, work: Work) -> pd.Series:
    doubled = ids.duplicated() & ids.notna()
    work.ledger.settle(ATLAS, ids.index[ids.isna()], State.REJECTED, "no plant code")
    work.ledger.settle(
        ATLAS, ids.index[doubled], State.REJECTED, "plant code stands in an earlier row already"
    )
    return ids[ids.notna() & ~doubled]


def _say_definition(facts: Facts, atlas: Translated, ids: pd.Series) -> None:
    rows: dict[str, Any] = {"source": ATLAS, "row": ids.index, "column": "Install_MW"}
    national = atlas.table.frame.loc[ids.index, "Install_MW"]
    told = pd.Series("nameplate", index=ids.index).where(atlas.frame.loc[ids.index, "capacity_mw"].notna())
    facts.add(
        "capacity_definition",
        ids,
        told,
        national=national,
        rule="Install_MW is nameplate, Total_MW net summer",
        **rows,
    )


def _net_summer(table: Table, spec: LayerSpec, work: Work) -> pd.DataFrame:
    """Net summer MW by row and energy source; a blank cell of the Atlas means that the plant has none."""
    picks = [Pick(field=f"{source}_mw", column=column, unit="MW") for source, column in NET_SUMMER.items()]
    told = translate(table, picks, spec, work).frame.fillna(0.0)
    return told.rename(columns=lambda name: name.removesuffix("_mw"))


def _add_net_summer(capacities: Capacities, net: pd.DataFrame, ids: pd.Series) -> None:
    for source, column in NET_SUMMER.items():
        mw = net.loc[ids.index, source]
        capacities.add(ids, source, "net_summer", mw, source=ATLAS, row=ids.index, column=column)


def _add_from_units(
    facts: Facts, units: Mapping[str, pd.DataFrame], has: pd.DataFrame, ids: pd.Series, work: Work
) -> None:
    """Take age and status only where the schedules list all of a plant: a panel beside a gas plant tells neither."""
    plants = usa_schedules.covered(has, ids)
    usa_schedules.add_years(facts, units, plants)
    usa_schedules.add_status(facts, units, plants)
    usa_schedules.compare(units, has, ids, work)


def _add_nameplate(
    facts: Facts,
    capacities: Capacities,
    atlas: Translated,
    net: pd.DataFrame,
    units: Mapping[str, pd.DataFrame],
    ids: pd.Series,
    work: Work,
) -> None:
    """Give nameplate MW by energy source where it is known, nothing where it is not.

    One source: the plant's nameplate total. Several: wind, solar and storage from the EIA-860 schedules; what
    the plant does not have is zero; the rest stays open, because the Atlas gives it in net summer MW only.
    """
    has = net.loc[ids.index] > 0
    single, several = has.sum(axis=1).eq(1), has.sum(axis=1).gt(1)
    total = atlas.frame.loc[ids.index, "capacity_mw"]
    for source in NET_SUMMER:
        _add_only_source(facts, capacities, atlas, source, ids[single & has[source]])
        _add_no_capacity(facts, atlas, source, ids[(single | several) & ~has[source]])
    _add_no_tidal(facts, atlas, ids[(single | several) & ~has["hydroelectric"]])
    for name, sums in units.items():
        source = usa_schedules.SCHEDULES[name][0]
        mixed = sums[sums.index.isin(set(ids[several & has[source]]))]
        _add_units(facts, capacities, name, source, mixed)
    capacities.add(ids, "total", "nameplate", total, source=ATLAS, row=ids.index, column="Install_MW")
    _report_open(facts, ids[several], has[several], work)


def _add_only_source(
    facts: Facts, capacities: Capacities, atlas: Translated, source: str, rows: pd.Series
) -> None:
    """Give plants of one energy source their nameplate total for it."""
    mw = atlas.frame.loc[rows.index, "capacity_mw"]
    origin: dict[str, Any] = {"source": ATLAS, "row": rows.index, "column": "Install_MW"}
    national = atlas.table.frame.loc[rows.index, "Install_MW"]
    rule = "the plant has one energy source: its nameplate total"
    facts.add(f"{source}_mw", rows, mw, national=national, rule=rule, **origin)
    capacities.add(rows, source, "nameplate", mw, **origin)


def _add_no_capacity(facts: Facts, atlas: Translated, source: str, none: pd.Series) -> None:
    """Say zero of the energy sources that a plant does not have."""
    column = NET_SUMMER[source]
    national = atlas.table.frame.loc[none.index, column].fillna("")
    facts.add(
        f"{source}_mw", none, pd.Series(0.0, index=none.index), source=ATLAS, row=none.index, column=column,
        national=national, rule="blank: the plant has none",
    )  # fmt: skip


def _add_units(facts: Facts, capacities: Capacities, schedule: str, source: str, sums: pd.DataFrame) -> None:
    """Give plants of several sources the sum of the units that a schedule of EIA-860 lists."""
    origin: dict[str, Any] = {"source": schedule, "row": sums["rows"], "column": "Nameplate Capacity (MW)"}
    rule = "sum of the plant's operable units"
    facts.add(f"{source}_mw", sums.index, sums["mw"], national=sums["national"], rule=rule, **origin)
    capacities.add(sums.index, source, "nameplate", sums["mw"], **origin)


def _add_no_tidal(facts: Facts, atlas: Translated, dry: pd.Series) -> None:
    """Say zero where the Atlas gives no hydroelectric capacity: it has no other column for tidal power."""
    facts.add(
        "tidal_mw", dry, pd.Series(0.0, index=dry.index), source=ATLAS, row=dry.index, column="Hydro_MW",
        national=atlas.table.frame.loc[dry.index, "Hydro_MW"].fillna(""),
        rule="blank: the plant has no water power, and the Atlas no other column for tidal power",
    )  # fmt: skip


def _report_open(facts: Facts, ids: pd.Series, has: pd.DataFrame, work: Work) -> None:
    known = pd.DataFrame(
        {s: facts.of(f"{s}_mw").index.get_indexer_for(pd.Index(ids)) >= 0 for s in NET_SUMMER},
        index=ids.index,
    )
    still_open = ids[(has & ~known).any(axis=1)]
    work.findings.append(
        finding(
            "nameplate-by-source-open",
            "info",
            where="USA",
            count=len(still_open),
            ids=tuple(still_open),
            plants=len(ids),
            open=len(still_open),
        )
    )


def _enrich_from_plant_schedule(
    tables: Mapping[str, Table], facts: Facts, atlas: Translated, ids: pd.Series, spec: LayerSpec, work: Work
) -> None:
    """EIA-860 plant rows fill what the Atlas leaves empty and are held against its coordinates."""
    table = tables[PLANT]
    picks = (
        Pick(field="city", column="City"),
        Pick(field="operator", column="Utility Name"),
        Pick(field="latitude", column="Latitude"),
        Pick(field="longitude", column="Longitude"),
    )
    rows = translate(table, picks, spec, work)
    key = plant_id(table.frame["Plant Code"])
    known = key.isin(set(ids)) & ~key.duplicated()
    work.ledger.settle(PLANT, key.index[known], State.ENRICHES, key[known])
    rest = key.index[~known]
    work.ledger.settle(
        PLANT, rest, State.OUT_OF_SCOPE, "not in the EIA Energy Atlas: below 1 MW, proposed or retired"
    )
    facts.add_translated(rows, key[known], fields=["city", "operator"])
    _compare_points(atlas, rows, ids, key[known], work)


def _compare_points(atlas: Translated, rows: Translated, ids: pd.Series, key: pd.Series, work: Work) -> None:
    mine = atlas.frame.loc[ids.index, ["latitude", "longitude"]].set_index(ids.to_numpy())
    theirs = rows.frame.loc[key.index, ["latitude", "longitude"]].set_index(key.to_numpy())
    both = mine.join(theirs.add_suffix("_860"), how="inner").dropna()
    north = both["latitude"] - both["latitude_860"]
    east = (both["longitude"] - both["longitude_860"]) * np.cos(np.radians(both["latitude"]))
    far = both.index[np.hypot(north, east) * 111.2 > FAR_KM]  # km in a degree of latitude
    if len(far):
        work.findings.append(
            finding("registers-disagree-on-the-place", "warning", where="USA", ids=tuple(far), km=FAR_KM)
        )


def _account(atlas: Translated, ids: pd.Series, work: Work) -> None:
    work.ledger.measure(ATLAS, "capacity_mw", atlas.frame["capacity_mw"], "USA")
    work.ledger.settle(ATLAS, ids.index, State.PUBLISHED, ids)
