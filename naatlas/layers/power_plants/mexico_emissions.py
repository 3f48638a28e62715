"""From RETC establishments to the emissions of plants, with every row accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from naatlas.findings import finding
from naatlas.layers._limits import LARGEST_CO2_T
from naatlas.layers.power_plants import emissions, mexico_links
from naatlas.layers.power_plants.fields import POLLUTANTS
from naatlas.layers.power_plants.mexico_retc import establishments, releases, year_of
from naatlas.ledger import State

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

AGENCY = "SEMARNAT RETC"

_PER_TONNE = {"hg": 1000.0}  # mercury is told in kilograms


def add(
    places: Table, amounts: Table, plants: pd.DataFrame, facts: Facts, spec: LayerSpec, work: Work
) -> None:
    """Link the establishments of a year to plants, add their releases to air, settle all rows of both files.

    Parameters
    ----------
    places, amounts
        The ``es`` and ``em`` tables of one year.
    plants
        Mexican plants by atlas id.
    """
    sites = establishments(places, spec, work)
    rows = releases(amounts, spec, work)
    _measure(amounts, rows, work)
    links = _links(places, sites, plants)
    rows = _follow(rows, sites, links)
    _add_numbers(places, sites, links, facts)
    _add_amounts(amounts, rows[rows["rule_out"].isna() & rows["id"].notna()], facts)
    _settle_sites(places.source.id, sites, links, work)
    _settle_rows(amounts.source.id, rows, work)
    _tell(places, amounts, sites, rows, work)


def _measure(amounts: Table, rows: pd.DataFrame, work: Work) -> None:
    for pollutant in rows["pollutant"].dropna().unique():
        values = rows["tonnes"].where(rows["pollutant"].eq(pollutant)) * _PER_TONNE.get(pollutant, 1.0)
        work.ledger.measure(amounts.source.id, POLLUTANTS[pollutant][0], values, "MEX")


def _links(table: Table, sites: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    """Link by row what generates; a registration number that stands twice in a year is nobody's."""
    sites = sites[sites["generates"] & ~sites["nra"].duplicated()]
    left = sites[["state", "longitude", "latitude"]].assign(
        key=sites["nra"],
        name=sites["plant"].fillna(sites["company"]),
        alt_names=sites["company"].where(~sites["company"].str.contains(r"\bCFE\b|COMISI.N FEDERAL")),
        owner=sites["company"],
        country="MEX",
    )
    return mexico_links.match(left, plants, table, mexico_links.ESTABLISHMENTS)


def _follow(rows: pd.DataFrame, sites: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Join the releases to the plants on NRA, and say which of them the layer leaves out."""
    by_nra = sites.drop_duplicates("nra").set_index("nra")
    linked = links.set_index(sites.loc[links.index, "nra"])
    told = rows.assign(known=rows["nra"].isin(by_nra.index), generates=rows["nra"].map(by_nra["generates"]))
    for column in ("id", "score", "reason"):
        told[column] = told["nra"].map(linked[column])
    out = pd.Series(pd.NA, index=rows.index, dtype="string")
    out = out.mask(told["silent"], "nothing reported to air")
    out = out.mask(told["pollutant"].isna(), "substance is not an emission of this layer")
    denied = told["known"] & ~told["generates"].astype("boolean").fillna(value=False)
    out = out.mask(denied, "industry code is not electricity")
    return told.assign(rule_out=out.mask(~told["power"], "sector other than electricity generation"))


def _add_numbers(table: Table, sites: pd.DataFrame, links: pd.DataFrame, facts: Facts) -> None:
    """Add the registration numbers; several establishments of one plant are told together."""
    told = links[links["id"].notna()].assign(nra=sites["nra"]).rename_axis("row").reset_index()
    told["row"] = told["row"].astype("string")
    one = told.groupby("id").agg(
        nra=("nra", "; ".join), row=("row", " + ".join), reason=("reason", "; ".join), score=("score", "min")
    )
    facts.add(
        "retc_nra", one.index.to_series(), one["nra"], source=table.source.id, row=one["row"], column="NRA",
        national=one["nra"], rule=one["reason"], score=one["score"],
    )  # fmt: skip


def _add_amounts(table: Table, rows: pd.DataFrame, facts: Facts) -> None:
    """Add the releases to air, summed where a plant has several rows of a pollutant."""
    column = table.frame.columns[table.frame.columns.str.upper() == "AIRE"][0]
    told = rows.assign(row=rows.index.astype("string"))
    keys = ["pollutant", "id"]
    sums = told.groupby(keys, sort=True).agg(
        tonnes=("tonnes", "sum"),
        row=("row", " + ".join),
        national=("national", " + ".join),
        rule=("rule", lambda rules: "; ".join(dict.fromkeys(rules))),
        score=("score", "min"),
    )
    for pollutant, group in sums.groupby(level=0):
        part = group.droplevel(0)
        emissions.add(
            facts,
            str(pollutant),
            entity=part.index.to_series(),
            value=part["tonnes"] * _PER_TONNE.get(str(pollutant), 1.0),
            year=year_of(table),
            method="reported",
            agency=AGENCY,
            source=table.source.id,
            row=part["row"],
            column=column,
            national=part["national"],
            rule=part["rule"],
            score=part["score"],
        )


def _settle_sites(source: str, sites: pd.DataFrame, links: pd.DataFrame, work: Work) -> None:
    others = sites.index[~sites["power"]]
    work.ledger.settle(source, others, State.OUT_OF_SCOPE, "sector other than electricity generation")
    denied = sites.index[sites["power"] & ~sites["generates"]]
    work.ledger.settle(source, denied, State.OUT_OF_SCOPE, "industry code is not electricity")
    twice = sites.index[sites["generates"]].difference(links.index)
    work.ledger.settle(source, twice, State.REJECTED, "registration number stands twice in the year")
    ids = links["id"].dropna()
    alone = ~ids.duplicated(keep=False)
    work.ledger.settle(source, ids.index[alone], State.ENRICHES, ids[alone])
    work.ledger.settle(source, ids.index[~alone], State.AGGREGATED, ids[~alone])
    lost = links.loc[links["id"].isna(), "reason"]
    work.ledger.settle(source, lost.index, State.REJECTED, lost)


def _settle_rows(source: str, rows: pd.DataFrame, work: Work) -> None:
    out = rows["rule_out"].dropna()
    work.ledger.settle(source, out.index, State.OUT_OF_SCOPE, out)
    rest = rows[rows["rule_out"].isna()]
    linked = rest[rest["id"].notna()]
    alone = ~linked.duplicated(["id", "pollutant"], keep=False)
    work.ledger.settle(source, linked.index[alone], State.ENRICHES, linked.loc[alone, "id"])
    work.ledger.settle(source, linked.index[~alone], State.AGGREGATED, linked.loc[~alone, "id"])
    lost = rest[rest["id"].isna()]
    why = (
        lost["reason"]
        .astype("string")
        .where(lost["known"], "registration number is not among the establishments of the year")
    )
    work.ledger.settle(source, lost.index, State.REJECTED, why)


def _tell(places: Table, amounts: Table, sites: pd.DataFrame, rows: pd.DataFrame, work: Work) -> None:
    names = sites.drop_duplicates("nra").set_index("nra")["name"]
    _tell_lost(amounts, rows, names, work)
    _tell_absurd(amounts, rows, names, work)
    _tell_codes(places, sites, work)


def _tell_lost(amounts: Table, rows: pd.DataFrame, names: pd.Series, work: Work) -> None:
    co2 = rows[rows["pollutant"].eq("co2") & rows["rule_out"].isna()]
    lost = co2[co2["id"].isna()].sort_values("tonnes", ascending=False, kind="stable")
    tonnes = lost["tonnes"].sum()
    pairs = zip(lost["nra"], lost["tonnes"], strict=True)
    work.findings.append(
        finding(
            "establishment-without-plant",
            "info",
            where=amounts.source.id,
            count=len(lost),
            ids=tuple(f"{names.get(nra, nra)}: {value:,.0f} t" for nra, value in pairs),
            lost=float(tonnes),
            kept=float(co2["tonnes"].sum() - tonnes),
        )
    )


def _tell_absurd(amounts: Table, rows: pd.DataFrame, names: pd.Series, work: Work) -> None:
    absurd = rows[rows["pollutant"].eq("co2") & (rows["tonnes"] > LARGEST_CO2_T)]
    for row, nra, tonnes in zip(absurd.index, absurd["nra"], absurd["tonnes"], strict=True):
        work.findings.append(
            finding(
                "emission-beyond-any-plant",
                "warning",
                where=amounts.source.id,
                ids=(f"row {row}",),
                name=str(names.get(nra, nra)),
                t=float(tonnes),
            )
        )


def _tell_codes(places: Table, sites: pd.DataFrame, work: Work) -> None:
    # Years without industry codes have none to contradict the sector.
    odd = sites[(sites["power"] & ~sites["generates"]) | (sites["coded"] & ~sites["power"])]
    if odd.empty:
        return
    work.findings.append(
        finding(
            "sector-against-industry-code",
            "info",
            where=places.source.id,
            ids=tuple(odd["name"].str.strip()),
        )
    )
