"""Imports point one way, and what must start at once imports nothing heavy."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import naatlas

ROOT = Path(naatlas.__file__).parent
HEAVY = (
    "numpy", "pandas", "geopandas", "pyogrio", "rasterio", "fiona", "shapely", "pyproj", "matplotlib", "lxml",
    "pyarrow", "scipy", "pint", "rapidfuzz", "rich", "yaml", "pystac",
)  # fmt: skip

#: Rooms from the ground up: a module may import its own room and those below it, and its level's others only where
#: they are listed in WITHIN.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("errors", "languages"),
    ("spec",),
    ("model", "ledger", "progress", "text", "cluster"),
    ("stamp", "findings", "templates"),
    ("framework",),
    ("raster", "register"),
    ("sources",),
    ("harmonize", "facts", "metadata", "styles", "geometry"),
    ("quality",),
    ("layers",),
    ("registry",),
    ("report", "export", "shaping"),
    ("explain_raster", "explain_parts"),
    ("explain", "inform", "health", "skeleton", "validation", "pipeline"),
    ("polygons",),
    ("loadings", "product", "publish", "regrid", "tabulate"),
    ("shell",),
    ("options",),
    ("cli_build", "cli_publish", "cli_raster", "cli_register"),
    ("cli",),
    ("__main__",),
)
#: The one arrow that points back: ``power_plants.build()`` for other programs.
BACK = {("layers", "pipeline")}
ROOM_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """All modules of naatlas that a module imports, in functions and for type checkers too."""
    told: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            told |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            told |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in told if name.split(".")[0] == "naatlas"}


def rooms_of(names: set[str]) -> set[str]:
    """Rooms among the names; ``from naatlas import __version__`` names none."""
    parts = {name.split(".")[1] for name in names if "." in name}
    return {part for part in parts if (ROOT / part).is_dir() or (ROOT / f"{part}.py").is_file()}


def type_only(path: Path) -> set[str]:
    """Modules that are imported for type checkers only: they make no dependency when the program runs."""
    told: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            inner = [n for n in ast.walk(node) if isinstance(n, ast.ImportFrom)]
            told |= {f"{n.module}.{alias.name}" for n in inner for alias in n.names}
    return told


def test_every_module_has_a_place():
    assert {room(path) for path in modules()} - {"__init__"} <= set(ROOM_OF)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path):
    own = room(path)
    if own == "__init__":
        assert rooms_of(imported(path)) == set()
        return
    used = rooms_of(imported(path) - type_only(path)) - {own}
    up = {other for other in used if ROOM_OF[other] > ROOM_OF[own] and (own, other) not in BACK}
    assert up == set()


def test_the_arrow_back_stands_in_one_place():
    back = [p for p in modules() if room(p) == "layers" and "pipeline" in rooms_of(imported(p))]
    assert back == [ROOT / "layers" / "__init__.py"]


def test_nothing_imports_a_layer_but_its_own_files():
    for path in modules():
        names = {n for n in imported(path) if n.startswith("naatlas.layers.") and n != "naatlas.layers.Build"}
        if room(path) != "layers":
            assert names == set(), path
            continue
        own = path.relative_to(ROOT / "layers").parts[0].removesuffix(".py")
        known = {n.split(".")[2] for n in names if not n.startswith("naatlas.layers._")} - {own}
        # a file whose name begins with an underscore is no layer: it may hold the steps of one
        assert len(known) <= own.startswith("_"), path


def test_stages_do_not_know_the_command_line():
    users = {room(path) for path in modules() if "import click" in path.read_text(encoding="utf-8")}
    assert users == {"cli", "cli_build", "cli_publish", "cli_raster", "cli_register", "options", "shell"}


@pytest.mark.parametrize(
    "code",
    [
        "from naatlas.cli import main; main(['--help'], standalone_mode=False)",
        "from naatlas.cli import main; main(['list'], standalone_mode=False)",
        "from naatlas.cli import main; main(['list', '--json'], standalone_mode=False)",
        "from naatlas.cli import main; main(['build', '--help'], standalone_mode=False)",
        "import naatlas, naatlas.spec, naatlas.registry, naatlas.errors, naatlas.model",
        "from naatlas.layers import power_plants, renewable_capacity",
    ],
)
def test_starts_without_anything_heavy(code: str):
    program = f"{code}\nimport sys\nprint('HEAVY', sorted(set({HEAVY!r}) & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "HEAVY []"
