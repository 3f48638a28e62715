"""The looks of a product: style files, legends, GeoPackage, KMZ and raster show each class in one colour."""

from __future__ import annotations

import sqlite3
import zipfile
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from lxml import etree

from naatlas import registry, styles
from naatlas.errors import AtlasError
from naatlas.validation import colours as reading
from naatlas.validation.verdict import Point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from naatlas.spec import Geometry, LayerSpec
    from naatlas.styles import Style
    from naatlas.validation.colours import Numbers, Shown

_AGAIN = "build the product again"
#: What reading a damaged file may end in.
_BROKEN = (AtlasError, AttributeError, IndexError, KeyError, OSError, TypeError, ValueError, StopIteration,
           etree.XMLSyntaxError, sqlite3.Error, zipfile.BadZipFile)  # fmt: skip


def points(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Point]:
    """Judge a product folder by the style of its layer, as this naatlas has it.

    Parameters
    ----------
    manifest
        Content of its ``manifest.json``: layer and edition.
    """
    told = _layer(manifest)
    if told is None:
        return
    spec, style, numbers = told
    wanted = expected(style, spec.geometry)
    shown: dict[str, Shown] = {}
    for name, read in _files(folder, style, numbers):
        try:
            shown[name] = read()
        except _BROKEN as error:
            yield Point(
                "colours", "failed", f"cannot be read ({' '.join(str(error).split())})", _AGAIN, part=name
            )
    yield from _compared({name: colours for name, colours in shown.items() if colours}, wanted)


def expected(style: Style, geometry: Geometry) -> Shown:
    """Return what every product must show; cells without class are no cells."""
    codes: list[str | None] = [*style.colours, *([] if geometry == "Raster" else [None])]
    return {code: style.colour(code, geometry) for code in codes}


def _layer(manifest: Mapping[str, Any]) -> tuple[LayerSpec, Style, Numbers] | None:
    slug, edition = str(manifest.get("layer")), str(manifest.get("edition", "")).partition("-")[0]
    if slug not in registry.slugs():
        return None
    spec = registry.spec(slug)
    if spec.raster is None:
        return spec, styles.load(slug), {}
    rules = spec.rules(edition)
    return spec, styles.load(rules.style or slug), {str(number): code for code, number in rules.codes.items()}


def _files(folder: Path, style: Style, numbers: Numbers) -> Iterator[tuple[str, Callable[[], Shown]]]:
    """Yield each file that shows classes, and how to read it."""
    readers: dict[str, Callable[[Path], Shown]] = {
        "styles/*.qml": lambda path: reading.of_qml(path.read_bytes(), numbers),
        "styles/*.sld": lambda path: reading.of_sld(path.read_bytes(), numbers),
        "styles/*.maplibre.json": lambda path: reading.of_maplibre(path.read_bytes()),
        "styles/*.svg": lambda path: reading.of_svg(path.read_bytes()),
        "*.gpkg": reading.of_gpkg,
        "*.kmz": lambda path: reading.of_kmz(path, style),
        "*.tif": lambda path: reading.of_tif(path, numbers),
    }
    for pattern, reader in readers.items():
        for path in sorted(folder.glob(pattern)):
            yield path.relative_to(folder).as_posix(), partial(reader, path)


def _compared(shown: Mapping[str, Shown], wanted: Shown) -> Iterator[Point]:
    """Tell files that differ from the style; where all agree on another colour, the style has changed since."""
    seen: dict[str | None, set[str]] = defaultdict(set)
    for colours in shown.values():
        for code, colour in colours.items():
            seen[code].add(colour)
    changed = {code for code, colours in seen.items() if len(colours) == 1 and colours != {wanted.get(code)}}
    wrong = {name: _told(colours, wanted, changed) for name, colours in shown.items()}
    for name, told in wrong.items():
        if told:
            yield Point("colours", "failed", told, _AGAIN, part=name)
    if changed:
        named = ", ".join(sorted(code or "no class" for code in changed))
        yield Point("colours", "warning", f"the style of this naatlas has other colours for {named}", _AGAIN)
    elif shown and not any(wrong.values()):
        yield Point(
            "colours", "passed", f"{len(shown)} files show the {len(wanted)} classes in the same colours"
        )


def _told(colours: Shown, wanted: Shown, changed: set[str | None]) -> str:
    return ", ".join(
        f"{code or 'no class'} is {colour}, not {wanted.get(code, 'in the style')}"
        for code, colour in colours.items()
        if code not in changed and colour != wanted.get(code)
    )
