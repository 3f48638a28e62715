"""What the commands ``info``, ``sources`` and ``inspect`` print."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from naatlas import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from naatlas.metadata.words import Words
    from naatlas.spec import Edition, Field, Language, LayerSpec, Source

_STALE = (
    "the file is not the one that its specification was written for. The build reads it all the same, under the "
    "vintage shown: confirm that, or correct the vintage in the layer's specification, then run "
    "scripts/make_known_files.py."
)
#: Characters a line at a terminal.
WIDTH = 100


def layers() -> list[dict[str, Any]]:
    """Tell of every layer its geometry, group and editions, and whether it takes the national files to build it."""
    return [_layer(registry.spec(slug)) for slug in registry.slugs()]


def _layer(spec: LayerSpec) -> dict[str, Any]:
    editions = _editions(spec)
    default = next(edition for edition in editions if edition.default)
    return {
        "slug": spec.slug,
        "geometry": spec.geometry,
        "group": spec.group,
        "editions": [edition.name for edition in editions],
        "default": default.name,
        "needs_data": _needs_data(list(_all_sources(spec, default))),
    }


def _editions(spec: LayerSpec) -> tuple[Edition, ...]:
    """Editions of the layer, or of the first layer it stands on."""
    return spec.editions or (_editions(registry.spec(spec.uses[0])) if spec.uses else ())


def _needs_data(wanted: Sequence[Source]) -> bool:
    """Tell whether the package lacks a file that must be there, or holds none at all."""
    lacking = [source for source in wanted if not (source.packaged or source.starter)]
    return len(lacking) == len(wanted) or not all(source.optional for source in lacking)


def layers_text(told: Iterable[dict[str, Any]]) -> str:
    """Lay the same out for a reader at a terminal."""
    return "\n".join(map(_layer_line, told))


def _layer_line(told: Mapping[str, Any]) -> str:
    editions = ", ".join(f"{e}{' (default)' if e == told['default'] else ''}" for e in told["editions"])
    needs = "; needs --data" if told["needs_data"] else ""
    return f"{told['slug']:24} {told['geometry']:10} {editions}{needs}"


def layer(slug: str, language: Language = "en") -> dict[str, Any]:
    """Tell a layer's words, fields, editions, options and gaps."""
    from naatlas.metadata import words as layer_words  # YAML is loaded only for words

    spec = registry.spec(slug)
    words = layer_words.load(slug)
    return {
        "slug": slug,
        "title": words.text("title", language),
        "abstract": words.text("abstract", language),
        "limitations": words.text("limitations", language),
        "geometry": spec.geometry,
        "uses": list(spec.uses),
        "editions": [
            {"name": e.name, "default": e.default, "sources": list(e.sources)} for e in spec.editions
        ],
        "options": [{"name": o.name, "default": o.default, "help": o.help} for o in spec.options],
        "fields": [_field(f, words, language) for f in spec.fields],
        "gaps": [{"field": g.field, "country": g.country or "all", "why": g.why} for g in spec.gaps],
    }


def _field(field: Field, words: Words, language: Language) -> dict[str, Any]:
    return {
        "name": field.name,
        "shapefile": field.dbf,
        "type": field.dtype,
        "unit": field.unit,
        "label": words.label(field.name, language),
        "definition": words.definitions[field.name][language],
        "required": field.required,
    }


def layer_text(told: dict[str, Any]) -> str:
    """Lay the same out for a reader at a terminal."""
    lines = [told["title"], "=" * len(told["title"]), "", *_paragraphs(told["abstract"]), "", "Limits", ""]
    lines += [*_paragraphs(told["limitations"]), "", "Editions", ""]
    for edition in told["editions"]:
        name = f"{edition['name']}{' (default)' if edition['default'] else ''}"
        lines += _hanging(f"{name}:", ", ".join(edition["sources"] or told["uses"]))
    if told["options"]:
        lines += ["", "Options of naatlas build", ""]
    for option in told["options"]:
        flag = f"--{option['name'].replace('_', '-')}"
        lines += _hanging(flag, f"{option['help']} Default: {option['default']}")
    lines += ["", "Fields", "", *_table(["name", "shapefile", "unit", "label"], _field_rows(told["fields"]))]
    if told["gaps"]:
        lines += ["", "Gaps", ""]
        lines += _table(
            ["field", "country", "why"], [[g["field"], g["country"], g["why"]] for g in told["gaps"]]
        )
    return "\n".join(lines)


def _field_rows(fields: Iterable[dict[str, Any]]) -> list[list[str]]:
    return [
        [f["name"], f["shapefile"] or "-", (f["unit"] or f["type"]).replace("_", " "), f["label"]]
        for f in fields
    ]


def _paragraphs(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False)


def _hanging(name: str, text: str, indent: str = "  ") -> list[str]:
    """Begin with a name, and set the following lines in below the text."""
    return textwrap.wrap(
        f"{name} {text}", WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ",
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Align columns; what does not fit into the last one goes on in the next line."""
    rows = [heads, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads) - 1)]
    indent = " " * (2 + sum(width + 2 for width in widths))
    lines = []
    for row in rows:
        start = "  " + "".join(f"{cell:{width}}  " for cell, width in zip(row, widths, strict=False))
        last = textwrap.wrap(row[-1], max(WIDTH - len(indent), 20), break_on_hyphens=False) or [""]
        lines += [f"{start}{last[0]}".rstrip(), *(f"{indent}{line}" for line in last[1:])]
    return lines


def sources(slug: str, data: Path | None, edition: str | None) -> dict[str, Any]:
    """Tell which files an edition takes and whether they are there; a layer that uses another one needs its files."""
    spec = registry.spec(slug)
    chosen = spec.edition(edition)
    listed = [_source(s, data) for s in _all_sources(spec, chosen)]
    return {
        "slug": slug,
        "edition": chosen.name,
        "data": f"data folder {data}" if data else "starter inputs",
        "sources": listed,
    }


def _all_sources(spec: LayerSpec, edition: Edition) -> Iterable[Source]:
    yield from (spec.source(s) for s in edition.sources)
    for used in spec.uses:
        below = registry.spec(used)
        yield from _all_sources(below, below.edition(edition.of(used)))


def _file(source: Source, data: Path | None) -> str | None:
    if source.packaged:
        return f"package/{source.path}"
    return source.path if data else source.starter


def _state(source: Source, data: Path | None) -> str:
    """Return ``found``, ``stale``, ``absent (optional)`` or ``missing``."""
    from naatlas.sources import find, known

    path = find(source, data)
    if path is None:
        return "absent (optional)" if source.optional else "missing"
    return "stale" if data and not source.packaged and known.is_stale(source, path, data) else "found"


def _source(source: Source, data: Path | None) -> dict[str, Any]:
    return {
        "id": source.id,
        "state": _state(source, data),
        "file": _file(source, data),
        "title": source.title,
        "publisher": source.publisher,
        "vintage": source.vintage,
        "landing_page": source.landing_page,
        "licence": source.licence.name,
    }


def sources_text(told: dict[str, Any]) -> str:
    """Lay the same out for a reader at a terminal."""
    lines = [f"{told['slug']} {told['edition']}, {told['data']}"]
    for source in told["sources"]:
        lines += ["", f"{source['state']}: {source['id']} ({source['vintage']})"]
        lines += [f"  {source['file'] or 'no starter rows'}"]
        lines += _hanging(f"{source['title']},", source["publisher"])
        lines += [*_hanging("licence:", source["licence"]), f"  {source['landing_page']}"]
    states = [source["state"] for source in told["sources"]]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    stale = _hanging("stale:", _STALE, "") if "stale" in states else []
    return "\n".join([*lines, "", counts, *stale])


def file_text(told: Mapping[str, Any]) -> str:
    """Lay the facts of ``naatlas inspect`` out for a reader at a terminal."""
    size = "" if told["size"] is None else f", {told['size']:,} bytes"
    lines = [f"{told['name']}: {told['format']}{size}"]
    if told.get("sha256"):
        lines += [f"sha256 {told['sha256']}"]
    if "encodings" in told:
        lines += [f"decodes as {' or '.join(told['encodings'])}; delimiter {told['delimiter']!r}"]
        lines += _grid(told)
    for sheet in told.get("sheets", ()):
        lines += ["", f"sheet {sheet['sheet']!r}", *_grid(sheet)]
    for member in told.get("members", ()):
        lines += [f"  {member['size']:>14,}  {member['name']}"]
    if "raster" in told:
        lines += ["", *_raster_facts(told["raster"])]
    for layer in told.get("layers", ()):
        lines += ["", *_layer_facts(layer)]
    return "\n".join(lines)


def _grid(told: Mapping[str, Any]) -> list[str]:
    if not told["header_row"]:
        return ["empty"]
    lines = [f"header in row {told['header_row']}, {told['rows']:,} rows below it"]
    rows = [[_short(name), _short(" | ".join(told["first"].get(name, [])), 60)] for name in told["columns"]]
    return [*lines, "", *_table(["column", "first values"], rows)]


def _layer_facts(told: Mapping[str, Any]) -> list[str]:
    crs = told["crs"] or "none given"
    lines = [f"layer {told['layer']!r}: {told['rows']:,} x {told['geometry']}, {told['driver']}"]
    lines += _hanging("coordinate system:", str(crs), "")
    first = told["first"]
    rows = [
        [name, kind, _short(" | ".join(str(record.get(name, "")) for record in first), 60)]
        for name, kind in told["columns"].items()
    ]
    return [*lines, "", *_table(["column", "type", "first values"], rows)]


def _raster_facts(told: Mapping[str, Any]) -> list[str]:
    lines = [f"{told['columns']:,} x {told['rows']:,} cells, {told['driver']}"]
    lines += _hanging("coordinate system:", str(told["crs"] or "none given"), "")
    west, south, east, north = (f"{value:.10g}" for value in told["bounds"])
    lines += [f"cells of {' x '.join(f'{side:.10g}' for side in told['cell'])}, in its units"]
    lines += [f"from {west}, {south} to {east}, {north}", ""]
    rows = [
        [
            str(n),
            b["type"],
            "none" if b["nodata"] is None else f"{b['nodata']:g}",
            "yes" if b["colours"] else "",
            b["name"],
        ]
        for n, b in enumerate(told["bands"], start=1)
    ]
    return [*lines, *_table(["band", "type", "no data", "colours", "name"], rows)]


def _short(text: str, width: int = 48) -> str:
    """Keep one line: no line breaks, and no more than fits."""
    plain = " ".join(text.split())
    return plain if len(plain) <= width else f"{plain[: width - 3]}..."
