"""The command line: what is printed where, exit statuses, and nothing but one line when it goes wrong."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from naatlas import __version__, health, pipeline, product, progress, registry, shell
from naatlas.cli import main
from tests import tiny
from tests.sources_kit import workbook

Run = Callable[..., Result]


def hashes(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def is_one_line(result: Result, status: int) -> str:
    """Return the message, after proving that it is all that was said."""
    assert result.exit_code == status, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("naatlas: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("naatlas: ").strip()


@pytest.fixture
def run() -> Run:
    def call(*args: object, **told: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args], **told)  # type: ignore[arg-type]

    return call


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the tiny layer, and write its files to ``data`` in the folder."""
    tiny.install(monkeypatch)
    tiny.write(tmp_path / "data")
    return tmp_path


@pytest.fixture
def build(run: Run, folder: Path) -> Run:
    def call(*args: object) -> Result:
        return run(
            "build", tiny.SLUG, "--data", folder / "data", "--out", folder / "out", "--format", "gpkg", *args
        )

    return call


# what every command has


@pytest.mark.parametrize("command", [[], *[[name] for name in sorted(main.commands)]])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help(run: Run, command: list[str], flag: str):
    told = run(*command, flag)
    assert told.exit_code == 0
    assert told.stdout.startswith("Usage: ")
    assert told.stderr == ""


def test_short_helps_are_whole(run: Run):
    assert "..." not in run("--help").stdout.replace("[ARGS]...", "")


def test_commands_of_the_design():
    assert set(main.commands) == {
        "align",
        "change",
        "kml",
        "kml-root",
        "tour",
        "releases",
        "sums",
        "loadings",
        "zonal",
        "list",
        "info",
        "sources",
        "build",
        "validate",
        "metadata",
        "explain",
        "new",
        "inspect",
        "doctor",
    }


def test_version(run: Run):
    assert run("--version").stdout.strip().endswith(__version__)


def test_nothing_said_is_wrong_usage(run: Run):
    told = run()
    assert (told.exit_code, told.stdout) == (2, "")
    assert "Commands:" in told.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["biuld"], "No such command 'biuld'"),
        (["--verbose"], "No such option '--verbose'"),
        (["list", "--all"], "No such option '--all'; see "),
        (["list", "extra"], "unexpected extra argument"),
        (["info"], "Missing argument 'LAYER'"),
        (["info", "nix"], "no layer 'nix'; there are bathymetry"),
        (["info", "power-plant"], "no layer 'power-plant'; did you mean power-plants? there are "),
        (["info", "power-plants", "--lang", "de"], "'de' is not one of"),
        (["kml", "."], ": is a folder; name a file in it"),
        (["sources", "nix"], "no layer 'nix'"),
        (["sources", "power-plants", "--edition", "1999"], "has no edition '1999'; it has 2017, 2023"),
        (["sources", "power-plants", "--data", "no/such/folder"], "does not exist"),
        (["build"], "name a layer or a --group"),
        (["build", "nix"], "no layer 'nix'"),
        (["build", "power-plants", "nix"], "no layer 'nix'"),
        (["build", "power-plants", "--edition", "1999"], "has no edition '1999'"),
        (["build", "power-plants", "--edition", ""], "has no edition ''"),
        (["build", "power-plants", "--min-mw", "many"], "not a valid float"),
        (["build", "power-plants", "--min-mw", "nan"], "--min-mw nan: give a number of 0 or more"),
        (["build", "power-plants", "--min-mw", "-5"], "--min-mw -5.0: give a number of 0 or more"),
        (["build", "renewable-capacity", "--min-mw", "5"], "renewable-capacity has no option --min-mw"),
        (
            ["build", "power-plants", "renewable-capacity", "--min-mw", "5"],
            "renewable-capacity has no option",
        ),
        (["build", "power-plants", "--format", "dwg"], "'dwg' is not one of"),
        (["build", "power-plants", "--scale", "5M"], "'5M' is not one of"),
        (["build", "power-plants", "--previous", "no/such"], "does not exist"),
        (["validate", "no/such"], "does not exist"),
        (["explain", "power-plants"], "Missing argument 'KEY'"),
        (["explain", "power-plants", "x", "--out", "no/such"], "run: naatlas build power-plants"),
        (["explain", "power-plants", "x", "--edition", "1999"], "1999"),
        (["inspect", "no/such"], "does not exist"),
    ],
)
def test_wrong_usage_is_one_line_and_2(
    run: Run, args: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert words in is_one_line(run(*args), 2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [
        ["list"],
        *(["info", slug, "--lang", lang] for slug in registry.slugs() for lang in ("en", "fr", "es")),
        *(
            ["sources", slug, "--edition", e.name]
            for slug in registry.slugs()
            for e in registry.spec(slug).editions
        ),
        ["doctor"],
    ],
)
def test_text_is_narrow_and_json_is_json(run: Run, args: list[str]):
    text, told = run(*args), run(*args, "--json")
    assert (text.exit_code, told.exit_code) == (0, 0)
    assert (text.stderr, told.stderr) == ("", "")
    assert json.loads(told.stdout)
    wide = [line for line in text.stdout.splitlines() if len(line) > 112 and "http" not in line]
    assert wide == []


def test_list_names_every_layer_with_its_default_edition(run: Run):
    lines = run("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(registry.slugs())
    assert all("(default)" in line for line in lines)


def test_list_tells_what_cannot_be_built_without_the_national_files(run: Run):
    needy = {line.split()[0] for line in run("list").stdout.splitlines() if line.endswith("; needs --data")}
    assert {"elevation", "roads", "watersheds"} <= needy  # roads: each file may lack, but not all of them
    assert not needy & {"lakes", "power-plants", "renewable-capacity"}
    told = json.loads(run("list", "--json").stdout)
    assert {layer["slug"] for layer in told if layer["needs_data"]} == needy


# inspect, doctor


def test_inspect_lays_out_a_workbook(run: Run, tmp_path: Path):
    path = workbook(
        tmp_path / "a.xlsx", [("Plants",), ("Name", "Capacity\n(MW)"), ("Alta", 1548), ("x" * 90, 2)]
    )
    told = run("inspect", path).stdout
    assert "sheet 'Plant'" in told
    assert "header in row 2, 2 rows below it" in told
    assert "  Capacity (MW)  1548 | 2" in told
    assert json.loads(run("inspect", path, "--json").stdout)["sheets"][0]["columns"] == [
        "Name",
        "Capacity (MW)",
    ]


def test_inspect_json_holds_no_nan(run: Run, tmp_path: Path):
    path = tmp_path / "a.geojson"
    feature = {
        "type": "Feature",
        "properties": {"mw": None, "x": 1.5},
        "geometry": {"type": "Point", "coordinates": [0, 0]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    told = run("inspect", path, "--json")
    assert json.loads(told.stdout, parse_constant=pytest.fail)["layers"][0]["rows"] == 1
    assert "EPSG:4326" in run("inspect", path).stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"PK\x03\x04cut"), ("a.csv", b""), ("a.bin", bytes(range(256))), ("a.shp", b"x")],
)
def test_inspect_of_what_cannot_be_read(run: Run, tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    assert is_one_line(run("inspect", tmp_path / name), 1).startswith(name)


def test_the_folder_one_stands_in_has_a_name_in_messages(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert is_one_line(run("inspect", "."), 1) == f"{tmp_path.name}: is a folder; name a file in it"


def test_doctor_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROJ_LIB", "/somewhere/else")
    told = run("doctor")
    assert told.exit_code == 1
    assert "FAIL  PROJ_LIB" in told.stdout
    assert "unset it" in told.stdout
    assert "1 to mend" in told.stdout
    assert [c["check"] for c in json.loads(run("doctor", "--json").stdout) if not c["ok"]] == ["PROJ_LIB"]


def test_doctor_names_a_library_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch):
    def broken(name: str) -> None:
        raise ImportError(f"DLL load failed while importing {name}")

    monkeypatch.setattr(health, "import_module", broken)
    told = health._library("fiona")
    assert not told["ok"]
    assert "DLL load failed" in str(told["told"])


# build


def test_build_says_what_it_made(build: Run, folder: Path):
    told = build()
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.startswith("tiny-plants 2023: 6 features (CAN 2, MEX 2, USA 2)\n")
    assert str(folder / "out" / "tiny-plants" / "2023") in told.stdout
    assert (folder / "out" / "tiny-plants" / "2023" / "manifest.json").is_file()


def test_build_json_is_all_that_stands_on_stdout(build: Run):
    told = build("--json")
    (summary,) = json.loads(told.stdout)
    assert (summary["features"], summary["edition"], told.stderr) == (6, "2023", "")


def test_a_layer_named_twice_is_built_once(build: Run):
    assert len(json.loads(build(tiny.SLUG, "--json").stdout)) == 1


def test_wrong_layer_behind_a_right_one_builds_nothing(build: Run, folder: Path):
    is_one_line(build("nix"), 2)
    assert not (folder / "out").exists()


def without_mexico(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer the tiny layer a second time, as a layer that lacks a file."""
    spec = dataclasses.replace(
        tiny.SPEC,
        slug="poor-plants",
        name="PoorPlants",
        sources=tuple(
            dataclasses.replace(s, path="mexico/none.csv") if s.country == "MEX" else s
            for s in tiny.SPEC.sources
        ),
    )
    module = types.ModuleType("poor_plants")
    module.SPEC, module.combine = spec, tiny.combine  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "poor_plants", module)
    known = {**registry._modules(), "poor-plants": "poor_plants"}
    monkeypatch.setattr(registry, "_modules", lambda: known)


@pytest.mark.parametrize("order", [("poor-plants", tiny.SLUG), (tiny.SLUG, "poor-plants")])
def test_a_layer_that_lacks_a_file_does_not_stop_the_others(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[str, str]
):
    without_mexico(monkeypatch)
    data, out = folder / "data", folder / "out"
    told = run("build", *order, "--data", data, "--out", out, "--format", "gpkg", "--json")
    assert told.exit_code == 1
    assert [entry["layer"] for entry in json.loads(told.stdout)] == [tiny.SLUG]
    assert told.stderr.startswith(
        "naatlas: 1 of 2 layers was not built; the others are published:\n"
        "  poor-plants: mexico/none.csv: not found (source mex-list); get it from https://"
    )
    assert told.stderr.count("\n") == 2
    assert (out / tiny.SLUG / "2023" / "manifest.json").is_file()
    assert not (out / "poor-plants").exists()


def test_when_no_layer_can_be_built_nothing_stands_on_stdout(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    without_mexico(monkeypatch)
    (folder / "empty").mkdir()
    told = run(
        "build", tiny.SLUG, "poor-plants", "--data", folder / "empty", "--out", folder / "out", "--json"
    )
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith(
        "naatlas: 2 of 2 layers were not built; nothing was published:\n  tiny-plants: "
    )
    assert "\n  poor-plants: 3 inputs cannot be read:\n    " in told.stderr


def test_what_a_layer_was_built_without_is_named(run: Run, tmp_path: Path):
    (tmp_path / "data").mkdir()
    told = run("build", "lakes", "--data", tmp_path / "data", "--out", tmp_path / "out", "--format", "gpkg")
    assert told.exit_code == 0
    missing = "framework/lakes.fgb.zip, framework/lakes_north_america.fgb.zip"
    line = " ".join(told.stdout.split())
    assert f" built without {missing}: not found; report.html tells where to get it " in line


def test_a_selection_does_not_name_what_it_was_never_to_hold(run: Run, tmp_path: Path):
    told = run("build", "power-plants", "--out", tmp_path / "out", "--format", "gpkg")
    assert "from the starter inputs" in told.stdout
    assert "built without" not in told.stdout


@pytest.mark.parametrize(
    ("args", "variant"),
    [
        (["--min-mw", "100"], "2023-min100mw"),
        (["--scale", "1M"], "2023-1M"),
        (["--lang", "en"], "2023-en"),
        (["--lang", "fr", "--lang", "en"], "2023-fr-en"),
        (["--min-mw", "0.5", "--scale", "1M", "--lang", "es"], "2023-min0.5mw-1M-es"),
    ],
)
def test_another_choice_goes_to_a_folder_of_its_own(build: Run, folder: Path, args: list[str], variant: str):
    build()
    layer = folder / "out" / tiny.SLUG
    before = hashes(layer / "2023")
    told = build(*args)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"tiny-plants {variant}: ")
    assert hashes(layer / "2023") == before
    assert (layer / variant / f"NA_TinyPlants_{variant}.gpkg").is_file()
    assert (
        json.loads((layer / variant / "manifest.json").read_text(encoding="utf-8"))["variant"] == variant[5:]
    )


@pytest.mark.parametrize(
    "args", [["--min-mw", "1"], ["--scale", "10M"], ["--lang", "en", "--lang", "fr", "--lang", "es"]]
)
def test_the_default_said_aloud_is_the_default(build: Run, folder: Path, args: list[str]):
    assert build(*args).exit_code == 0
    assert [p.name for p in (folder / "out" / tiny.SLUG).iterdir() if p.is_dir()] == ["2023"]


def test_a_threshold_that_leaves_nothing_is_one_line(build: Run, folder: Path):
    told = build("--min-mw", "1e6")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("naatlas: 1 error(s); nothing was published:\n  the layer has no feature")
    assert not (folder / "out" / tiny.SLUG / "2023-min1e+06mw").exists()


def test_previous_that_is_no_product(build: Run, folder: Path):
    (folder / "a.gpkg").write_bytes(b"no database")
    assert "is no product of layer tiny-plants" in is_one_line(build("--previous", folder / "a.gpkg"), 2)
    assert "no GeoPackage in it" in is_one_line(build("--previous", folder / "data"), 2)


def test_data_folder_from_the_environment(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NAATLAS_DATA", str(folder / "data"))
    told = json.loads(run("sources", tiny.SLUG, "--json").stdout)
    assert [s["state"] for s in told["sources"]] == ["found"] * 3
    monkeypatch.setenv("NAATLAS_DATA", str(folder / "nowhere"))
    assert "NAATLAS_DATA" in is_one_line(run("sources", tiny.SLUG), 2)


def test_sources_tells_what_is_missing_and_where_to_get_it(run: Run, folder: Path):
    (folder / "data" / tiny.FILES["usa"]).unlink()
    told = run("sources", tiny.SLUG, "--data", folder / "data").stdout
    assert "missing: usa-list (2023)\n  usa/plants.xlsx\n" in told
    assert "https://www.cec.org/register" in told
    assert told.endswith("2 found, 1 missing\n")


def test_explain_by_name_and_id(build: Run, run: Run, folder: Path):
    build()
    for key in ("USA-4", "Alta"):
        told = run("explain", tiny.SLUG, key, "--out", folder / "out")
        assert told.exit_code == 0, told.output
        assert "1548 MW" in told.stdout
        assert "1548000" in told.stdout
    assert json.loads(run("explain", tiny.SLUG, "USA-4", "--out", folder / "out", "--json").stdout)
    assert "no feature" in is_one_line(run("explain", tiny.SLUG, "Atlantis", "--out", folder / "out"), 2)


# trouble


def test_ctrl_c_leaves_the_former_product(build: Run, folder: Path, monkeypatch: pytest.MonkeyPatch):
    build()
    layer = folder / "out" / tiny.SLUG
    before = hashes(layer)

    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(product.export.preview, "write", interrupted)
    tiny.write(folder / "data", tiny.changed("can", 0, Capacity="99"))
    assert is_one_line(build(), 130) == "stopped; the last good product is as it was"
    assert hashes(layer) == before


def test_ctrl_c_while_reading(build: Run, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pipeline.sources, "read_all", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    is_one_line(build(), 130)
    assert not (folder / "out").exists()


def test_a_bug_is_one_line_that_says_how_to_report_it(
    build: Run, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a\nb")

    monkeypatch.setattr(pipeline.sources, "read_all", broken)
    told = is_one_line(build(), 1)
    assert "unexpected KeyError" in told
    assert "naatlas.pipeline, line" in told
    assert "naatlas --debug" in told
    with pytest.raises(KeyError):
        run(
            "--debug",
            "build",
            tiny.SLUG,
            "--data",
            folder / "data",
            "--out",
            folder / "out",
            catch_exceptions=False,
        )


def test_out_of_memory_is_no_bug(build: Run, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pipeline.sources, "read_all", full)
    assert "out of memory" in is_one_line(build(), 1)


def test_a_layer_of_another_package_that_is_broken(run: Run, monkeypatch: pytest.MonkeyPatch):
    known = {**registry._modules(), "ice-roads": "no_such_package.ice_roads"}
    monkeypatch.setattr(registry, "_modules", lambda: known)
    assert "layer ice-roads: no_such_package.ice_roads cannot be imported" in is_one_line(run("list"), 1)
    assert run("info", "power-plants").exit_code == 0
    assert run("--help").exit_code == 0


# output


def test_json_is_valid_whatever_is_in_it(capsys: pytest.CaptureFixture[str]):
    import numpy as np

    shell.print_json(
        {"a": [float("nan"), np.float64("inf"), np.int64(3), np.True_], 1: Path("x"), "é": ("ñ",)}
    )
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told == {"a": [None, None, 3, True], "1": "x", "é": ["ñ"]}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("flag", [[], ["--json"]])
def test_any_terminal_encoding(encoding: str, flag: list[str]):
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [
        sys.executable,
        "-c",
        "from naatlas.cli import main; main()",
        "info",
        "power-plants",
        "--lang",
        "es",
        *flag,
    ]
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    if flag:
        assert "México" in json.loads(done.stdout.decode(encoding))["abstract"]


def test_a_pipe_that_closes_is_no_error_message():
    command = [sys.executable, "-c", "from naatlas.cli import main; main()", "info", "power-plants", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


# progress


class Terminal:
    """A stderr that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


def test_progress_moves_in_a_terminal_and_is_silent_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with progress.progress("power-plants"):
        progress.LOG.info("reading")
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    handlers = list(progress.LOG.handlers)
    with progress.progress("power-plants"):
        progress.LOG.log(logging.INFO, "reading [/what] is [bold] no markup")
    assert "power-plants" in terminal.text
    assert progress.LOG.handlers == handlers
