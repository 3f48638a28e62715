"""Quality as numbers: what became of every source record, and how true positions are, with the name of each measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.ledger import State
from naatlas.metadata.phrasing import fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Text

_M_PER_MM = 1e-3


def account(record: Record) -> Iterator[tuple[Text, float]]:
    """Give the totals of the ledger: records read, what became of them, and the features made of them."""
    told, figures = record.words.texts, _figures(record, "combine")
    if figures.get("read"):  # a layer made from another layer reads no records of its own
        yield told["measure_read"], figures["read"]
    for state in (state for state in State if figures.get(str(state))):
        yield fill(told["measure_state"], state=told[f"state_{state}"]), figures[str(state)]
    yield told["measure_features"], record.features


def positions(record: Record) -> Iterator[tuple[Text, float]]:
    """Give how far generalization moved lines and polygons, in metres on the ground.

    Points are as published: no number of ours says how true they are, so that none is given.
    """
    moved = _figures(record, "generalize")
    if "displacement_max_mm" in moved:
        metres_per_mm = moved["scale_denominator"] * _M_PER_MM
        yield record.words.texts["measure_displacement"], moved["displacement_max_mm"] * metres_per_mm


def _figures(record: Record, name: str) -> Mapping[str, float]:
    return next((step.figures for step in record.steps if step.name == name), {})
