"""Country and state of plants, with their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.framework import places

if TYPE_CHECKING:
    from naatlas.facts import Facts
    from naatlas.model import Table, Work


def add_places(
    facts: Facts,
    table: Table,
    entity: pd.Series,
    *,
    country: str | pd.Series,
    state_column: str,
    work: Work,
    country_column: str | None = None,
) -> pd.Series:
    """Add country and state facts for the rows of ``entity``; unknown spellings stop the build.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-3, one for the file or by row.
    country_column
        National column that says the country; None where the file as a whole is of one country.

    Returns
    -------
    Series
        ISO 3166-2 code by row of the table, missing where the register gives none.
    """
    text = table.frame[state_column]
    code = places.resolve_state(text, country)
    work.unknown.extend(places.unknown_places(f"{table.source.id}, column {state_column}", text, code))
    rows = entity.dropna().index
    by_row = country if isinstance(country, pd.Series) else pd.Series(country, index=table.frame.index)
    column = country_column or "(file)"
    told = (
        table.frame.loc[rows, country_column]
        if country_column
        else pd.Series(table.source.publisher, index=rows)
    )
    origin: dict[str, Any] = {"source": table.source.id, "row": rows}
    facts.add(
        "country", entity[rows], by_row[rows], column=column, national=told, rule="country table", **origin
    )
    facts.add(
        "state",
        entity[rows],
        code[rows],
        column=state_column,
        national=text[rows],
        rule="place table",
        **origin,
    )
    return code
