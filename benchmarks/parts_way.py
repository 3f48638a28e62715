"""Writing a raster as parts, here, on a cluster of two processes, or from object storage, as a process of its own.

What it took stands on its last line as JSON: python -m benchmarks.parts_way WAY FOLDER [CELL]. WAY is ``direct`` (each
window put into one rough file, as before there were parts), ``here``, ``cluster``, and with ``-s3`` behind it reads the
source from a storage on this machine, which is a process of its own too.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rasterio
import rasterio.shutil
from affine import Affine

from benchmarks.cluster_way import YEARS, used
from benchmarks.register_way import peak_mb
from naatlas import regrid
from naatlas.cluster import connect, here
from naatlas.framework import GRID_250M
from naatlas.raster import cog
from naatlas.raster.address import Address
from naatlas.raster.align import align, method_of
from naatlas.raster.files import File

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from naatlas.cluster import Runner
    from naatlas.raster.address import Place

PORT, KEY = (
    5997,
    {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"},
)


def source(folder: Path) -> Path:
    """Return the later of the made-up years as if it were a COG in degrees around the continent."""
    path = folder / "globe.tif"
    if not path.is_file():
        with rasterio.open(folder / YEARS[1]) as file:
            rows, cols = file.shape
            place = Affine(120 / cols, 0, -170, 0, -70 / rows, 84)
            profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "crs": "EPSG:4326", "nodata": 255}
            with rasterio.open(
                folder / "rough.tif", "w", width=cols, height=rows, transform=place, **profile
            ) as out:
                out.write(file.read(1).view("uint8"), 1)
        rasterio.shutil.copy(folder / "rough.tif", path, driver="COG", COMPRESS="DEFLATE")
        (folder / "rough.tif").unlink()
    return path


class Timed:
    """The runner that notes what the parts took, apart from putting them together."""

    def __init__(self, run: Runner) -> None:
        self._run, self.cost = run, {}

    def __call__(self, work: Any, pieces: Collection[Any], common: Any) -> Iterator[Any]:  # noqa: ANN401
        start, begun = used(), time.perf_counter()
        yield from self._run(work, pieces, common)
        self.cost = {
            "parts": len(pieces),
            "parts_clock": time.perf_counter() - begun,
            "parts_cpu": used() - start,
        }


def direct(place: Place, out: Path, cell_m: float) -> None:
    """Write the windows into one rough file, and that one as COG."""
    grid = GRID_250M.coarser(cell_m)
    with File(place) as file, cog.writing(out, grid, dtype="uint8", nodata=255, classes=True) as canvas:
        for block, cells in align(file, grid, method=method_of("class", file, grid)):
            canvas.put(block, cells)


@contextmanager
def storage(path: Path) -> Iterator[Path]:
    """Put a file into a storage on this machine; yields the log of what is asked of it.

    Its own seconds of the processor are counted with the others: it is a slow one, for tests.
    """
    import boto3

    os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{PORT}", **KEY}
    log = path.with_name("storage.log")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(PORT)]
    with log.open("wb") as stream, subprocess.Popen(command, stderr=stream, stdout=stream) as server:
        try:
            _answers(PORT)
            client = boto3.client("s3")
            client.create_bucket(Bucket="bench")
            client.upload_file(str(path), "bench", path.name)
            yield log
        finally:
            server.terminate()


def _answers(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(600):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise TimeoutError(port)


def main() -> None:
    way, folder, cell_m = sys.argv[1], Path(sys.argv[2]), float((*sys.argv[3:], "1000")[0])
    with ExitStack() as stack:
        place: Place = source(folder)
        log = stack.enter_context(storage(place)) if way.endswith("-s3") else None
        if log:
            place = Address(f"s3://bench/{place.name}")
        run = Timed(here)
        if way.startswith("cluster"):
            from dask.distributed import LocalCluster

            local = LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
            run = Timed(stack.enter_context(connect(stack.enter_context(local).scheduler_address)))
        asked = len(log.read_text(encoding="utf-8").splitlines()) if log else 0
        out, start, begun = folder / "aligned.tif", used(), time.perf_counter()
        if way.startswith("direct"):
            direct(place, out, cell_m)
        else:
            regrid.regrid(place, out, grid="250m", cell_m=cell_m, kind="class", run=run)
        cost = {"clock": time.perf_counter() - begun, "cpu": used() - start, "peak_mb": peak_mb(), **run.cost}
        if log:
            cost["requests"] = len(log.read_text(encoding="utf-8").splitlines()) - asked
        with rasterio.open(out) as file:
            cost["sha256"] = hashlib.sha256(file.read(1).tobytes()).hexdigest()[:12]
        print(json.dumps(cost))


if __name__ == "__main__":
    main()
