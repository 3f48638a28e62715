"""Pollutant registers larger than memory: a partitioned Parquet store, and sums over it.

``write`` takes a stream of tables, ``scan`` reads a country and year at a time, ``aggregate`` adds up by any column.
"""

from naatlas.register.schema import FILE_SCHEMA, KEYS, OPTIONAL, PARTITIONS, SCHEMA
from naatlas.register.store import Partition, as_table, partitions, read_partition, scan, write
from naatlas.register.sums import aggregate
from naatlas.register.zones import Loadings, loadings, locate

__all__ = [
    "FILE_SCHEMA",
    "KEYS",
    "OPTIONAL",
    "PARTITIONS",
    "SCHEMA",
    "Loadings",
    "Partition",
    "aggregate",
    "as_table",
    "loadings",
    "locate",
    "partitions",
    "read_partition",
    "scan",
    "write",
]
