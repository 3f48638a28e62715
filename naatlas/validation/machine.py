"""Records for machines: STAC by schema and by the rules of its extensions, JSON-LD as a graph that stands alone.

Of both, every file that is named by a relative address must lie where the record says, with the size and checksum it
states. Addresses on the web are not looked up.
"""

from __future__ import annotations

import json
import re
from functools import partial
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from naatlas.errors import InputError
from naatlas.export import seal
from naatlas.metadata import schemas as published
from naatlas.validation.verdict import Point, Verdict, of_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    #: Checksums by path of the file.
    _Sums = Mapping[str, str]

_AGAIN = "build the product again, or take it from its publisher again"
_WRITER = "whoever wrote the record corrects it"
#: An address of a file beside the record: relative, and not the mere name of a thing.
_BESIDE = re.compile(r"(?![a-z][a-z0-9+.-]*:|/)(\.{1,2}/.+|[^#?]*\.\w{2,8}(#.*)?)", re.IGNORECASE)
_MULTIHASH = re.compile(r"1220([0-9a-f]{64})")
#: What stands in JSON-LD before the address, the checksum and the size of a file.
_ADDRESS, _SUM = ("contentUrl", "@id"), "spdx:checksumValue"
_EXTENSION = re.compile(r"/(file|projection|table)/v\d")
_PREFIXES = {"file": "file", "proj": "projection", "table": "table"}


def judge(path: Path, *, schemas: Path | None = None, product: Path | None = None) -> Verdict:
    """Judge a STAC item or collection, or a JSON-LD record.

    Parameters
    ----------
    schemas
        Folder with schemas, looked into before the installed packages.
    product
        Folder whose manifest was held against its files already: the record is held against the manifest then, so
        that a fault of a file is told once.

    Raises
    ------
    InputError
        The file is no JSON object.
    """
    told, sealed = _read(path), _sealed(product)
    if "stac_version" not in told:
        return Verdict(path.name, "JSON-LD record", tuple(_linked(path, told, sealed)))
    kind = {"Feature": "item"}.get(str(told.get("type")), str(told.get("type")).lower())
    return Verdict(path.name, f"STAC {kind}", tuple(_stac(path, told, schemas, sealed)))


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read as JSON ({error}); {_AGAIN}") from error
    if not isinstance(told, dict):
        raise InputError(f"{path.name}: no JSON object; {_AGAIN}")
    return told


def _sealed(product: Path | None) -> _Sums:
    """Return the checksums that the manifest of a product states, by file; nothing where it cannot be read."""
    try:
        listed = seal.listed((product / seal.MANIFEST).read_bytes()) if product else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {normpath(product / name): checksum for name, checksum in listed.items()} if product else {}


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object inside another; a record of somebody else may hold anything in its place."""
    part = told.get(name)
    return part if isinstance(part, dict) else {}


def _stac(path: Path, told: Mapping[str, Any], schemas: Path | None, sealed: _Sums) -> Iterator[Point]:
    found = of_findings(published.check(told, "stac", schemas))
    yield from found or [
        Point("schema", "passed", f"valid by the core schema of STAC {told['stac_version']}")
    ]
    if not any(point.result == "failed" for point in found):
        rules = list(_extensions(told))
        yield from rules or [Point("extensions", "passed", "their rules are kept")]
        yield from _files(path, _assets(told), sealed)


def _extensions(told: Mapping[str, Any]) -> Iterator[Point]:
    """Judge by the rules of the extensions, whose schemas lie on the web only."""
    properties, assets = _part(told, "properties"), _part(told, "assets")
    names = [*properties, *(name for asset in assets.values() for name in asset)]
    used = {
        _PREFIXES[prefix] for name in names if (prefix := name.partition(":")[0]) in _PREFIXES and ":" in name
    }
    declared = {found[1] for url in told.get("stac_extensions", ()) if (found := _EXTENSION.search(url))}
    if lost := sorted(used - declared):
        yield Point("extensions", "failed", f"used but not declared: {', '.join(lost)}", _WRITER)
    if "projection" in used and not any(properties.get(f"proj:{n}") for n in ("code", "wkt2", "projjson")):
        yield Point(
            "extensions", "failed", "no coordinate system (proj:code, proj:wkt2, proj:projjson)", _WRITER
        )
    if "table" in used:
        yield from _table(properties)
    for name, asset in assets.items():
        checksum = asset.get("file:checksum")
        if checksum is not None and not re.fullmatch("([0-9a-f]{2})+", str(checksum)):
            yield Point(
                "extensions", "failed", f"{name}: file:checksum is no multihash in hexadecimal", _WRITER
            )


def _table(properties: Mapping[str, Any]) -> Iterator[Point]:
    columns = [_part({"": column}, "").get("name") for column in properties.get("table:columns", ())]
    if not columns or None in columns or len(set(columns)) < len(columns):
        yield Point("extensions", "failed", "table:columns: each column has a name of its own", _WRITER)
    if (shape := properties.get("table:primary_geometry")) and shape not in columns:
        yield Point("extensions", "failed", f"table:primary_geometry: no column {shape}", _WRITER)


def _assets(told: Mapping[str, Any]) -> Iterator[tuple[str, str | None, int | None]]:
    """Yield address, SHA-256 and size of what a STAC record names, links included."""
    for asset in _part(told, "assets").values():
        found = _MULTIHASH.fullmatch(str(asset.get("file:checksum")))
        yield str(asset.get("href")), found and found[1], asset.get("file:size")
    yield from ((str(link.get("href")), None, None) for link in told.get("links", ()))


def _linked(path: Path, told: Mapping[str, Any], sealed: _Sums) -> Iterator[Point]:
    context = told.get("@context")
    if not isinstance(context, dict):
        advice = "write the terms into @context, so that the record can be read offline"
        yield Point("context", "warning", "@context must be fetched, or there is none", advice)
    else:
        yield Point("context", "passed", "stands in the record")
    yield from _files(path, _named(told), sealed)


def _named(node: object) -> Iterator[tuple[str, str | None, int | None]]:
    """Yield address, SHA-256 and size of the files that a graph names, wherever in it they stand."""
    if isinstance(node, list):
        for part in node:
            yield from _named(part)
    elif isinstance(node, dict):
        address = next((str(node[name]) for name in _ADDRESS if name in node), "")
        checksum = node.get("sha256") or _part(_part(node, "spdx:checksum"), _SUM).get("@value")
        if address:
            yield address, checksum, _size(node)
        for name, part in node.items():
            if name != "@context":
                yield from _named(part)


def _size(node: Mapping[str, Any]) -> int | None:
    told = (
        node.get("contentSize") or node.get("schema:size") or _part(node, "dcat:byteSize").get("@value", "")
    )
    digits = str(told).removesuffix(" B")
    return int(digits) if digits.isdigit() else None


def _files(path: Path, named: Iterator[tuple[str, str | None, int | None]], sealed: _Sums) -> Iterator[Point]:
    """Hold what a record says of the files beside it against these files."""
    stated: dict[str, tuple[str | None, int | None]] = {}
    for address, checksum, size in named:
        if _BESIDE.fullmatch(address):
            before = stated.get(address, (None, None))
            stated[address] = (checksum or before[0], size or before[1])
    compare = partial(_in_manifest, sealed) if sealed else _on_disk
    beside = {address: normpath(path.parent / unquote(address.partition("#")[0])) for address in stated}
    wrong = [
        Point("files", "failed", f"{address} {fault}", _AGAIN)
        for address, facts in stated.items()
        if (fault := compare(beside[address], *facts))
    ]
    yield from wrong
    if not wrong:
        sums = sum(checksum is not None for checksum, _ in stated.values())
        yield Point("files", "passed", f"{len(stated)} named, all there; {sums} checksums agree")


def _on_disk(file: str, checksum: str | None, size: int | None) -> str:
    """Tell what is wrong with a file beside the record; nothing where it is as the record says."""
    path = Path(file)
    if not path.is_file():
        return "is not there"
    other = (size is not None and path.stat().st_size != size) or (checksum and seal.sha256(path) != checksum)
    return "is not the file that the record describes" if other else ""


def _in_manifest(sealed: _Sums, file: str, checksum: str | None, _size: int | None) -> str:
    """Tell where the record says otherwise than the manifest of its product."""
    if file not in sealed:
        return "is no file of the product"
    return "has another checksum in the manifest" if checksum not in {None, sealed[file]} else ""
