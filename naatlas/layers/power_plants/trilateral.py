"""The trilateral tables of August 2017 (NACEI): all plants from 100 MW, renewable ones from 1 MW, one union."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.framework import places
from naatlas.harmonize import ids as atlas_ids
from naatlas.harmonize.translate import Pick, Translated, translate
from naatlas.layers._places import add_places
from naatlas.layers._points import add_points
from naatlas.layers.power_plants.union import same_plant
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.facts import Facts
    from naatlas.layers.power_plants.capacity import Capacities
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

GE100, RENEW = "nacei-ge100mw-201708", "nacei-renew-ge1mw-201708"

#: Energy source -> header of its capacity column.
HEADERS = {
    "coal": "Coal (MW)",
    "natural_gas": "Natural Gas (MW)",
    "petroleum": "Petroleum (MW)",
    "other": "Other Energy Source (MW)",
    "hydroelectric": "Hydroelectric (MW)",
    "pumped_storage": "Pumped-Storage Hydroelectric (MW)",
    "nuclear": "Nuclear (MW)",
    "solar": "Solar (MW)",
    "wind": "Wind (MW)",
    "geothermal": "Geothermal (MW)",
    "biomass": "Biomass (MW)",
    "tidal": "Tidal (MW)",
}

#: What the capacities mean: for the United States the totals equal EIA's nameplate (Install_MW) and not its net
#: summer capacity (Total_MW), as a test proves on the plants that both carry; Canada and Mexico do not say.
DEFINITION = {"USA": "nameplate", "CAN": "not_stated", "MEX": "not_stated"}

_TEXT_PICKS = (
    Pick(field="name", column="Facility Name"),
    Pick(field="owner", column="Owner Name (Company)"),
    Pick(field="operator", column="Operator Name"),
    Pick(field="city", column="City (Site Name)"),
    Pick(field="capacity_mw", column="Total Capacity (MW)", unit="MW"),
    Pick(field="renewable_mw", column="Total Renewable Capacity (MW)", unit="MW"),
    Pick(field="primary_source", column="Primary Energy Source", crosswalk="energy_source/nacei"),
    Pick(field="primary_source_national", column="Primary Energy Source"),
    Pick(
        field="primary_renewable", column="Primary Renewable Energy Source", crosswalk="energy_source/nacei"
    ),
    Pick(field="reference_period", column="Reference Period"),
    Pick(field="source_agency", column="Source Agency"),
    *(Pick(field=f"{source}_mw", column=header, unit="MW") for source, header in HEADERS.items()),
)
PICKS = (
    *_TEXT_PICKS,
    Pick(field="latitude", column="Latitude"),
    Pick(field="longitude", column="Longitude"),
)


@dataclass(slots=True)
class Union:
    """Both tables translated, and which of their rows are one plant.

    Attributes
    ----------
    same
        ``ge100_row``, ``renew_row``, ``score``, ``reason``: rows of both tables that are one plant.
    """

    tables: dict[str, Translated]
    country: dict[str, pd.Series]
    state: dict[str, pd.Series]
    same: pd.DataFrame

    def base(self, countries: Sequence[str]) -> pd.DataFrame:
        """One row a plant: the 100 MW table, then what the other has alone; columns of both, plus source and row."""
        parts = []
        for name in self.tables:
            rows = self.tables[name].frame.assign(
                source=name, country=self.country[name], state=self.state[name]
            )
            parts.append(rows.rename_axis("row").reset_index())
        told = pd.concat(parts, ignore_index=True)
        merged = told["source"].eq(RENEW) & told["row"].isin(self.same["renew_row"])
        return told[~merged & told["country"].isin(countries)].reset_index(drop=True)


def read(tables: Mapping[str, Table], spec: LayerSpec, work: Work) -> Union:
    """Translate both tables and find the plants that stand in both."""
    told = {name: translate(tables[name], PICKS, spec, work) for name in (GE100, RENEW) if name in tables}
    country, state = {}, {}
    for name, rows in told.items():
        text = rows.table.frame["Country"]
        country[name] = places.resolve_country(text)
        work.unknown.extend(places.unknown_places(f"{name}, column Country", text, country[name]))
        state[name] = places.resolve_state(rows.table.frame["State / Province / Territory"], country[name])
        work.ledger.measure(name, "capacity_mw", rows.frame["capacity_mw"], country[name])
    partial = tables[GE100].input.tier == "starter"
    same = same_plant(tables[GE100].frame, tables[RENEW].frame, partial=partial)
    return Union(told, country, state, same)


def add(
    union: Union,
    countries: Sequence[str],
    facts: Facts,
    capacities: Capacities,
    work: Work,
    codes: pd.Series | None = None,
) -> pd.DataFrame:
    """Add the plants of some countries; the rows of the others are control only.

    Parameters
    ----------
    codes
        EIA plant code by label of ``union.base(countries)``, where one was linked: it makes the id.

    Returns
    -------
    DataFrame
        Plants by atlas id: country, state, name, owner, operator, primary_source, capacity_mw, longitude, latitude,
        and ``label``, their label in ``union.base(countries)``.
    """
    base = union.base(countries)
    base["id"] = _ids(base, codes)
    entity = _entities(union, base)
    kept = {}
    for name, rows in union.tables.items():
        ids = entity[name].dropna()
        _control_others(name, union.country[name], countries, work)
        kept[name] = _add_rows(name, rows, ids, union, facts, work)
        _add_capacities(name, rows, kept[name], union, base, facts, capacities)
        _settle(name, kept[name], base, work)
    columns = [
        "country",
        "state",
        "name",
        "owner",
        "operator",
        "primary_source",
        "capacity_mw",
        "longitude",
        "latitude",
    ]
    alive = base["id"].isin(set().union(*(set(ids) for ids in kept.values())))
    return base.rename_axis("label").reset_index()[alive].set_index("id")[["label", *columns]]


def _ids(base: pd.DataFrame, codes: pd.Series | None) -> pd.Series:
    hashed = atlas_ids.stable_ids(
        base["country"], base["name"], base["state"], base["longitude"], base["latitude"]
    )
    return hashed if codes is None else ("USA-" + codes.reindex(base.index)).fillna(hashed)


def _entities(union: Union, base: pd.DataFrame) -> dict[str, pd.Series]:
    """Plant id by row of each table; rows that are one plant share the id of the 100 MW table."""
    own = {name: base[base["source"] == name].set_index("row")["id"] for name in union.tables}
    first = union.same.set_index("renew_row")["ge100_row"].map(own[GE100])
    return {GE100: own[GE100], RENEW: pd.concat([own[RENEW], first.dropna()]).sort_index()}


def _control_others(name: str, country: pd.Series, countries: Sequence[str], work: Work) -> None:
    others = country.index[~country.isin(countries)]
    work.ledger.settle(
        name, others, State.CONTROL, "this edition takes the country from newer national registers"
    )


def _add_rows(
    name: str, rows: Translated, ids: pd.Series, union: Union, facts: Facts, work: Work
) -> pd.Series:
    country, state = union.country[name], union.state[name]
    score = None
    if name == RENEW:
        score = union.same.set_index("renew_row")["score"].reindex(ids.index)
    add_places(
        facts, rows.table, ids, country=country, state_column="State / Province / Territory",
        country_column="Country", work=work,
    )  # fmt: skip
    point = add_points(facts, rows, ids, country=country, state=state, work=work)
    ids = ids[ids.index.isin(point.index)]
    facts.add_translated(rows, ids, fields=[p.field for p in _TEXT_PICKS], score=score)
    return ids


def _add_capacities(
    name: str,
    rows: Translated,
    ids: pd.Series,
    union: Union,
    base: pd.DataFrame,
    facts: Facts,
    capacities: Capacities,
) -> None:
    country = union.country[name][ids.index]
    definition = country.map(DEFINITION)
    facts.add(
        "capacity_definition", ids, definition, source=name, row=ids.index, column="Total Capacity (MW)",
        national=rows.table.frame.loc[ids.index, "Total Capacity (MW)"],
        rule=definition.map(
            {"nameplate": "equals EIA nameplate, not net summer", "not_stated": "not stated by the table"}
        ),
    )  # fmt: skip
    first = ids[ids.index.isin(base.loc[base["source"] == name, "row"])]
    for kind in definition.unique():
        part = first[definition[first.index] == kind]
        origin: dict[str, Any] = {"source": name, "row": part.index}
        capacities.add(
            part,
            "total",
            kind,
            rows.frame.loc[part.index, "capacity_mw"],
            column="Total Capacity (MW)",
            **origin,
        )
        for source, header in HEADERS.items():
            capacities.add(
                part, source, kind, rows.frame.loc[part.index, f"{source}_mw"], column=header, **origin
            )


def _settle(name: str, ids: pd.Series, base: pd.DataFrame, work: Work) -> None:
    first = ids.index.isin(base.loc[base["source"] == name, "row"])
    work.ledger.settle(name, ids.index[first], State.PUBLISHED, ids[first])
    work.ledger.settle(name, ids.index[~first], State.MERGED, ids[~first])
