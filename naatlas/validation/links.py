"""Links of a product's pages and of its style for web maps: what they lead to lies in the product."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from naatlas.validation.verdict import Point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_AGAIN = "build the product again"
_PAGES = ("*.html", "metadata/*.html")
_WEB_STYLES = "styles/*.maplibre.json"


def points(folder: Path) -> Iterator[Point]:
    """Judge all pages and web styles of a product folder; in a package pages are copies, and say so."""
    if (folder / "data").is_dir():
        return
    count, files, broken = 0, 0, False
    for path, read in _files(folder):
        told, links = "", []
        try:
            links = read(path)
        except (AttributeError, KeyError, TypeError, ValueError, etree.ParserError) as error:
            told = f"cannot be read ({' '.join(str(error).split())})"
        if lost := sorted({link for link in links if not _leads(path, link)}):
            told = f"{', '.join(lost)} {'leads' if len(lost) == 1 else 'lead'} nowhere"
        if told:
            yield Point("links", "failed", told, _AGAIN, part=path.relative_to(folder).as_posix())
        count, files, broken = count + len(links), files + 1, broken or bool(told)
    if files and not broken:
        yield Point("links", "passed", f"{count} links of {files} pages and web styles lead somewhere")


def _files(folder: Path) -> Iterator[tuple[Path, Callable[[Path], list[str]]]]:
    yield from ((path, _of_page) for pattern in _PAGES for path in sorted(folder.glob(pattern)))
    yield from ((path, _of_style) for path in sorted(folder.glob(_WEB_STYLES)))


def _of_page(path: Path) -> list[str]:
    """Return the links that stay in the product, and those to a place in the page that is not there."""
    root = html.document_fromstring(path.read_bytes())
    ids = {node.get("id") for node in root.iter() if node.get("id")}
    links = [
        str(link) for node in root.iter() for name in ("href", "src") if (link := node.get(name)) is not None
    ]
    return [link for link in links if _is_own(link) and link.removeprefix("#") not in ids]


def _of_style(path: Path) -> list[str]:
    """Return the addresses of a style that are not of the web, and the sources of its layers that it does not have."""
    told: dict[str, Any] = json.loads(path.read_bytes())
    own = [
        told.get("sprite"),
        told.get("glyphs"),
        *(url for s in told["sources"].values() for url in _urls(s)),
    ]
    named = {layer["source"] for layer in told["layers"] if "source" in layer}
    return [*(str(link) for link in own if link and _is_own(link)), *sorted(named - told["sources"].keys())]


def _urls(source: Mapping[str, Any]) -> list[str]:
    return [
        *source.get("tiles", ()),
        *(source[key] for key in ("url", "data") if isinstance(source.get(key), str)),
    ]


def _is_own(link: str) -> bool:
    """Tell whether a link stays in the product: no address, and no picture that stands in the page itself."""
    parts = urlsplit(link)
    return not parts.scheme and not parts.netloc


def _leads(path: Path, link: str) -> bool:
    target = unquote(urlsplit(link).path)
    return bool(target) and (path.parent / target).exists()
