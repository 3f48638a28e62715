"""The zipped shapefile package, laid out as the Atlas lays out its downloads."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from naatlas.export import seal, shapefile, zips
from naatlas.stamp import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.export.shapefile import Cut
    from naatlas.metadata.words import Words
    from naatlas.model import LayerData

#: Documents that lie at the top of the package, by the beginning of their names.
TOP_DOCUMENTS = ("How_to_Cite", "Terms_of_Use")


def write(data: LayerData, path: Path, *, documents: Mapping[str, bytes], words: Words) -> tuple[Cut, ...]:
    """Write ``NA_<Name>_<edition>_shapefile.zip``.

    Inside, all lies in ``NA_<Name>``, as in the downloads of the Atlas: ``data/`` with the shapefile, ``metadata/``
    beside it, the texts How_to_Cite and Terms_of_Use above them, and ``manifest.json`` and ``SHA256SUMS``.

    Parameters
    ----------
    documents
        Content by relative path: those below ``metadata/`` and the How_to_Cite and Terms_of_Use texts go in.

    Returns
    -------
    The texts that did not fit into a DBF field.
    """
    # Beside the package, so that the disk that is checked is the disk that is used.
    with tempfile.TemporaryDirectory(prefix=".shapefile-", dir=path.parent) as folder:
        cuts = shapefile.write(data, Path(folder), words=words)
        pack(data, path, {part.name: part for part in sorted(Path(folder).iterdir())}, documents=documents)
    return cuts


def pack(data: LayerData, path: Path, files: Mapping[str, Path], *, documents: Mapping[str, bytes]) -> None:
    """Write a package: ``files`` by name into ``data/``, the texts that belong to it, manifest and sums."""
    when, top = stamp(data), f"NA_{data.spec.name}"
    parts = {f"data/{name}": part for name, part in files.items()}
    texts = {key: documents[key] for key in sorted(documents) if belongs(key)}
    with zips.archive(path) as package:
        for name, part in parts.items():
            zips.add_file(package, f"{top}/{name}", part, when, level=_LEVEL)
        for name, content in (texts | _seal(parts, texts, data)).items():
            zips.add_bytes(package, f"{top}/{name}", content, when)


def _seal(parts: Mapping[str, Path], texts: Mapping[str, bytes], data: LayerData) -> dict[str, bytes]:
    """Return manifest and sums of the package: who gets the zip alone can check it too."""
    listed = {name: seal.facts(part) for name, part in parts.items()}
    listed |= {name: seal.facts_of_bytes(content) for name, content in texts.items()}
    return seal.seal(listed, data)


#: Deflate effort for the data files; a DBF is mostly blanks, and more effort buys next to nothing.
_LEVEL = 4


def belongs(key: str) -> bool:
    """Tell whether a document goes into the package."""
    name = PurePosixPath(key)
    return name.parts[0] == "metadata" or (len(name.parts) == 1 and name.name.startswith(TOP_DOCUMENTS))
