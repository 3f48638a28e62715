"""A table beside the features of a layer, whose rows belong to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A further table with a row or more a feature, joined by the key of the layer.

    In the GeoPackage it is related to the features as the OGC's related tables extension has it, so that a program
    that opens a feature finds its rows.

    Attributes
    ----------
    table
        Name among the tables of the layer.
    parts
        Columns, of the table or of the features, that a Parquet file of its own is divided by: sorted by them, with a
        row group for each combination, so that a reader of one country and year reads no more than that. Empty for a
        table without such a file.
    carries
        Columns of the features that the Parquet file repeats, so that it can be added up alone.
    """

    table: str
    parts: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
