"""The one date that stands in products: it comes from the inputs, never from the clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from naatlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from naatlas.model import LayerData

#: Dates in zip archives and DBF headers cannot be older.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)


def stamp(data: LayerData) -> datetime:
    """Return the date of a product (UTC): ``SOURCE_DATE_EPOCH``, or else the newest vintage of the inputs.

    A vintage of a year or a month counts as its first day.

    Raises
    ------
    UsageError
        ``SOURCE_DATE_EPOCH`` is not a number of seconds.
    """
    return newest(entry.source.vintage for entry in data.dated_inputs)


def newest(vintages: Iterable[str]) -> datetime:
    """Return the date of what is made from inputs of these vintages: see ``stamp``."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if epoch:
        return max(_from_epoch(epoch), EARLIEST)
    return max([EARLIEST, *map(_first_day, vintages)])


def _from_epoch(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"SOURCE_DATE_EPOCH={text!r} is not a number of seconds since 1970; unset it or correct it"
        ) from None


def _first_day(vintage: str) -> datetime:
    year, month, day = (*(int(part) for part in vintage.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC)
