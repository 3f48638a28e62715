"""Rules of what a reader is told: names, texts, times, tours."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from naatlas.validation.kml.fault import Fault
from naatlas.validation.kml.reading import GX, KML, features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from naatlas.validation.kml.reading import Document, Opened

_FEATURES = ("Placemark", "Folder", "NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_ACTIVE = {"script", "iframe", "object", "embed", "form", "link", "meta", "base"}
#: Quick look: only a text in which this is found is read as HTML.
_SUSPECT = re.compile(rf"<\s*({'|'.join(sorted(_ACTIVE))})\b|\bon\w+\s*=|javascript:", re.IGNORECASE)
_DATE = re.compile(
    r"(-?\d{4,})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T([\d:.]+)(Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_CLOCK = re.compile(r"([01]\d|2[0-4]):[0-5]\d:[0-5]\d(\.\d+)?")


def faults(opened: Opened) -> Iterator[tuple[Document, Fault]]:
    """Yield what is wrong with names, texts, times and tours in all documents."""
    for document in opened.documents:
        for rule in (_names, _scripts, _times, _tours):
            for fault in rule(document):
                yield document, fault
    main = opened.documents[0]
    if main.encoding not in {"UTF-8", "US-ASCII", "ASCII"}:
        yield main, Fault("encoding", f"the file is in {main.encoding}", main.root)
    if opened.members is not None and "/" in main.name:
        yield (
            main,
            Fault("doc.kml", f"no KML lies at the top of the archive; {main.name} is taken for the main one"),
        )


def _names(document: Document) -> Iterator[Fault]:
    for node in features(document.root, *_FEATURES):
        if not (node.findtext(f"{KML}name") or "").strip():
            yield Fault("names", f"a {str(node.tag).removeprefix(KML)} has no name", node)


class _Reader(HTMLParser):
    """Collects what acts in a text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag or attribute that acts."""
        if tag in _ACTIVE:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"{name} of <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"javascript: in <{tag}>")


def _scripts(document: Document) -> Iterator[Fault]:
    for node in document.root.iter(f"{KML}description", f"{KML}text", f"{KML}Snippet"):
        text = node.text or ""
        if _SUSPECT.search(text) and (found := _Reader(text).found):
            yield Fault(
                "scripts", f"{', '.join(dict.fromkeys(found))} in {str(node.tag).removeprefix(KML)}", node
            )


def _times(document: Document) -> Iterator[Fault]:
    for node in document.root.iter(f"{KML}begin", f"{KML}end", f"{KML}when"):
        text = (node.text or "").strip()
        if text and not _is_date(text):
            yield Fault("times", f"{text[:40]!r} is no date", node)
    for span in document.root.iter(f"{KML}TimeSpan", f"{GX}TimeSpan"):
        begin, end = ((span.findtext(f"{KML}{name}") or "").strip() for name in ("begin", "end"))
        if _after(begin, end):
            yield Fault("times", f"it begins {begin}, after its end {end}", span)


def _is_date(text: str) -> bool:
    told = _DATE.fullmatch(text)
    return bool(told) and (told is None or told[4] is None or bool(_CLOCK.fullmatch(told[4])))


def _after(begin: str, end: str) -> bool:
    """Compare as far as both say: 2023-05 does not begin after 2023."""
    one, other = (_parts(text) for text in (begin, end))
    shared = min(len(one), len(other))
    return one[:shared] > other[:shared]


def _parts(text: str) -> tuple[int, ...]:
    told = _DATE.fullmatch(text)
    return tuple(int(part) for part in told.groups()[:3] if part) if told else ()


def _tours(document: Document) -> Iterator[Fault]:
    for tour in document.root.iter(f"{GX}Tour"):
        lists = tour.findall(f"{GX}Playlist")
        if len(lists) != 1 or not len(lists[0]):
            yield Fault(
                "tours", f"gx:Tour {tour.findtext(f'{KML}name') or ''} has no gx:Playlist with stops", tour
            )
    for fly in document.root.iter(f"{GX}FlyTo"):
        if fly.find(f"{KML}LookAt") is None and fly.find(f"{KML}Camera") is None:
            yield Fault("tours", "a gx:FlyTo has neither LookAt nor Camera", fly)
    for node in document.root.iter(f"{GX}duration", f"{GX}delayedStart"):
        if not _is_long(node):
            yield Fault("tours", f"{(node.text or '').strip()!r} is no number of seconds", node)
    yield from _updates(document)


def _is_long(node: etree._Element) -> bool:
    try:
        return float(node.text or "") >= 0
    except ValueError:
        return False


def _updates(document: Document) -> Iterator[Fault]:
    known = {node.get("id") for node in document.root.iter() if "id" in node.attrib}
    for update in document.root.iter(f"{GX}AnimatedUpdate"):
        for node in update.iter():
            target = node.get("targetId") if isinstance(node.tag, str) else None
            if target and target not in known:
                yield Fault("tours", f"a tour changes {target!r}, which is not there", node)
