"""Judge a metadata record that somebody hands in: what it lacks of its standard, and what it says wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.errors import InputError
from naatlas.metadata import lint

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.model import Finding


def validate_record(path: Path) -> tuple[Finding, ...]:
    """Return what is wrong with a metadata record; nothing when it is sound.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    return validate_bytes(content(path))


def content(path: Path) -> bytes:
    """Read a record.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check the path and the rights"
        ) from error


def validate_bytes(content: bytes) -> tuple[Finding, ...]:
    """Judge a record that is already in memory, such as the one inside a GeoPackage, by the rules of ours."""
    return lint.judge(content).findings
