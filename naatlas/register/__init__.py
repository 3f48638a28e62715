"""Pollutant registers larger than memory: a partitioned Parquet store, and sums over it by column and place.

``write`` takes a stream of tables, ``scan`` reads a country and year at a time, ``aggregate`` adds up by any column.
"""

from naatlas.register.points import COLUMNS as POINTS
from naatlas.register.points import points_of, read_points, write_points
from naatlas.register.reading import Partition, partitions, read_partition, scan
from naatlas.register.schema import FILE_SCHEMA, OPTIONAL, PARTITIONS, SCHEMA
from naatlas.register.store import as_table, write
from naatlas.register.sums import aggregate
from naatlas.register.zones import Loadings, loadings, locate

__all__ = [
    "FILE_SCHEMA",
    "OPTIONAL",
    "PARTITIONS",
    "POINTS",
    "SCHEMA",
    "Loadings",
    "Partition",
    "aggregate",
    "as_table",
    "loadings",
    "locate",
    "partitions",
    "points_of",
    "read_partition",
    "read_points",
    "scan",
    "write",
    "write_points",
]
