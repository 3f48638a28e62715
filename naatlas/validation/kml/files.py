"""Rules of what a KML links to: other KML, icons and pictures, in the archive, beside it, on the web."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from naatlas.validation.kml.fault import Fault
from naatlas.validation.kml.reading import GX, KML

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from naatlas.validation.kml.reading import Document, Opened

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):")
_DISK = re.compile(r"[A-Za-z]:[\\/]|/|\\\\|file:", re.IGNORECASE)
_IN_TEXT = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']([^\"'>]+)", re.IGNORECASE)
#: Elements whose href is a picture.
_PICTURES = {f"{KML}Icon", f"{KML}ItemIcon"}
#: How the files of pictures begin that viewers show.
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")


class _Target(NamedTuple):
    href: str
    node: etree._Element
    picture: bool


def faults(opened: Opened) -> Iterator[tuple[Document, Fault]]:
    """Yield what is wrong with links in all documents."""
    for document in opened.documents:
        for fault in (*_links(document), *_hrefs(document, opened)):
            yield document, fault


def _links(document: Document) -> Iterator[Fault]:
    for node in document.root.iter(f"{KML}NetworkLink"):
        href = node.findtext(f"{KML}Link/{KML}href") or node.findtext(f"{KML}Url/{KML}href") or ""
        if not href.strip():
            yield Fault("links", f"NetworkLink {node.findtext(f'{KML}name') or ''} leads nowhere", node)
        if node.find(f"{KML}Url") is not None:
            yield Fault("old links", "NetworkLink has an Url", node)


def _targets(document: Document) -> Iterator[_Target]:
    for node in document.root.iter(f"{KML}href", f"{GX}href"):
        above = node.getparent()
        yield _Target((node.text or "").strip(), node, above is not None and above.tag in _PICTURES)
    for node in document.root.iter(f"{KML}description", f"{KML}text"):
        for href in _IN_TEXT.findall(node.text or ""):
            if "$[" not in href:
                yield _Target(href.strip(), node, picture=True)


def _hrefs(document: Document, opened: Opened) -> Iterator[Fault]:
    for target in _targets(document):
        href = target.href
        scheme = _SCHEME.match(href)
        if not href:
            if target.picture:  # an empty href switches an icon off in some viewers, and is missing in others
                continue
            yield Fault("links", "an href is empty", target.node)
        elif _DISK.match(href) or "\\" in href:
            yield Fault("paths", f"{href} is a path of one machine", target.node)
        elif scheme and scheme[1].lower() in {"http", "https", "ftp"}:
            yield Fault("files outside", f"{href} is fetched from the web", target.node)
        elif not scheme:
            yield from _local(target, document, opened)


def _local(target: _Target, document: Document, opened: Opened) -> Iterator[Fault]:
    name = document.path(unquote(re.split(r"[?#]", target.href)[0]))
    if opened.members is None:
        if opened.head(name) is None:
            yield Fault("files beside", f"{target.href} is not beside the file", target.node)
            return
    elif name not in opened.members:
        alike = [member for member in opened.members if member.lower() == name.lower()]
        more = f"; there is {alike[0]}, and capital letters count" if alike else ""
        yield Fault("files inside", f"{target.href} is not in the archive{more}", target.node)
        return
    if target.picture and not (opened.head(name) or b"").startswith(_MAGIC):
        yield Fault("pictures", f"{target.href} is no picture that viewers show", target.node)
