"""What the lines of a facility add up to, with the rows behind each sum, and what they say of it in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.facts import row_list
from naatlas.layers._prtr.media import MEDIA, NOT_TOLD
from naatlas.layers._prtr.releases import on_site, quantity_of
from naatlas.layers._prtr.substances import is_pbt
from naatlas.layers._prtr.tri import CERTIFIED

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from naatlas.facts import Facts


def add(facts: Facts, lines: pd.DataFrame) -> None:
    """Add the sums of each facility with the rows that they are made of; toxics by medium, the rest in all media."""
    value = lines["kg"].fillna(lines["g"])
    cell = lines["amount"].map("{:.12g}".format) + " " + lines["national_unit"]
    told = lines.assign(quantity=quantity_of(lines), value=value, cell=cell).dropna(subset="quantity")
    by_medium = told["quantity"].isin([f"{medium}_kg" for medium in (*MEDIA, NOT_TOLD)])
    whole = np.where(on_site(told), "releases_kg", "transfers_kg")
    told = pd.concat([told, told[by_medium].assign(quantity=whole[by_medium])])
    pbts = told["quantity"].eq("releases_kg") & is_pbt(told["substance"])
    told = pd.concat([told, told[pbts].assign(quantity="pbts_kg")])
    across = told.groupby(["quantity", "atlas_id"])["source"].transform("nunique").gt(1)
    _add_across(facts, told[across])
    for (quantity, source), sums in _by_facility(told[~across]).groupby(["quantity", "source"]):
        facts.add(
            str(quantity), sums["atlas_id"], sums["value"], source=str(source), row=sums["row"],
            column=sums["column"], national=sums["national"], rule="sum over the rows, each by its own unit",
        )  # fmt: skip
    _add_basis(facts, told[told["quantity"].eq("dioxins_g")])


def _by_facility(told: pd.DataFrame) -> pd.DataFrame:
    """Sum what each file says of a quantity of a facility, with its rows, cells and columns.

    The sums are those of the exact numbers, rounded once: they do not depend on the order of the rows.
    """
    keys = ["quantity", "source", "atlas_id"]
    number = told.groupby(keys).ngroup().to_numpy()
    order, size = np.argsort(number, kind="stable"), np.bincount(number)
    ends = np.cumsum(size)

    def each(column: str, say: Callable[[NDArray[Any]], float | str]) -> list[float | str]:
        values = told[column].to_numpy(dtype=object)[order]
        return [say(values[a:b]) for a, b in zip(ends - size, ends, strict=True)]

    first: pd.DataFrame = told[keys].iloc[order[ends - size]]
    return first.assign(
        value=each("value", math.fsum),
        row=each("row", row_list),
        national=each("cell", " + ".join),
        column=each("national_column", lambda names: " + ".join(dict.fromkeys(names))),
    )


def _add_across(facts: Facts, told: pd.DataFrame) -> None:
    """Add the sums over several files of one register: the first is named as their source, the others in the cells."""
    cell = told["source"] + " row " + told["row"].astype("string") + ": " + told["cell"]
    for quantity, part in told.assign(cell=cell).groupby("quantity"):
        sums = part.groupby("atlas_id").agg(
            value=("value", "sum"), source=("source", "first"), national=("cell", " + ".join)
        )
        first = part[part["source"].eq(part["atlas_id"].map(sums["source"]))]
        sums["row"] = first.groupby("atlas_id")["row"].agg(row_list)
        for source, group in sums.groupby("source"):
            facts.add(
                str(quantity), group.index, group["value"], source=str(source), row=group["row"],
                column="(several files)", national=group["national"],
                rule="sum over the rows of several files, each by its own unit",
            )  # fmt: skip


def _add_basis(facts: Facts, dioxins: pd.DataFrame) -> None:
    for source, part in dioxins.drop_duplicates("atlas_id").groupby("source"):
        facts.add(
            "dioxins_basis", part["atlas_id"], part["basis"], source=str(source), row=part["row"],
            column="(file)", national=part["national_unit"], rule="mass and toxic equivalent are never added",
        )  # fmt: skip


def listed(lines: pd.DataFrame, column: str) -> pd.Series:
    """List the distinct values of a column by facility, joined by semicolons."""
    pairs = lines[["atlas_id", column]].drop_duplicates().sort_values(["atlas_id", column])
    return pairs.groupby("atlas_id")[column].agg("; ".join)


def groups(lines: pd.DataFrame) -> pd.Series:
    """List the groups of the substances by facility; PBTs are named too, beside the groups that they are of."""
    pbts = lines.loc[is_pbt(lines["substance"]), ["atlas_id"]].assign(group="pbts")
    return listed(pd.concat([lines[["atlas_id", "group"]], pbts]), "group")


def status(ids: pd.Series, lines: pd.DataFrame, country: pd.Series) -> pd.Series:
    """Absent is not zero: reported, zero, certified to be little, nothing reported, no file that could tell.

    A country without any line has no file.
    """
    amount = lines["kg"].fillna(lines["g"]).groupby(lines["atlas_id"]).max()
    most = ids.map(amount)
    told = pd.Series("not_reported", index=ids.index, dtype="string")
    certified = ids.isin(lines.loc[lines["method"].eq(CERTIFIED), "atlas_id"])
    told = told.mask(certified, CERTIFIED).mask(most.eq(0), "reported_zero").mask(most.gt(0), "reported")
    here = country[ids.isin(lines["atlas_id"])].unique()
    return told.mask(~country.isin(here), "no_file")


def flags(frame: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """List the flags of each facility: those of its own, and the suspicions that hold for some of its lines."""
    bare = pd.Series(pd.NA, index=frame.index, dtype="string")
    own = pd.DataFrame({"atlas_id": frame["atlas_id"], "flag": frame.get("flags", bare)})
    both = pd.concat([own, lines[["atlas_id", "flag"]]]).dropna(subset="flag")
    return frame["atlas_id"].map(listed(both, "flag"))
