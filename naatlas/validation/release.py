"""Whether what somebody holds is what was built, and whether it may go out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from naatlas.validation.verdict import Point

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from naatlas.validation.verdict import Result

_AGAIN = "take the product from its publisher again, or build it again"


def refusals(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return why a product may not go out, one sentence a reason; nothing where it may.

    The one place where this is decided: for a release, for a site, and for ``naatlas validate``.

    Parameters
    ----------
    manifest
        Content of ``manifest.json`` of a product or package.
    """
    told = []
    if manifest.get("draft"):
        told.append("a draft, which has not passed the gate: not for release")
    if reason := manifest.get("restricted"):
        told.append(f"restricted to internal use ({reason}): not for release")
    return tuple(told)


def points(wrong: Sequence[str], manifest: bytes) -> Iterator[Point]:
    """Judge the seal of a product or package.

    Parameters
    ----------
    wrong
        What its checksums say, one sentence a file.
    manifest
        Content of its ``manifest.json``; empty where there is none.
    """
    for told in wrong:
        yield Point("checksums", "failed", told, _AGAIN)
    content = read(manifest)
    if not wrong:
        yield Point("checksums", "passed", f"{len(content['files'])} files are as the manifest says")
    # A draft fails: nobody should take it for the layer. What is restricted may be whole, and stays in the house.
    result: Result = "failed" if content.get("draft") else "warning"
    for told in refusals(content):
        yield Point("release", result, told, "keep it; no release and no site takes it")


def read(manifest: bytes) -> dict[str, Any]:
    """Return what a manifest says; of a damaged one nothing."""
    try:
        told = json.loads(manifest)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
