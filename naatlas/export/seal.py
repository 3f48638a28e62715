"""What a product consists of, and whether it still does: ``manifest.json`` and ``SHA256SUMS``.

The manifest lists every other file with its checksum; the sums list the same and the manifest, in the form that
``sha256sum -c`` reads. A package carries both of its own, so that it can be checked far from where it was built.
"""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypedDict

import pyogrio
import pyproj

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from naatlas.model import InputFile, LayerData

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
#: How long the run took and where: it differs from run to run, so it is no part of the product.
BUILD_LOG = "build-log.json"
#: Libraries that decide the bytes of the products.
_LIBRARIES = (
    "naatlas",
    "geopandas",
    "lxml",
    "matplotlib",
    "numpy",
    "pandas",
    "pillow",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "pystac-core",
)


class FileFacts(TypedDict):
    """What tells whether a file is the one that was published: SHA-256 as hexadecimal text, and bytes."""

    sha256: str
    size: int


def versions() -> dict[str, str]:
    """Return the versions of naatlas and of the libraries that decide the bytes of the products."""
    told = {name: metadata.version(name) for name in _LIBRARIES}
    return told | {"gdal": pyogrio.__gdal_version_string__, "proj": pyproj.proj_version_str}


def files(folder: Path) -> list[str]:
    """Return all files below a folder, with forward slashes, the manifest last."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(names, key=lambda name: name == MANIFEST)


def sha256(path: Path) -> str:
    """Return the checksum of a file as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def facts(path: Path) -> FileFacts:
    """Return checksum and size of a file."""
    return {"sha256": sha256(path), "size": path.stat().st_size}


def facts_of_bytes(content: bytes) -> FileFacts:
    """Return checksum and size of a file that is still in memory."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def listing(folder: Path) -> dict[str, FileFacts]:
    """Return checksum and size of every file below a folder but manifest and sums, by name with forward slashes."""
    return {name: facts(folder / name) for name in files(folder) if name not in (MANIFEST, SUMS)}


def seal(
    listed: Mapping[str, FileFacts], data: LayerData, options: Mapping[str, object] | None = None
) -> dict[str, bytes]:
    """Return manifest and sums, by name, for the files of a product or package.

    They tell nothing of the machine, the user or the time of the run, and are the same for the same inputs.

    Parameters
    ----------
    listed
        Every file, by its name with forward slashes.
    options
        What was asked for, such as formats and languages.
    """
    told = {
        "layer": data.spec.slug,
        "edition": data.edition,
        "variant": data.variant,
        "scale": data.scale,
        "draft": data.draft,
        "restricted": data.restricted,
        "features": len(data.frame),
        "files": dict(listed),
        "inputs": [_input(entry) for entry in data.inputs],
        "options": dict(options or {}),
        "versions": versions(),
    }
    manifest = (json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
    digests = {name: entry["sha256"] for name, entry in listed.items()}
    digests[MANIFEST] = hashlib.sha256(manifest).hexdigest()
    sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()
    return {SUMS: sums, MANIFEST: manifest}


def _input(entry: InputFile) -> dict[str, object]:
    return {
        "source": entry.source.id,
        "file": entry.name,
        "tier": entry.tier,
        "sha256": entry.sha256,
        "size": entry.size,
        "vintage": entry.source.vintage,
        "licence": entry.source.licence.name,
        "licence_url": entry.source.licence.url,
    }


def verify(folder: Path) -> list[str]:
    """Compare a product, or an unpacked package, with its manifest and its sums.

    Returns
    -------
    One sentence for each file that is missing, changed, or not part of the product; empty where all is well.
    """
    digests = {name: sha256(folder / name) for name in files(folder)}
    return list(_problems(digests, {name: folder.joinpath(name).read_bytes() for name in _own(digests)}))


def verify_package(package: zipfile.ZipFile, top: str) -> list[str]:
    """Compare a package that is still zipped with the manifest and the sums inside.

    Parameters
    ----------
    top
        The folder in the zip that holds them, with a slash at the end; empty for none.
    """
    names = [info.filename for info in package.infolist() if not info.is_dir()]
    digests = {name.removeprefix(top): _sha256_of_member(package, name) for name in names}
    return list(_problems(digests, {name: package.read(top + name) for name in _own(digests)}))


def _sha256_of_member(package: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with package.open(name) as member:
        while piece := member.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _own(names: Mapping[str, str]) -> list[str]:
    return [name for name in (MANIFEST, SUMS) if name in names]


def _problems(digests: Mapping[str, str], own: Mapping[str, bytes]) -> Iterator[str]:
    if MANIFEST not in own:
        yield f"{MANIFEST} is missing: this is no finished product; build it again"
        return
    try:
        wanted = listed(own[MANIFEST])
    except (ValueError, KeyError, TypeError, AttributeError):
        yield f"{MANIFEST} is damaged; build the product again"
        return
    yield from (f"{name} is missing" for name in sorted({*wanted, SUMS} - digests.keys()))
    strangers = digests.keys() - wanted.keys() - {MANIFEST, SUMS, BUILD_LOG}
    yield from (f"{name} is not part of the product" for name in sorted(strangers))
    for name in sorted(wanted.keys() & digests.keys()):
        if digests[name] != wanted[name]:
            yield f"{name} was changed after the build: its checksum differs"
    yield from _sums_problems(own.get(SUMS), wanted | {MANIFEST: digests[MANIFEST]})


def _sums_problems(sums: bytes | None, expected: Mapping[str, str]) -> Iterator[str]:
    """Compare the sums with what the manifest lists; who edits the one seldom thinks of the other."""
    if sums is None:
        return
    lines = [line.partition("  ") for line in sums.decode("utf-8", "replace").splitlines()]
    told = {name: digest for digest, _, name in lines}
    for name in sorted(expected.keys() | told.keys()):
        if told.get(name) != expected.get(name):
            yield f"{SUMS} and {MANIFEST} do not agree on {name}: one of them was changed after the build"


def listed(manifest: bytes) -> dict[str, str]:
    """Return the checksums that a manifest lists, by file.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError
        It is no manifest.
    """
    told: dict[str, Any] = json.loads(manifest.decode("utf-8"))
    return {str(name): str(entry["sha256"]) for name, entry in told["files"].items()}
