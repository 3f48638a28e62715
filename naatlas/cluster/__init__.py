"""Work on a cluster of Dask workers instead of here, with the same answer.

Only descriptions of the work travel, such as the path of a partition and the columns that are asked for, and what
comes back are sums. So the workers must see the files under the same paths, and have naatlas in the same version.
Whatever a worker that dies had not yet handed over is done again by another one.
"""

from naatlas.cluster.connection import connect

__all__ = ["connect"]
