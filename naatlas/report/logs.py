"""Rejected records and corrected values as tables that a spreadsheet opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from naatlas.ledger import Ledger


def rejected_csv(ledger: Ledger) -> bytes:
    """Write the rejected rows: source, row, reason, and the original cells.

    Returns
    -------
    bytes
        CSV in UTF-8 with a byte order mark, without which Excel shows accents wrongly.
    """
    return _csv(ledger.rejected())


def corrections_csv(ledger: Ledger) -> bytes:
    """Write the values that were changed: source, row, field, old, new, reason, decided_by; encoded as above."""
    return _csv(ledger.corrections())


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")
