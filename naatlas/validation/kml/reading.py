"""A KML or KMZ opened, whoever wrote it: all KML inside, in the names of KML 2.2."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from naatlas.errors import InputError
from naatlas.sources import archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMESPACE = "http://www.opengis.net/kml/2.2"
KML = f"{{{NAMESPACE}}}"
GX = "{http://www.google.com/kml/ext/2.2}"
#: Names that KML went by before it was a standard, and that files still have.
_OLD = "http://earth.google.com/kml/"


@dataclass(frozen=True, slots=True)
class Document:
    """One KML.

    Attributes
    ----------
    name
        Path in the archive, or name of the file.
    root
        With all elements of KML in the namespace of 2.2, whatever the file has.
    namespace
        The one that the file has; empty for none.
    encoding
        As declared.
    shown
        There are others: places are told with the name.
    """

    name: str
    root: etree._Element
    namespace: str
    encoding: str
    shown: bool = False

    def path(self, href: str) -> str:
        """Return the path in the archive that a relative href of this file leads to."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.name), href))


@dataclass(frozen=True, slots=True)
class Opened:
    """A KML or KMZ.

    Attributes
    ----------
    documents
        The main one first.
    members
        Names in the archive; None for a bare KML.
    head
        First bytes of a file by its path in the archive, or beside the KML; None where there is none.
    size
        Bytes of all KML, unpacked.
    """

    path: Path
    documents: tuple[Document, ...]
    members: frozenset[str] | None
    head: Callable[[str], bytes | None]
    size: int


def opened(path: Path) -> Opened:
    """Open a KML or KMZ; a KML that is in truth a KMZ is taken for one, and the other way round.

    Raises
    ------
    InputError
        It cannot be opened, is not well-formed, or no KML.
    """
    try:
        if path.suffix.lower() == ".kml" and not zipfile.is_zipfile(path):
            content = path.read_bytes()
            return Opened(
                path, (_document(path.name, content),), None, lambda name: _beside(path, name), len(content)
            )
        return _kmz(path)
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        NotImplementedError,
        LookupError,
    ) as error:
        # the text of an XML error ends in the name of the stream, which says nothing
        told = " ".join((getattr(error, "msg", None) or str(error)).split())
        raise InputError(f"{path.name}: cannot be read ({told}); write the file again") from error
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror or error}); get it again") from error


def _kmz(path: Path) -> Opened:
    archive.check_zip(path, name=path.name)
    with zipfile.ZipFile(path) as kmz:
        names = kmz.namelist()
        told = sorted((n for n in names if n.lower().endswith(".kml")), key=lambda n: "/" in n)
        if not told:
            raise InputError(f"{path.name}: no KML inside")
        contents = {name: kmz.read(name) for name in told}
        heads = {name: _head(kmz, name) for name in names if not name.endswith("/")}
    documents = tuple(_document(name, content, shown=len(told) > 1) for name, content in contents.items())
    size = sum(map(len, contents.values()))
    return Opened(path, documents, frozenset(names), heads.get, size)


def _document(name: str, content: bytes, *, shown: bool = False) -> Document:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(content, parser)
    namespace = etree.QName(root).namespace or ""
    if namespace != NAMESPACE and (not namespace or namespace.startswith(_OLD)):
        _rename(root, namespace)
    return Document(name, root, namespace, (root.getroottree().docinfo.encoding or "UTF-8").upper(), shown)


def _rename(root: etree._Element, namespace: str) -> None:
    for node in root.iter(f"{{{namespace}}}*" if namespace else "{}*"):
        node.tag = f"{KML}{etree.QName(node).localname}"


def _beside(path: Path, name: str) -> bytes | None:
    try:
        with (path.parent / name).open("rb") as file:
            return file.read(16)
    except (OSError, ValueError):
        return None


def _head(kmz: zipfile.ZipFile, name: str) -> bytes:
    """Return the first bytes of a member; none of one that is damaged."""
    try:
        with kmz.open(name) as member:
            return member.read(16)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return b""


def features(root: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Yield the elements of these names; in an Update those that it creates, not those that it changes or deletes."""
    for node in root.iter(*(f"{KML}{name}" for name in names)):
        if "targetId" not in node.attrib:
            yield node


def ids(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield all ids and the elements that have them."""
    for node in root.iter(etree.Element):
        if "id" in node.attrib:
            yield node.get("id", ""), node
