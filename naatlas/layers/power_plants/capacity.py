"""Capacities in all their definitions, in one long table: plant, source, definition, MW, origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = ("atlas_id", "energy_source", "definition", "capacity_mw", "source", "row", "national_field")


class Capacities:
    """Collects capacities; ``total`` stands as energy source for the plant as a whole."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []

    def add(
        self,
        entity: pd.Series | pd.Index | Sequence[object],
        energy_source: str | pd.Series | Sequence[str],
        definition: str,
        mw: pd.Series | Sequence[float],
        *,
        source: str,
        row: pd.Series | pd.Index | Sequence[object],
        column: str,
    ) -> None:
        """Add capacities of one definition from one source; missing ones and zeros say nothing here.

        Parameters
        ----------
        definition
            ``nameplate``, ``net_summer``, ``authorised`` or ``not_stated``.
        mw
            Megawatts, aligned by position with ``entity`` and ``row``.
        """
        part = pd.DataFrame(
            {
                "atlas_id": np.asarray(entity, dtype=object),
                "energy_source": energy_source
                if isinstance(energy_source, str)
                else np.asarray(energy_source),
                "definition": definition,
                "capacity_mw": np.asarray(mw, dtype="float64"),
                "source": source,
                "row": np.asarray(pd.Series(row).astype("string"), dtype=object),
                "national_field": column,
            }
        )
        self._parts.append(part[part["capacity_mw"].gt(0) & part["atlas_id"].notna()])

    def table(self) -> pd.DataFrame:
        """All capacities, sorted by plant, energy source, definition and origin."""
        told = pd.concat(self._parts, ignore_index=True) if self._parts else pd.DataFrame(columns=COLUMNS)
        return told.sort_values(list(COLUMNS), kind="stable").reset_index(drop=True)
