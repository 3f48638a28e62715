"""Both editions of the layer, from tables to plants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.facts import Facts
from naatlas.layers.power_plants import (
    canada,
    emissions,
    mexico,
    rules,
    trilateral,
    usa,
    usa_codes,
    usa_egrid,
)
from naatlas.layers.power_plants.capacity import Capacities
from naatlas.layers.power_plants.fields import ENERGY_SOURCES, RENEWABLE
from naatlas.ledger import State
from naatlas.model import Combined
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: What the sources of one plant may differ from its total by: the registers round to 0.1 MW.
ROUNDING_MW = 0.6


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Combine all registers of the edition into one row a plant, with the origin of every value."""
    facts, capacities = Facts(work.edition.sources), Capacities()
    union = trilateral.read(tables, spec, work)
    if work.edition.name == "2017":
        _edition_2017(tables, union, facts, capacities, spec, work)
    else:
        _edition_2023(tables, union, facts, capacities, spec, work)
    _complete(facts, capacities.table())
    frame, provenance = facts.winners(spec.key)
    frame = frame.join(emissions.status(frame))
    rules.check(frame, work)
    return _above_threshold(frame, provenance, capacities.table(), work)


def _edition_2017(
    tables: Mapping[str, Table],
    union: trilateral.Union,
    facts: Facts,
    capacities: Capacities,
    spec: LayerSpec,
    work: Work,
) -> None:
    """All three countries from the trilateral tables; emissions where a plant links."""
    base = union.base(COUNTRIES)
    codes = usa_codes.link(base[base["country"] == "USA"], tables, spec, work)
    plants = trilateral.add(union, COUNTRIES, facts, capacities, work, codes=codes["code"])
    by_label = plants.reset_index().set_index("label")["id"]
    usa_codes.add(codes, by_label, facts, tables, work)
    usa_egrid.add_plants(tables, facts, _by_code(plants), tuple(usa_egrid.FLOWS), spec, work)
    mexico.add(tables, plants[plants["country"] == "MEX"], facts, capacities, spec, work)


def _edition_2023(
    tables: Mapping[str, Table],
    union: trilateral.Union,
    facts: Facts,
    capacities: Capacities,
    spec: LayerSpec,
    work: Work,
) -> None:
    """United States from EIA and EPA; Canada and Mexico from the trilateral tables and their own registers."""
    american = usa.add(tables, facts, capacities, spec, work)
    usa_egrid.add_units(tables, facts, american.index, spec, work)
    usa_egrid.add_plants(tables, facts, _by_code(american), ("ch4", "n2o"), spec, work)
    others = trilateral.add(union, ("CAN", "MEX"), facts, capacities, work)
    canada.add(tables, others[others["country"] == "CAN"], facts, capacities, spec, work)
    mexico.add(tables, others[others["country"] == "MEX"], facts, capacities, spec, work)


def _by_code(plants: pd.DataFrame) -> pd.Series:
    """Atlas id by EIA plant code, for the plants whose id is one."""
    coded = plants.index[plants.index.str.fullmatch(r"USA-\d+")].to_series()
    return coded.set_axis(coded.str.removeprefix("USA-"))


def _complete(facts: Facts, capacities: pd.DataFrame) -> None:
    """Derive what follows from the capacities by source, with the origin of the plant's total capacity."""
    total = facts.origins("capacity_mw").set_index("entity")
    by_source = pd.DataFrame({s: facts.of(f"{s}_mw") for s in ENERGY_SOURCES}, index=total.index).astype(
        "float64"
    )
    whole = by_source.sum(axis=1).sub(total["value"].astype("float64")).abs().lt(ROUNDING_MW)
    for source in ENERGY_SOURCES:
        # A source that the plant has in another definition (net summer) is open here, not zero.
        elsewhere = set(capacities.loc[capacities["energy_source"] == source, "atlas_id"])
        none = total[whole & by_source[source].isna() & ~total.index.isin(elsewhere)]
        by_source.loc[none.index, source] = 0.0
        _derive(
            facts,
            f"{source}_mw",
            none,
            pd.Series(0.0, index=none.index),
            "the other sources make up the total",
        )
    renewable = by_source[list(RENEWABLE)].sum(axis=1, skipna=False)
    _derive(facts, "renewable_mw", total, renewable, "sum of the renewable sources, pumped storage with them")
    some = total[renewable.gt(0).fillna(value=False)]
    largest = by_source.loc[some.index, list(RENEWABLE)].idxmax(axis=1)
    _derive(facts, "primary_renewable", some, largest, "largest renewable source")


def _derive(facts: Facts, field: str, origin: pd.DataFrame, value: pd.Series, rule: str) -> None:
    for source, rows in origin.groupby("source"):
        facts.add(
            field, rows.index, value[rows.index], source=str(source), row=rows["row"],
            column=str(rows["national_field"].iloc[0]), national=rows["national_value"],
            rule=f"derived: {rule}", rank=10_000,
        )  # fmt: skip


def _above_threshold(
    frame: pd.DataFrame, provenance: pd.DataFrame, capacities: pd.DataFrame, work: Work
) -> Combined:
    limit = float(work.options["min_mw"])
    small = frame.loc[~frame["capacity_mw"].astype("float64").ge(limit), "atlas_id"]
    for source in work.ledger.sources:
        work.ledger.restate(source, small, State.OUT_OF_SCOPE, f"plant below {limit:g} MW")
    out = set(small)
    return Combined(
        frame[~frame["atlas_id"].isin(out)].reset_index(drop=True),
        provenance[~provenance["atlas_id"].isin(out)].reset_index(drop=True),
        {"capacities": capacities[~capacities["atlas_id"].isin(out)].reset_index(drop=True)},
    )
