"""What all tests share: the national files, where they are, and layers built once a session."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from naatlas import pipeline

if TYPE_CHECKING:
    from naatlas.model import LayerData


# No deadline: a timed assertion on a busy machine says nothing. On CI the examples are the same every time.
settings.register_profile("naatlas", deadline=None, max_examples=40, derandomize=bool(os.environ.get("CI")))
settings.load_profile("naatlas")


@pytest.fixture(scope="session")
def national() -> Path:
    """Folder with the national files; the test is skipped where it is not there."""
    told = os.environ.get("NAATLAS_DATA")
    if not told or not Path(told).is_dir():
        pytest.skip("the national files are not here: set NAATLAS_DATA to their folder")
    return Path(told)


@cache
def _built(slug: str, edition: str | None, data: Path | None) -> LayerData:
    return pipeline.assemble(slug, data=data, edition=edition)


@pytest.fixture(scope="session")
def plants_2017(national: Path) -> LayerData:
    return _built("power-plants", "2017", national)


@pytest.fixture(scope="session")
def plants_2023(national: Path) -> LayerData:
    return _built("power-plants", "2023", national)


@pytest.fixture(scope="session")
def starter_plants() -> LayerData:
    return _built("power-plants", "2023", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden tables anew")
