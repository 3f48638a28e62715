"""Work over pieces: in threads here or on a cluster of Dask workers, with the same answer.

A room that counts, adds up or writes cuts its work into pieces and hands it to a ``Runner``. Only descriptions travel,
such as a window of a grid or the path of a partition, and what comes back are counts and sums, in whatever order. So
the workers must see the files under the same paths, and have naatlas in the same version. Whatever a worker that dies
had not yet handed over is done again by another one, and what a run that died had finished is kept in a journal.
"""

from naatlas.cluster.connection import connect
from naatlas.cluster.job import session, shown
from naatlas.cluster.journal import kept
from naatlas.cluster.runner import Runner, here, workers

__all__ = ["Runner", "connect", "here", "kept", "session", "shown", "workers"]
