"""Bad input from end to end: nothing lost, no traceback, one error that says what to do."""

from __future__ import annotations

import csv
import errno
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from naatlas import export, pipeline
from naatlas.cli import main
from naatlas.errors import UnknownTermsError
from naatlas.sources import locate
from tests import tiny

if TYPE_CHECKING:
    from naatlas.model import LayerData

Build = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tiny.install(monkeypatch)
    tiny.write(tmp_path / "data")
    return tmp_path


@pytest.fixture
def build(folder: Path) -> Build:
    def call(out: str = "out") -> Result:
        args = ["build", tiny.SLUG, "--data", folder / "data", "--out", folder / out, "--format", "gpkg"]
        return CliRunner().invoke(main, [str(arg) for arg in args])

    return call


def refused(told: Result, *words: str) -> None:
    """Prove that the build said what is wrong, and nothing else happened."""
    assert told.exit_code == 1, told.output
    assert told.stdout == ""
    assert told.stderr.startswith("naatlas: ")
    for bad in ("Traceback", "unexpected", str(Path(pipeline.__file__).parent)):
        assert bad not in told.stderr
    for word in words:
        assert word in told.stderr


def assembled(folder: Path) -> LayerData:
    return pipeline.assemble(tiny.SLUG, data=folder / "data")


def finding(data: LayerData, rule: str) -> str:
    (found,) = [f for f in data.findings if f.rule == rule]
    return found.message


def path(folder: Path, nation: str) -> Path:
    return folder / "data" / tiny.FILES[nation]


# files


def test_missing_files_are_all_named(build: Build, folder: Path):
    path(folder, "can").unlink()
    path(folder, "mex").unlink()
    refused(
        build(), "2 inputs cannot be read:", "canada/plants.csv: not found", "mexico/centrales.csv: not found"
    )
    assert not (folder / "out").exists()


def test_truncated_workbook(build: Build, folder: Path):
    content = path(folder, "usa").read_bytes()
    path(folder, "usa").write_bytes(content[: len(content) // 2])
    refused(build(), "usa/plants.xlsx")


@pytest.mark.parametrize("nation", list(tiny.FILES))
def test_empty_file(build: Build, folder: Path, nation: str):
    path(folder, nation).write_bytes(b"")
    refused(build(), f"{tiny.FILES[nation]}: the file is empty")


def test_header_without_a_row_is_a_layer_without_that_country(folder: Path):
    tiny.write(folder / "data", {**tiny.ROWS, "can": []})
    data = assembled(folder)
    assert set(data.frame["country"]) == {"USA", "MEX"}


def test_wrong_encoding(build: Build, folder: Path):
    text = path(folder, "can").read_text(encoding="utf-8")
    path(folder, "can").write_bytes(text.encode("cp1252"))
    refused(build(), "canada/plants.csv: byte", "is not utf-8, as declared", "cp1252")


def test_renamed_column(build: Build, folder: Path):
    text = path(folder, "mex").read_bytes()
    path(folder, "mex").write_bytes(text.replace(b";Capacity;", b";Capacity (MW);"))
    refused(build(), 'column "Capacity" is missing', 'nearest is "Capacity (MW)"')


def zipped(folder: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path(folder, "can"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_zip_that_climbs_out(build: Build, folder: Path):
    zipped(folder, {"../../outside.csv": b"Code\n1\n"})
    refused(build(), "canada/plants.csv: member '../../outside.csv' climbs out")
    assert not (folder / "outside.csv").exists()
    assert not (folder.parent / "outside.csv").exists()


def test_zip_bomb(build: Build, folder: Path):
    zipped(folder, {"plants.csv": bytes(80 * 2**20)})
    refused(build(), "canada/plants.csv", "zip bomb")


# terms


def test_unknown_terms_of_all_sources_at_once(build: Build, folder: Path):
    rows = tiny.changed("can", 0, Fuel="Unobtainium", State="Atlantis")
    rows["usa"] = tiny.changed("usa", 1, Unit="arrobas", State="Jefferson")["usa"]
    rows["mex"] = tiny.changed("mex", 0, Fuel="Cojonium")["mex"]
    tiny.write(folder / "data", rows)
    told = build()
    refused(told, "5 unknown term(s); nothing was built:")
    lines = told.stderr.splitlines()[1:]
    wanted = [
        ("can-list", "'Unobtainium'", "crosswalks/energy_source.csv"),
        ("can-list", "'Atlantis'", "place_aliases.csv"),
        ("usa-list", "'arrobas'", "harmonize/units.py"),
        ("usa-list", "'Jefferson'", "place_aliases.csv"),
        ("mex-list", "'Cojonium'", "crosswalks/energy_source.csv"),
    ]
    for parts in wanted:
        assert [line for line in lines if all(part in line for part in parts)], parts
    assert all("1 row(s)" in line for line in lines)
    assert len(lines) == len(wanted)
    assert not (folder / "out").exists()


# records


def test_text_in_a_number_is_a_finding_and_the_rest_is_built(folder: Path):
    tiny.write(folder / "data", tiny.changed("mex", 0, Year="Antes de 92"))
    data = assembled(folder)
    assert len(data.frame) == 6
    assert data.frame.set_index("atlas_id")["year_online"].isna().to_dict() == {
        "CAN-1": False, "CAN-2": False, "MEX-5": True, "MEX-6": False, "USA-3": False, "USA-4": False,
    }  # fmt: skip
    assert "row 2: 'Antes de 92'" in finding(data, "text-in-a-number")


def test_duplicate_key_is_a_reject_with_its_cells(build: Build, folder: Path):
    tiny.write(folder / "data", tiny.changed("usa", 1, Code="3"))
    assert build().exit_code == 0
    with (folder / "out" / tiny.SLUG / "2023" / "rejected.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        (row,) = csv.DictReader(stream)
    assert (row["source"], row["row"], row["reason"]) == ("usa-list", "4", "code stands twice")
    assert "Name=Alta" in row["original"]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("5", "-73.66"), ("45.59", "73.66"), ("425.246", "-73.66"), ("0", "0"), ("", ""), ("-45.59", "170")],
)
def test_coordinates_outside_the_continent(folder: Path, lat: str, lon: str):
    tiny.write(folder / "data", tiny.changed("can", 0, Lat=lat, Lon=lon))
    data = assembled(folder)
    data.ledger.close()
    here = data.frame.set_index("atlas_id")
    if "CAN-1" in here.index:  # repaired, and proved by the declared state
        assert here.loc["CAN-1", "coordinate_quality"] == "corrected"
        assert here.loc["CAN-1", ["longitude", "latitude"]].tolist() == [-73.66, 45.59]
        assert set(data.ledger.corrections()["row"]) == {"2"}
    else:
        assert data.ledger.rejected()["row"].tolist() == [2]
    assert len(here) + len(data.ledger.rejected()) == 6


# the disk


def test_a_file_where_the_output_folder_should_be(build: Build, folder: Path):
    (folder / "out").mkdir()
    (folder / "out" / tiny.SLUG).write_text("no folder", encoding="utf-8")
    refused(build(), "a file stands where a folder is needed", "--out")
    assert (folder / "out" / tiny.SLUG).read_text(encoding="utf-8") == "no folder"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "access is denied"),
    ],
)
def test_a_disk_that_fails_leaves_the_former_product(
    build: Build, folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
):
    assert build().exit_code == 0
    product = folder / "out" / tiny.SLUG / "2023"
    before = {p: p.read_bytes() for p in product.rglob("*") if p.is_file()}

    def full(*_: object, **__: object) -> None:
        raise OSError(code, "trouble", str(product / "preview.png"))

    monkeypatch.setattr(export.preview, "write", full)
    refused(build(), words, "preview.png")
    assert {p: p.read_bytes() for p in product.rglob("*") if p.is_file()} == before
    assert [p.name for p in product.parent.iterdir() if p.is_dir()] == ["2023"]


# the real layer, on doctored copies of its starter inputs


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "starter"
    shutil.copytree(locate.starter_folder(), copy)
    monkeypatch.setattr(locate, "starter_folder", lambda: copy)
    return copy


def doctor(path: Path, row: int, **cells: str) -> dict[str, str]:
    """Change cells of a data row (0 is the first); return the row as it was."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    was = dict(zip(header, rows[row], strict=True))
    rows[row] = [cells.get(name, cell) for name, cell in was.items()]
    assert set(cells) <= set(header)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return was


def test_power_plants_name_the_unknown_terms_of_all_registers(starter: Path):
    doctor(starter / "usa_eia_atlas_202311.csv", 0, PrimSource="phlogiston", State="Jefferson")
    doctor(starter / "nacei_renew_ge1mw_201708.csv", 0, **{"Primary Energy Source": "Æther"})
    doctor(starter / "nacei_ge100mw_201708.csv", 1, **{"State / Province / Territory": "Atlantis"})
    doctor(starter / "mex_retc_em_2022.csv", 0, UNIDAD="arrobas")
    with pytest.raises(UnknownTermsError) as told:
        pipeline.assemble("power-plants")
    text = str(told.value)
    for term in ("phlogiston", "Jefferson", "Æther", "Atlantis", "arrobas"):
        assert repr(term) in text


def test_power_plants_with_a_duplicate_code_reject_the_second_row(starter: Path):
    path = starter / "usa_eia_atlas_202311.csv"
    code = doctor(path, 0)["Plant_Code"]
    doctor(path, 1, Plant_Code=code)
    data = pipeline.assemble("power-plants")
    rejected = data.ledger.rejected()
    (row,) = rejected[rejected["source"] == "usa-eia-atlas-202311"].to_dict("records")
    assert row["row"] == 3
    assert f"Plant_Code={code}" in row["original"]
    assert data.frame["atlas_id"].eq(f"USA-{code}").sum() == 1


def test_power_plants_with_text_in_a_capacity(starter: Path):
    was = doctor(starter / "usa_eia_atlas_202311.csv", 0, Install_MW="n.d.")
    data = pipeline.assemble("power-plants")
    found = [f for f in data.findings if f.rule == "text-in-a-number" and "Install_MW" in f.where]
    assert [f.count for f in found] == [1]
    assert f"USA-{was['Plant_Code']}" not in set(data.frame["atlas_id"])
