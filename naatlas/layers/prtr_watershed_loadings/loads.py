"""From the lines of the registers to the quantities of a watershed, and back to the lines that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.facts import row_list
from naatlas.layers._prtr.media import NOT_TOLD, ON_SITE
from naatlas.layers._prtr.substances import is_pbt
from naatlas.layers.prtr_watershed_loadings.fields import DIOXINS, GROUPS, PBTS, SUMS

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Rows of a file that the origin of one value names; more are told by their number.
_MOST_ROWS = 12

#: Columns of the table of contributions after the watershed.
CONTRIBUTION = (
    "field", "facility", "facility_name", "substance", "medium", "value", "source", "row", "national_field",
    "national_value", "rule",
)  # fmt: skip
_RULE = "each by the unit of its row"


def reported(lines: pd.DataFrame) -> pd.DataFrame:
    """Keep the lines of toxic substances that tell a quantity, zero or not; transfers tell that nothing stayed on site.

    Returns
    -------
    DataFrame
        The same columns and ``value``, kg or g.
    """
    told = lines[lines["kind"].eq("toxic")].assign(value=lines["kg"].fillna(lines["g"]))
    return told.dropna(subset="value").reset_index(drop=True)


def strange(lines: pd.DataFrame) -> list[str]:
    """Name groups and bases of dioxins that no column of the layer is for."""
    kilograms = lines["kg"].notna()
    groups = set(lines.loc[kilograms, "group"]) - set(GROUPS)
    bases = set(lines.loc[~kilograms, "basis"].fillna("(none)")) - set(DIOXINS)
    where = "naatlas/layers/prtr_watershed_loadings/fields.py"
    return [
        *(f"substance group {group!r}; add a column for it to GROUPS in {where}" for group in sorted(groups)),
        *(
            f"basis of dioxins {basis!r}; add a column for it to DIOXINS in {where}"
            for basis in sorted(bases)
        ),
    ]


def wide(lines: pd.DataFrame) -> pd.DataFrame:
    """Return what each line adds to each of ``SUMS``.

    A line speaks of its own group, and of all media: a register asks for all of them at once, so that a medium
    without a quantity is a zero of that line, but where it tells one sum of them. Of other groups it says nothing:
    there it is missing.
    """
    value, medium = lines["value"], lines["medium"]
    here = value.where(medium.isin([*ON_SITE, NOT_TOLD]), 0.0)
    kilograms = lines["kg"].notna()
    told = {"releases_kg": here.where(kilograms)}
    divided = kilograms & medium.ne(NOT_TOLD)
    told |= {f"{m}_kg": value.where(medium.eq(m), 0.0).where(divided) for m in ON_SITE}
    own_of = {stem: lines["group"].eq(group) for group, (stem, _) in GROUPS.items()}
    for stem, its in (own_of | {PBTS[0]: is_pbt(lines["substance"])}).items():
        own = kilograms & its
        told[f"{stem}_kg"] = here.where(own)
        told[f"{stem}_water_kg"] = told["water_kg"].where(own)
    for basis, field in DIOXINS.items():
        told[field] = here.where(~kilograms & lines["basis"].eq(basis).fillna(value=False))
    return pd.DataFrame(told, index=lines.index)[list(SUMS)].astype("float64")


def by_watershed(lines: pd.DataFrame, amounts: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """Sum what lines add over the watersheds of all levels.

    Parameters
    ----------
    lines
        With the id of the watershed in the columns ``levels``.
    amounts
        Aligned with them: ``wide``.

    Returns
    -------
    DataFrame
        By watershed of any level; missing where no line says anything.
    """
    parts = [amounts.groupby(lines[level].to_numpy(dtype=object)).sum(min_count=1) for level in levels]
    return pd.concat(parts)


def contributions(lines: pd.DataFrame, amounts: pd.DataFrame, last: str) -> pd.DataFrame:
    """List every line that adds something to a value of a watershed of the last level.

    Returns
    -------
    DataFrame
        ``atlas_id`` of the watershed, then ``CONTRIBUTION``; the largest first within watershed and field.
    """
    long = _long(amounts)
    long = long[long["value"].gt(0)]
    own = lines.loc[long["line"]].reset_index(drop=True)
    cell = own["amount"].map("{:.12g}".format) + " " + own["national_unit"].astype("str")
    told = pd.DataFrame(
        {
            "atlas_id": own[last],
            "field": long["field"].to_numpy(),
            "facility": own["atlas_id"],
            "facility_name": own["name"],
            "substance": own["substance"],
            "medium": own["medium"],
            "value": long["value"].to_numpy(),
            "source": own["source"],
            "row": own["row"],
            "national_field": own["national_column"],
            "national_value": cell,
            "rule": _RULE,
        }
    )
    told = told.dropna(subset="atlas_id")
    keys = ["atlas_id", "field", "value", "facility", "source", "row"]
    return told.sort_values(keys, ascending=[True, True, False, True, True, True], ignore_index=True)


def origins(lines: pd.DataFrame, amounts: pd.DataFrame, levels: Sequence[str], key: str) -> pd.DataFrame:
    """Tell of every sum what it is made of: the file that gives most of it, its rows, and of how many values.

    Returns
    -------
    DataFrame
        Provenance: ``key``, field, source, row, national_field, national_value, rule, score.
    """
    told = ["atlas_id", "source", "row", "national_column"]
    long = _long(amounts)
    own = long.join(lines[[*told, *levels]].rename(columns={"atlas_id": "facility"}), on="line")
    parts = [_origins(own.assign(watershed=own[level]), key) for level in levels]
    return pd.concat(parts, ignore_index=True)


def _long(amounts: pd.DataFrame) -> pd.DataFrame:
    """Return ``line``, ``field`` and ``value`` of all that is not missing."""
    told = amounts.rename_axis("line").reset_index().melt("line", var_name="field", value_name="value")
    return told.dropna(subset="value").reset_index(drop=True)


def _origins(long: pd.DataFrame, key: str) -> pd.DataFrame:
    """Make the provenance of the watersheds of one level; of lines that say zero only where all of them do."""
    keys = ["watershed", "field"]
    long = long.dropna(subset="watershed")
    some = long.groupby(keys)["value"].transform("max").gt(0)
    long = long[long["value"].gt(0) | ~some]
    by_file = long.groupby([*keys, "source"])["value"].sum().reset_index().sort_values("value", kind="stable")
    most = by_file.drop_duplicates(keys, keep="last").drop(columns="value")
    whole = long.groupby(keys).agg(values=("line", "nunique"), facilities=("facility", "nunique"))
    first = long.merge(most, on=[*keys, "source"]).groupby([*keys, "source"])
    rows = first.agg(row=("row", _rows), national_field=("national_column", _listed)).reset_index()
    rows = rows.join(whole, on=keys)
    counts = _counted(rows["values"], "value") + " of " + _counted(rows["facilities"], "facility")
    return pd.DataFrame(
        {
            key: rows["watershed"].astype("str"),
            "field": rows["field"],
            "source": rows["source"],
            "row": rows["row"],
            "national_field": rows["national_field"],
            "national_value": counts,
            "rule": "sum over the facilities in it; contributions lists each value",
            "score": np.nan,
        }
    )


def _counted(number: pd.Series, noun: str) -> pd.Series:
    several = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    told: pd.Series = number.astype("str") + " " + number.eq(1).map({True: noun, False: several})
    return told


def _rows(rows: pd.Series) -> str:
    distinct = rows.drop_duplicates().sort_values()
    more = len(distinct) - _MOST_ROWS
    told = row_list(distinct.iloc[:_MOST_ROWS])
    return told if more <= 0 else f"{told} and {more} more"


def _listed(names: pd.Series) -> str:
    return " + ".join(name for name in dict.fromkeys(" + ".join(sorted(set(names))).split(" + ")) if name)
