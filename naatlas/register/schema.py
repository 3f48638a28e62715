"""Columns of the register store: what a line of the long table says, and of which type."""

from __future__ import annotations

import pyarrow as pa

#: Columns that are folders of the store, not columns of its files.
PARTITIONS = ("country", "year")

#: The long table, one line a row of a national register and medium; all text is UTF-8, missing is null, not empty.
SCHEMA = pa.schema(
    [
        pa.field("atlas_id", pa.string(), nullable=False),  # facility; begins with its country, such as USA-
        pa.field("state", pa.string()),  # ISO 3166-2, of the facility in that year
        pa.field("sector", pa.string()),  # class of crosswalks/prtr_sectors.csv
        pa.field("substance", pa.string(), nullable=False),  # code of crosswalks/prtr_substances.csv
        pa.field("kind", pa.string()),  # toxic, criteria, greenhouse_gas
        pa.field("group", pa.string()),  # mercury, lead, pahs, ...
        pa.field("medium", pa.string(), nullable=False),  # air, water, ..., transfer_recycling, ..., none
        pa.field("on_site", pa.bool_()),  # a release on the site, not a transfer
        pa.field("kg", pa.float64()),  # missing where nothing was reported, 0 where zero was
        pa.field("g", pa.float64()),  # dioxins and furans, instead of kg
        pa.field("basis", pa.string()),  # of g: mass, or teq, toxic equivalent; the two are never added
        pa.field("method", pa.string()),  # how the line was told: reported, certified_below_threshold
        pa.field("flag", pa.string()),  # suspect, and why; the quantity stays as reported
        pa.field("source", pa.string()),  # id of the national file
        pa.field("row", pa.int64()),  # row of that file
        pa.field("national_column", pa.string()),
        pa.field("amount", pa.float64()),  # as published, in national_unit
        pa.field("national_unit", pa.string()),
        pa.field("country", pa.string(), nullable=False),  # ISO 3166-1 alpha-3
        pa.field("year", pa.int16(), nullable=False),
    ]
)

#: Columns of a line that add up.
AMOUNTS = ("kg", "g")

#: What sums tell: grams of toxic equivalent are no mass, and stand apart from grams.
QUANTITIES = (*AMOUNTS, "g_teq")

#: Basis of grams that are toxic equivalent.
TEQ = "teq"

#: Columns that a table may lack: a store of one country without sectors is a store all the same.
OPTIONAL = tuple(field.name for field in SCHEMA if field.nullable and field.name not in AMOUNTS)

#: What is in the files of a partition.
FILE_SCHEMA = pa.schema([field for field in SCHEMA if field.name not in PARTITIONS])
