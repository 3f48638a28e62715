"""Rasters on object storage give the bytes that files give, and nobody is ever told the credentials."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from naatlas import framework, regrid
from naatlas.cluster.journal import digest
from naatlas.errors import InputError, UsageError
from naatlas.framework import GRID_250M
from naatlas.raster import cog
from naatlas.raster.address import Address
from naatlas.raster.blocks import blocks
from naatlas.raster.files import File

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

boto3 = pytest.importorskip("boto3", reason="the extra test is not installed whole")
server = pytest.importorskip("moto.server", reason="the extra test is not installed whole")

# the storage is this machine; those who make it warn of their own libraries
pytestmark = [pytest.mark.enable_socket, pytest.mark.filterwarnings("default")]

BUCKET = "atlas"
#: What nobody may ever see.
SECRET, KEY = "never-to-be-told/1234567890", "AKNEVERTOBETOLD"
GRID = GRID_250M.coarser(5000)


class Storage:
    """A storage on this machine, which notes what it is asked."""

    def __init__(self) -> None:
        self.server = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self.asked: list[str] = []
        log = logging.getLogger("werkzeug")
        log.setLevel(logging.INFO)
        log.addHandler(_Notes(self.asked))

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }  # fmt: skip


class _Notes(logging.Handler):
    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        self.asked = asked

    def emit(self, record: logging.LogRecord) -> None:
        self.asked.append(record.getMessage())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of classes as COG, and disks to count in."""
    folder = tmp_path_factory.mktemp("rasters")
    for seed, year in enumerate((2005, 2010)):
        rng = np.random.default_rng(seed)
        cells = rng.integers(0, 5, (GRID.rows, GRID.cols), dtype=np.uint8)
        with cog.writing(folder / f"{year}.tif", GRID, dtype="uint8", nodata=0, classes=True) as canvas:
            canvas.tags({f"CLASS_{number}": f"kind {number}" for number in range(1, 5)}, band=True)
            for block in blocks(GRID):
                canvas.put(
                    block, cells[block.row : block.row + block.rows, block.col : block.col + block.cols]
                )
    disks = [shapely.Point(200_000 * n, 500_000).buffer(150_000) for n in range(3)]
    gpd.GeoDataFrame({"name": list("abc")}, geometry=disks, crs=framework.WKT2).to_file(folder / "disks.gpkg")
    return folder


@pytest.fixture(scope="module")
def storage(folder: Path) -> Iterator[Storage]:
    told = Storage()
    client = boto3.client(
        "s3",
        endpoint_url=told.url,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    for year in (2005, 2010):
        client.upload_file(str(folder / f"{year}.tif"), BUCKET, f"land cover/{year}.tif")
    yield told
    told.server.stop()


@contextmanager
def environment(told: dict[str, str]) -> Iterator[None]:
    """Set the environment, of which nothing of AWS is left over."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        # neither the own profile of who runs the tests nor the machine they run on
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("CPL_AWS_EC2_API_ROOT_URL", "disabled")
        for name, value in told.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def remote(storage: Storage) -> Iterator[Storage]:
    with environment(storage.environment()):
        yield storage


def at(year: int) -> str:
    return f"s3://{BUCKET}/land cover/{year}.tif"


def run(*arguments: object, status: int = 0) -> tuple[str, str]:
    """Run the command as its users do, in a process of its own; it never tells the secret."""
    command = [sys.executable, "-c", "from naatlas.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert KEY not in done.stdout + done.stderr
    return done.stdout, done.stderr


def files(folder: Path) -> dict[str, bytes]:
    """Return all files, none of which tells the secret."""
    told = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }
    assert not [
        name for name, content in told.items() if SECRET.encode() in content or KEY.encode() in content
    ]
    return told


#: What is asked; years stand for the rasters, and the last word for what is written.
CASES = {
    "change": ("change", 2005, 2010, "--polygons", "disks.gpkg", "--by", "name", "--out", "made"),
    "zonal": ("zonal", 2010, "disks.gpkg", "--by", "name", "--out", "made.csv"),
    "zonal-exact": ("zonal", 2010, "disks.gpkg", "--by", "name", "--exact", "--out", "made.csv"),
    "zonal-change": ("zonal", 2005, "disks.gpkg", "--by", "name", "--change", 2010, "--out", "made.csv"),
    "align": ("align", 2010, "--grid", "250m", "--cell", 20_000, "--out", "made.tif"),
}


def asked(case: str, folder: Path, out: Path, *, away: bool) -> list[object]:
    *told, made = CASES[case]
    places = {2005: 0, 2010: 0, "disks.gpkg": folder / "disks.gpkg"}
    places |= {year: at(year) if away else folder / f"{year}.tif" for year in (2005, 2010)}
    return [*(places.get(word, word) for word in told), out / str(made)]


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("case", CASES)
def test_the_bytes_are_those_of_files(case: str, folder: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("here", "away")]
    for out in outs:
        out.mkdir()
        run(*asked(case, folder, out, away=out.name == "away"))
    here, away = map(files, outs)
    assert here == away != {}


def test_two_processes_of_a_cluster_read_the_storage(remote: Storage, folder: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra cluster (dask) is not installed")
    from tests.test_cluster import LOOPBACK

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOOPBACK) as cluster:
        for case in ("change", "align"):
            outs = [tmp_path / f"{case}-{name}" for name in ("here", "away")]
            for out in outs:
                out.mkdir()
            before = len(remote.asked)
            run(*asked(case, folder, outs[0], away=False))
            assert len(remote.asked) == before
            kept = outs[1] / "kept"
            run(
                *asked(case, folder, outs[1], away=True),
                "--cluster",
                cluster.scheduler_address,
                "--resume",
                kept,
            )
            assert len(remote.asked) > before
            assert files(outs[0]) == files(outs[1])


@pytest.mark.usefixtures("remote")
def test_inspect() -> None:
    told = json.loads(run("inspect", at(2010), "--json")[0])
    assert (told["name"], told["format"], told["raster"]["columns"]) == ("2010.tif", "raster", GRID.cols)
    assert run("inspect", at(2010))[0].startswith("2010.tif: raster\n")


OWN = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
#: Address, what the environment holds beside the endpoint, what is said.
TROUBLES: dict[str, tuple[str, dict[str, str], str]] = {
    "no such key": (f"s3://{BUCKET}/none.tif", OWN, f"s3://{BUCKET}/none.tif: there is no such key in the bucket"),
    "no such bucket": ("s3://none/a.tif", OWN, "s3://none/a.tif: there is no such bucket"),
    "no credentials": (at(2010), {}, "there are no credentials; set AWS_ACCESS_KEY_ID"),
    "half of them": (at(2010), {"AWS_ACCESS_KEY_ID": KEY}, "there are no credentials"),
    "nobody there": (at(2010), OWN | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "127.0.0.1:1 does not answer"),
    "no such host": (at(2010), OWN | {"AWS_ENDPOINT_URL": f"http://{KEY}:{SECRET[:8]}@no.invalid"}, "no.invalid does"),
    "nobody on the web": ("https://127.0.0.1:1/a.tif", {}, "127.0.0.1:1 does not answer"),
    "no raster": (f"s3://{BUCKET}/text.tif", OWN, "is no raster that GDAL can open, or is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("command", ["inspect", "align", "--debug"])
def test_what_is_wrong_is_told_in_one_line(
    trouble: str, command: str, storage: Storage, tmp_path: Path
) -> None:
    address, told, words = TROUBLES[trouble]
    client = boto3.client(
        "s3",
        endpoint_url=storage.url,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    client.put_object(Bucket=BUCKET, Key="text.tif", Body=b"no raster")
    more = {
        "inspect": ("inspect", address, "--json"),
        "--debug": ("--debug", "zonal", address, "disks.gpkg", "--by", "name"),
        "align": (
            "align",
            address,
            "--grid",
            "250m",
            "--cell",
            20_000,
            "--out",
            tmp_path / "out" / "made.tif",
        ),
    }
    with environment({"AWS_ENDPOINT_URL": storage.url, **told}):
        out, err = run(*more[command], status=1)
    assert out == ""
    assert words in err
    assert err.count("\n") == 1
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"https://me:{SECRET[:5]}@host/a.tif", "https://host/a.tif: the address may hold no user"),
        (f"https://host/a.tif?X-Amz-Signature={SECRET}", "https://host/a.tif: the address may hold no user"),
        ("s3://bucket", "rasters are read from s3://bucket/key"),
        ("gs://bucket/a.tif", "rasters are read from s3://bucket/key"),
        ("http://host/a.tif", "rasters are read from s3://bucket/key"),
    ],
)
def test_addresses_that_are_refused(address: str, told: str) -> None:
    assert told in run("inspect", address, status=2)[1]
    with pytest.raises(UsageError) as caught:
        Address(address)
    assert SECRET[:5] not in str(caught.value)


@pytest.mark.usefixtures("remote")
def test_no_library_logs_the_secret(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with caplog.at_level(logging.DEBUG):
        regrid.regrid(Address(at(2010)), tmp_path / "a.tif", grid="250m", cell_m=20_000)
        with pytest.raises(InputError) as caught:
            File(Address(f"s3://{BUCKET}/none.tif"))
    assert any(record.name.startswith("rasterio") for record in caplog.records)
    assert not [
        record for record in caplog.records if SECRET in record.getMessage() or KEY in record.getMessage()
    ]
    assert caught.value.__cause__ is None
    files(tmp_path)


def test_what_a_raster_costs_in_requests(remote: Storage, folder: Path) -> None:
    """One for the header and one for each row of tiles of a window, nothing for what might lie beside the file."""
    remote.asked.clear()
    with File(Address(at(2010))) as raster:
        opened = len(remote.asked)
        cells = raster.read(0, 0, 1024, 1024)
        read = len(remote.asked) - opened
    assert opened <= 2
    assert read <= 2
    assert all("2010.tif" in line for line in remote.asked)
    with File(folder / "2010.tif") as here:
        assert np.array_equal(cells, here.read(0, 0, 1024, 1024))


def test_what_lies_under_a_key_today_is_read_today(remote: Storage, tmp_path: Path) -> None:
    client = boto3.client("s3", endpoint_url=remote.url)
    place = Address(f"s3://{BUCKET}/daily.tif")
    with pytest.raises(InputError, match="there is no such key"):
        File(place)
    named = set()
    for day in (1, 2):
        with rasterio.open(
            tmp_path / "a.tif", "w", driver="GTiff", width=64, height=64, count=1, dtype="uint8", nodata=0,
            compress="deflate", crs=framework.WKT2, transform=Affine(*GRID.transform),
        ) as file:  # fmt: skip
            file.write(np.full((1, 64, 64), day, dtype=np.uint8) * (np.arange(64) % (7 * day) > 0))
        client.upload_file(str(tmp_path / "a.tif"), BUCKET, "daily.tif")
        with File(place) as told:
            assert told.read(0, 0, 64, 64).max() == day
            named.add(digest(told))
        with File(place) as again:  # what a journal tells rasters apart by
            assert digest(again) in named
    assert len(named) == 2


def test_an_address_is_told_from_a_path(tmp_path: Path) -> None:
    told = Address(at(2010))
    assert (told.name, str(told), told.gdal) == ("2010.tif", at(2010), f"/vsis3/{BUCKET}/land cover/2010.tif")
    assert Address("https://host/x/a.tif").gdal == "/vsicurl/https://host/x/a.tif"
    assert "does not exist" in run("inspect", tmp_path / "none.tif", status=2)[1]
