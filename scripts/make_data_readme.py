"""Write data/README.md from the specifications of the layers.

Usage: python scripts/make_data_readme.py
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from naatlas import registry
from naatlas.spec import Csv, Excel, RasterFile, TextGrid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.spec import LayerSpec, Source

TARGET = Path(__file__).parents[1] / "data" / "README.md"

HEAD = """# Inputs

Which national files each layer takes, where to get them and under which licence. This page is generated from the
specifications of the layers: change those, then run `python scripts/make_data_readme.py`.

Put the files below one folder and name it with `--data FOLDER` or the environment variable `NAATLAS_DATA`; a file may
stand at the path shown or, under the same name, directly in that folder, gzipped or not. Without a folder,
the starter inputs in the package are used: a selection of public facts in the same layouts, with source and
attribution in every row.
`naatlas sources LAYER --data FOLDER` tells what is found and what is missing.

Bytes that went wrong on the way: a file that is known is told by its SHA-256 (`naatlas sources`), and one that is not
known by its checksums where it has some. GDAL unpacks a damaged tile of a GeoTIFF without a word about half of the
time, so the tiles of those packed with deflate are compared with their checksums before they are read. LZW, ZSTD and
files that are not packed carry none: compare the SHA-256 with the publisher's. Products carry `SHA256SUMS`, which
`naatlas validate` compares.
"""


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(_layer(registry.spec(slug)) for slug in registry.slugs())


def _layer(spec: LayerSpec) -> str:
    return "\n".join(_lines(spec)) + "\n"


def _lines(spec: LayerSpec) -> Iterator[str]:
    yield f"\n## {spec.slug}\n"
    if spec.uses:
        below = ", ".join(_below(spec, slug) for slug in spec.uses)
        own = "" if spec.sources else "; reads no file of its own"
        yield f"Stands on {below}{own}.\n"
    used = {name for edition in spec.editions for name in edition.sources}
    for edition in spec.editions:
        if edition.sources:
            listed = ", ".join(f"`{source}`" for source in edition.sources)
            yield f"Edition {edition.name}{' (default)' if edition.default else ''}: {listed}\n"
    for source in spec.sources:
        yield from _source(source, used=source.id in used)


def _below(spec: LayerSpec, slug: str) -> str:
    """Name a layer that another stands on, and its edition."""
    named = {edition.uses.get(slug) for edition in spec.editions} - {None}
    told = f"edition {', '.join(sorted(map(str, named)))}" if named else "the same edition"
    return f"`{slug}` of {told}"


def _source(source: Source, *, used: bool) -> Iterator[str]:
    yield f"### `{source.id}`\n"
    yield f"- {source.title}; {source.publisher}; describes {source.vintage}"
    yield f"- file: `{source.path}` ({_layout(source)}){', inside the package' if source.packaged else ''}"
    yield f"- from: <{source.landing_page}>"
    checked = "" if source.licence.checked else "; the publisher's general licence, not stated in the file"
    licence = source.licence
    yield f"- licence: [{licence.name}]({licence.url}){checked}. {licence.attribution}"
    if not source.packaged:
        yield f"- starter inputs: {f'`{source.starter}`' if source.starter else 'none'}"
    if source.optional:
        yield "- optional: without it the layer is built and says so"
    if not used:
        yield "- no edition takes it yet; its layout is declared and tested"
    yield ""


def _layout(source: Source) -> str:
    layout = source.layout
    if isinstance(layout, Csv):
        mark = "tab" if layout.delimiter == "\t" else layout.delimiter
        return f"text, {layout.encoding}, delimiter {mark}, header in row {layout.header_row}"
    if isinstance(layout, Excel):
        return f"workbook, sheet {layout.sheet}, header in row {layout.header_row}"
    return "raster" if isinstance(layout, RasterFile | TextGrid) else "vector"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(page(), encoding="utf-8")
