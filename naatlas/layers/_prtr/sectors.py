"""Sectors: beside the national code stand the NAICS of 2017, as far as it is sure, and one of 15 classes."""

from __future__ import annotations

import pandas as pd

from naatlas.harmonize import crosswalk

#: SCIAN numbers trade otherwise than NAICS does; no more than the section can be told.
_TRADE = {"43": "42", "46": "44"}
_LONGEST, _SHORTEST = 4, 2


def naics_2017(code: pd.Series, edition: str) -> pd.Series:
    """Translate national industry codes into NAICS 2017 with 2 to 4 digits.

    Parameters
    ----------
    code
        Six digits; the first five are common to the three countries, but for trade in Mexico.
    edition
        ``2002``, ``2007``, ``2012``, ``2017`` or ``2022``: that of the national code.

    Returns
    -------
    Series
        As many digits as all industries of 2017 share into which the national one went; missing without a code, and
        where they share none.
    """
    five = code.astype("string").str.strip().str.slice(0, 5)
    told = five.str.slice(0, _LONGEST).where(five.str.fullmatch(r"\d{5}").fillna(value=False))
    if edition != "2017":
        moved = crosswalk.load("naics_2017", f"naics-{edition}").codes
        told = five.map(moved).astype("string").fillna(told)
    trade = five.str.slice(0, 2).map(_TRADE).astype("string")
    return trade.fillna(told).mask(told.fillna("").eq(""))


def main(code: pd.Series, ids: pd.Series, weight: pd.Series) -> pd.DataFrame:
    """Find the row that tells the sector of each facility.

    A facility with several codes has that of its largest releases; where they release the same, that of its first row.

    Parameters
    ----------
    code
        National industry code by row; rows without one are passed over where another has one.
    ids
        Atlas id by row.
    weight
        Releases by row, in any one unit; missing is zero.

    Returns
    -------
    DataFrame
        By the first row of each facility: ``row``, the one whose code counts, and ``several``, its codes joined by
        `` + `` where there is more than one, else missing.
    """
    told = pd.DataFrame({"code": code.astype("string").str.strip(), "id": ids, "weight": weight}).dropna(
        subset="id"
    )
    told = told.assign(row=told.index, weight=told["weight"].fillna(0.0)).dropna(subset="code")
    sums = told.groupby(["id", "code"], sort=False).agg(weight=("weight", "sum"), row=("row", "first"))
    order = sums.reset_index().sort_values(["weight", "row"], ascending=[False, True], kind="stable")
    own = order.drop_duplicates("id").set_index("id")[["row"]]
    multiple = order[order.duplicated("id", keep=False)].sort_values("code")
    own["several"] = multiple.groupby("id")["code"].agg(" + ".join).astype("string")
    first = ids.dropna().drop_duplicates()
    found = own.reindex(first).set_axis(first.index)
    found["row"] = found["row"].fillna(first.index.to_series()).astype("int64")
    return found


def subsector(code: pd.Series) -> pd.Series:
    """First three digits of a national code, which stood for the same in all editions of NAICS."""
    told = code.astype("string").str.strip()
    return told.str.slice(0, 3).where(told.str.fullmatch(r"\d{5,6}").fillna(value=False))


def naics_edition(year: int) -> str:
    """Edition of NAICS and SCIAN that was in force in a year."""
    return next(e for e in ("2022", "2017", "2012", "2007", "2002") if year >= int(e) or e == "2002")


def classed(code: pd.Series, edition: str, where: str, unknown: list[str]) -> tuple[pd.Series, pd.Series]:
    """Give the class and the NAICS of 2017 of national codes; of a code that was split, the class by three digits."""
    naics = naics_2017(code, edition)
    return sector_of_naics(naics.fillna(subsector(code)), where, unknown), naics


def sector_of_naics(code: pd.Series, where: str, unknown: list[str]) -> pd.Series:
    """Class of a NAICS code by its longest listed beginning; missing without a code, unknown ones stop the build."""
    table = crosswalk.load("prtr_sectors", "naics")
    told = pd.Series(pd.NA, index=code.index, dtype="string")
    for length in range(_LONGEST, _SHORTEST - 1, -1):
        told = told.fillna(code.str.slice(0, length).map(table.codes).astype("string"))
    lost = code[code.notna() & told.isna()]
    unknown.extend(
        f"{where}: NAICS {term} in {count} row(s); add it to {table.file} under naics"
        for term, count in lost.value_counts().items()
    )
    return told
