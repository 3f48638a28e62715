"""``naatlas --help`` as installed, against the command line one would write: click, and geopandas imported on top."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import sides

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 11

EAGER = '''
import click
import geopandas


@click.group()
def main():
    """Make map layers."""


@main.command()
@click.argument("path")
def build(path):
    """Build a layer."""
    click.echo(len(geopandas.read_file(path)))


main()
'''


@pytest.mark.parametrize("command", [["--help"], ["list"], ["build", "--help"]], ids=" ".join)
def test_startup(benchmark: BenchmarkFixture, tmp_path: Path, command: list[str]) -> None:
    installed = shutil.which("naatlas", path=str(Path(sys.executable).parent))
    if installed is None:
        pytest.skip("the naatlas command is not installed beside this Python")
    eager = tmp_path / "eager.py"
    eager.write_text(EAGER, encoding="utf-8")
    theirs = [sys.executable, str(eager), "--help"]
    sides.process(theirs)  # the first start writes byte code
    sides.process([installed, *command])
    told = sides.in_turn(
        benchmark,
        lambda: sides.process([installed, *command]),
        lambda: sides.process(theirs),
        rounds=ROUNDS,
    )
    lines = {" ".join(command): (sides.median(told[0]), sides.median(told[1]))}
    print(sides.table("start of the command line", lines, target="8 for --help"))
