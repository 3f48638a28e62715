"""The root document: one small KML that links every published layer below a folder, so that users have the newest."""

from __future__ import annotations

import json
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import simplekml
from lxml import etree

from naatlas.errors import InputError, UsageError
from naatlas.export.seal import MANIFEST
from naatlas.publish.mend import mended
from naatlas.publish.tour import FOLDER
from naatlas.publish.written import replaced
from naatlas.text import escape
from naatlas.validation.release import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from naatlas.metadata.words import Text
    from naatlas.spec import Language

#: A layer narrower than this (degrees) is fetched when it comes into view; one of the whole continent always is in it.
_NARROW_DEGREES, _LEAST_PIXELS = 60.0, 64
_NAME = "{http://www.opengis.net/kml/2.2}name"
_WORDS: Mapping[str, Text] = {
    "atlas": {
        "en": "North American Environmental Atlas",
        "fr": "Atlas environnemental de l'Amérique du Nord",
        "es": "Atlas ambiental de América del Norte",
    },
    "layers": {"en": "Map layers", "fr": "Couches cartographiques", "es": "Capas cartográficas"},
    "others": {
        "en": "Earlier editions and selections",
        "fr": "Éditions antérieures et sélections",
        "es": "Ediciones anteriores y selecciones",
    },
    "tours": {"en": "Guided tours", "fr": "Visites guidées", "es": "Recorridos guiados"},
    "hint": {
        "en": "Turn a layer on to load it.",
        "fr": "Activez une couche pour la charger.",
        "es": "Active una capa para cargarla.",
    },
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A published product: its folder and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def order(self) -> tuple[str, bool, str, str]:
        """Layer by layer, default products before selections."""
        told = self.manifest
        return (
            str(told["layer"]),
            bool(told.get("variant")),
            str(told["edition"]),
            str(told.get("variant", "")),
        )

    def kmz(self, language: Language) -> Path | None:
        """Return its KMZ in a language; None where it has none."""
        ending = f"_{language}.kmz"
        name = next((name for name in self.manifest["files"] if name.endswith(ending)), None)
        return None if name is None else self.folder / name

    def box(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north of a layer that is worth a region; None for the others."""
        item = next(iter(sorted((self.folder / "metadata" / "stac").glob("NA_*.json"))), None)
        box = None if item is None else json.loads(item.read_text(encoding="utf-8")).get("bbox")
        if not box or len(box) != 4 or not 0 < box[2] - box[0] < _NARROW_DEGREES or box[1] >= box[3]:  # noqa: PLR2004
            return None
        return box[0], box[1], box[2], box[3]


@dataclass(frozen=True, slots=True)
class Root:
    """What was written.

    Attributes
    ----------
    refused
        Product folder, as below the root, and why it is not linked.
    """

    files: tuple[Path, ...]
    linked: tuple[str, ...]
    refused: Mapping[str, tuple[str, ...]]

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "files": [str(path) for path in self.files],
            "linked": list(self.linked),
            "refused": {name: list(why) for name, why in self.refused.items()},
        }

    def text(self) -> str:
        """For a reader at a terminal."""
        lines = [f"{len(self.linked)} layers linked from {', '.join(path.name for path in self.files)}"]
        lines += [f"  {name}" for name in self.linked]
        lines += [f"  left out: {name}: {'; '.join(why)}" for name, why in self.refused.items()]
        return "\n".join(lines)


def write(folder: Path, *, languages: Sequence[Language], refresh_s: float | None = None) -> Root:
    """Write ``NA_Atlas_<language>.kml`` into a folder of products, with a relative link to each of their KMZ files.

    The newest edition of a layer stands in front, earlier editions and selections in a folder of their own. All are
    off at opening. Drafts and restricted products are left out.

    Parameters
    ----------
    refresh_s
        Seconds after which a viewer fetches a layer again; None: when the web server says that it is out of date.

    Raises
    ------
    UsageError
        No product below the folder may be linked.
    """
    layers = sorted(_layers(folder), key=lambda layer: layer.order)
    why = {layer.folder.relative_to(folder).as_posix(): refusals(layer.manifest) for layer in layers}
    refused = {name: told for name, told in why.items() if told}
    free = [layer for layer in layers if not refusals(layer.manifest)]
    linked = [layer for layer in free if any(layer.kmz(language) for language in languages)]
    if not linked:
        told = "; ".join(f"{name}: {'; '.join(reasons)}" for name, reasons in refused.items())
        raise UsageError(f"{folder}: no published layer with KMZ below it{f' ({told})' if told else ''}")
    files = tuple(_write(folder, linked, language, refresh_s) for language in languages)
    names = tuple(layer.folder.relative_to(folder).as_posix() for layer in linked)
    return Root(files, names, refused)


def _layers(folder: Path) -> Iterator[Layer]:
    for path in sorted(folder.rglob(MANIFEST)):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # a product that is being built
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(
                f"{path}: is no manifest of naatlas ({error}); build the product again"
            ) from error
        if isinstance(told, dict) and {"layer", "edition", "files"} <= told.keys():
            yield Layer(path.parent, told)


def _write(folder: Path, layers: Sequence[Layer], language: Language, refresh_s: float | None) -> Path:
    document = simplekml.Kml(name=escape(_WORDS["atlas"][language]), open=1)
    document.document.snippet = simplekml.Snippet(_WORDS["hint"][language], maxlines=1)
    newest = {layer.manifest["layer"]: layer for layer in layers if not layer.manifest.get("variant")}
    front = [layer for layer in layers if newest.get(layer.manifest["layer"]) is layer]
    groups = {"layers": front, "others": [layer for layer in layers if layer not in front]}
    for name, group in groups.items():
        paths = [(path, layer) for layer in group if (path := layer.kmz(language))]
        if paths:
            into = document.newfolder(name=escape(_WORDS[name][language]), open=int(name == "layers"))
            for path, layer in sorted(paths, key=lambda pair: _plain(title(pair[0]))):
                _link(into, path, folder, refresh_s, layer.box())
    if tours := sorted((folder / FOLDER).glob(f"NA_*_Tour_{language}.kmz")):
        into = document.newfolder(name=escape(_WORDS["tours"][language]))
        for path in tours:
            _link(into, path, folder, refresh_s, None)
    target = folder / f"NA_Atlas_{language}.kml"
    with replaced(target) as path:
        path.write_bytes(mended(document))
    return target


def _link(
    into: simplekml.Folder,
    path: Path,
    folder: Path,
    refresh_s: float | None,
    box: tuple[float, float, float, float] | None,
) -> None:
    """Add a link that is off at opening, fetches again as told, and a small layer only when it comes into view."""
    told = into.newnetworklink(name=escape(title(path)), visibility=0)
    told.refreshvisibility, told.flytoview = 0, 0
    told.link.href = quote(path.relative_to(folder).as_posix())
    told.link.refreshmode = "onExpire" if refresh_s is None else "onInterval"
    if refresh_s is not None:
        told.link.refreshinterval = refresh_s
    if box:
        west, south, east, north = box
        told.region.latlonaltbox = simplekml.LatLonAltBox(north=north, south=south, east=east, west=west)
        told.region.lod = simplekml.Lod(minlodpixels=_LEAST_PIXELS, maxlodpixels=-1)
        told.link.viewrefreshmode = "onRegion"


def _plain(name: str) -> str:
    """Return a name without accents, to sort by."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


def title(path: Path) -> str:
    """Return the name of the document in a KMZ, in its language, with edition and selection.

    Raises
    ------
    InputError
        It is no KMZ, or its document has no name.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open("doc.kml") as stream:
            for _, node in etree.iterparse(stream, tag=_NAME, resolve_entities=False, no_network=True):
                return node.text or path.stem
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError) as error:
        raise InputError(f"{path}: cannot be read ({error}); build the product again") from error
    raise InputError(f"{path}: its document has no name; build the product again")
