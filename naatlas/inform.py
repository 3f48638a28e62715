"""What the commands ``info``, ``sources`` and ``inspect`` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from naatlas import registry
from naatlas.metadata import words as layer_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from naatlas.metadata.words import Words
    from naatlas.spec import Edition, Field, Language, LayerSpec, Source


def layer(slug: str, language: Language = "en") -> dict[str, Any]:
    """Tell a layer's words, fields, editions, options and gaps."""
    spec = registry.spec(slug)
    words = layer_words.load(slug)
    return {
        "slug": slug,
        "title": words.text("title", language),
        "abstract": words.text("abstract", language),
        "limitations": words.text("limitations", language),
        "geometry": spec.geometry,
        "uses": list(spec.uses),
        "editions": [{"name": e.name, "default": e.default, "sources": list(e.sources)} for e in spec.editions],
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
    """The same for a reader at a terminal."""
    lines = [told["title"], "", told["abstract"], "", f"Limits: {told['limitations']}", ""]
    lines += [f"Edition {e['name']}{' (default)' if e['default'] else ''}: {', '.join(e['sources'] or told['uses'])}" for e in told["editions"]]
    lines += [f"Option --{o['name'].replace('_', '-')} (default {o['default']}): {o['help']}" for o in told["options"]]
    lines += ["", "Fields"]
    lines += [f"  {f['name']:24} {f['shapefile'] or '-':10} {f['unit'] or f['type']:12} {f['label']}" for f in told["fields"]]
    if told["gaps"]:
        lines += ["", "Gaps"]
        lines += [f"  {g['field']:24} {g['country']:4} {g['why']}" for g in told["gaps"]]
    return "\n".join(lines)


def sources(slug: str, data: Path | None, edition: str | None) -> dict[str, Any]:
    """Tell which files an edition takes and whether they are there; a layer that uses another one needs its files."""
    spec = registry.spec(slug)
    chosen = spec.edition(edition)
    listed = [_source(s, data) for s in _all_sources(spec, chosen)]
    return {"slug": slug, "edition": chosen.name, "data": "data folder" if data else "starter inputs", "sources": listed}


def _all_sources(spec: LayerSpec, edition: Edition) -> Iterable[Source]:
    yield from (spec.source(s) for s in edition.sources)
    for used in spec.uses:
        below = registry.spec(used)
        yield from _all_sources(below, below.edition(edition.name))


def _source(source: Source, data: Path | None) -> dict[str, Any]:
    from naatlas.sources import find

    return {
        "id": source.id,
        "state": "found" if find(source, data) else "absent (optional)" if source.optional else "missing",
        "file": source.path if data else source.starter,
        "title": source.title,
        "publisher": source.publisher,
        "vintage": source.vintage,
        "landing_page": source.landing_page,
        "licence": source.licence.name,
    }


def sources_text(told: dict[str, Any]) -> str:
    """The same for a reader at a terminal."""
    lines = [f"{told['slug']} {told['edition']}, {told['data']}"]
    for source in told["sources"]:
        lines += [
            f"{source['state']:18} {source['id']} ({source['vintage']})",
            f"{'':18}   {source['file'] or 'no starter rows'}",
            f"{'':18}   {source['title']}, {source['publisher']}; {source['licence']}",
            f"{'':18}   {source['landing_page']}",
        ]
    return "\n".join(lines)


def tree_text(told: object, indent: str = "") -> str:
    """Nested dictionaries and lists as an indented listing."""
    if isinstance(told, dict):
        return "\n".join(_entry(str(name), value, indent) for name, value in told.items())
    if isinstance(told, list | tuple):
        return "\n".join(_entry("-", value, indent) for value in told)
    return f"{indent}{told}"


def _entry(name: str, value: object, indent: str) -> str:
    if isinstance(value, dict | list | tuple) and value:
        return f"{indent}{name}\n{tree_text(value, indent + '  ')}"
    return f"{indent}{name}: {value}" if name != "-" else f"{indent}- {value}"
