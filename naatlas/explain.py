"""Where every value of one feature comes from, told by the published GeoPackage alone."""

from __future__ import annotations

import math
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from naatlas import explain_parts
from naatlas.errors import ProductError, SpecError, UsageError
from naatlas.spec import UNIT_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from naatlas.metadata.words import Words

_UNITS = {"megawatt": "MW", "metric_ton": "t", "kilogram": "kg", "kilometer**2": "km2", "meter": "m"}
#: Fields that name a feature, the first that is filled counts.
NAMES = ("name", "name_en")
#: Similarity from which a name is offered, and the most that are.
_NEAR, _OFFERED = 60, 5


def explain(product: Path, key: str) -> dict[str, Any]:
    """Tell for one feature what each value is made from.

    Parameters
    ----------
    product
        A GeoPackage that naatlas published, or the GeoTIFF of a raster; no input is needed.
    key
        The feature's id, or its name where only one feature bears it (case and accents as published or not).

    Returns
    -------
    dict
        layer, key (name of the id column), id, name, ``values`` (in the order of the layer: field, label, value,
        unit, and from the provenance source, file, vintage, publisher, sha256, row, national_field,
        national_value, rule, score; None where the product does not say; of a sum that the product takes apart also
        ``parts``, as ``explain_parts.parts`` has them), ``empty`` (field, label, status) and ``files`` (by source).

    Raises
    ------
    UsageError
        No feature has this id or name, or several have the name; near ones are named.
    ProductError
        The file is no GeoPackage of naatlas.
    """
    with closing(_open(product)) as base:
        layer, key_column = _layer(base, product)
        feature = _feature(base, layer, key_column, key)
        query = f"SELECT * FROM provenance WHERE {_quoted(key_column)} = ?"  # noqa: S608 - its own table
        origins = _by(base, query, feature[key_column], by="field")
        sources = _by(base, "SELECT * FROM sources", by="id")
        made_of = explain_parts.parts(base, layer, key_column, feature[key_column])
    words = _words(layer)
    filled = {field: value for field, value in feature.items() if value is not None}
    return {
        "layer": layer.replace("_", "-"),
        "key": key_column,
        "id": str(feature[key_column]),
        "name": next((feature[name] for name in NAMES if feature.get(name)), None),
        "values": [
            _value(f, v, words, origins.get(f, {}), sources) | ({"parts": made_of[f]} if f in made_of else {})
            for f, v in filled.items()
        ],
        "files": {name: dict(source) for name, source in sources.items()},
        "empty": [_empty(field, feature, words) for field in feature if field not in filled],
    }


def explain_text(told: Mapping[str, Any]) -> str:
    """Lay an explanation out for a reader at a terminal; the files stand once, below, under their numbers."""
    files: dict[str, int] = {}
    lines = [f"{told['id']}  {told['name'] or ''}".rstrip(), f"layer {told['layer']}", ""]
    for value in told["values"]:
        lines += _lines(value, files)
    if told["empty"]:
        lines += ["", "No value:"]
        lines += [
            f"  {e['label']} ({e['field']})" + (f": {e['status']}" if e["status"] else "")
            for e in told["empty"]
        ]
    lines += ["", "Files:"] if files else []
    for source, count in files.items():
        v = {"file": None, "publisher": None, "vintage": None, "sha256": None} | told["files"].get(source, {})
        checksum = f", sha256 {v['sha256'][:12]}..." if v["sha256"] else ""
        lines.append(
            f"  [{count}] {v['file'] or source}  ({source}; {v['publisher']}; {v['vintage']}{checksum})"
        )
    return "\n".join(lines)


def _lines(value: Mapping[str, Any], files: dict[str, int]) -> Iterator[str]:
    unit = f" {value['unit']}" if value["unit"] else ""
    yield f"{value['label']} ({value['field']}): {_shown(value['value'])}{unit}"
    if value["source"] is None:
        yield "    set by the atlas; no row of a register stands behind it"
        return
    count = files.setdefault(value["source"], len(files) + 1)
    national = value["national_value"] or "(blank)"
    score = "" if value["score"] is None else f"; score of the link {value['score']:g}"
    yield f"    [{count}] row {value['row']}: {value['national_field']} = {national}; {value['rule']}{score}"
    if "parts" in value:
        yield from explain_parts.lines(value["parts"], unit, files)


def _shown(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _open(product: Path) -> sqlite3.Connection:
    if not product.is_file():
        raise UsageError(
            f"{product} does not exist; build the layer first, or name its GeoPackage or GeoTIFF"
        )
    if product.suffix.lower() == ".tif":
        from naatlas import explain_raster  # pandas is loaded only for rasters

        base = explain_raster.tables(product)
    else:
        base = sqlite3.connect(f"{product.resolve().as_uri()}?mode=ro", uri=True)
    base.row_factory = sqlite3.Row
    try:
        names = {row["name"] for row in base.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        base.close()
        raise ProductError(f"{product} is not a GeoPackage, or is damaged: {error}") from error
    if lost := {"gpkg_contents", "provenance", "sources"} - names:
        base.close()
        raise ProductError(f"{product} has no table {', '.join(sorted(lost))}: naatlas did not publish it")
    return base


def _layer(base: sqlite3.Connection, product: Path) -> tuple[str, str]:
    """Name of the feature table, and of the id column: the one that the provenance begins with."""
    row = base.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").fetchone()
    if row is None:
        raise ProductError(f"{product} holds no features")
    layer = str(row["table_name"])
    columns = set(_columns(base, layer))
    shared = [
        name for name in _columns(base, "provenance") if name in columns and name not in {"fid", "field"}
    ]
    if not shared:
        raise ProductError(f"{product}: the provenance has no column in common with {layer}")
    return layer, shared[0]


def _columns(base: sqlite3.Connection, table: str) -> list[str]:
    """Columns but the geometry and the feature number, which are the file's own."""
    told = base.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    query = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
    hidden = {row["column_name"] for row in base.execute(query, (table,))}
    return [row["name"] for row in told if not row["pk"] and row["name"] not in hidden]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _by(base: sqlite3.Connection, query: str, *values: object, by: str) -> dict[str, dict[str, Any]]:
    return {str(row[by]): dict(row) for row in base.execute(query, values)}


def _feature(base: sqlite3.Connection, layer: str, key: str, asked: str) -> dict[str, Any]:
    columns = _columns(base, layer)
    chosen = ", ".join(_quoted(name) for name in columns)
    query = f"SELECT {chosen} FROM {_quoted(layer)} WHERE {_quoted(key)} = ?"  # noqa: S608 - names of its own tables
    row = base.execute(query, (asked,)).fetchone()
    if row is None:
        name = next((name for name in NAMES if name in columns), key)
        row = base.execute(query, (_id_of(base, layer, key, asked, name=name),)).fetchone()
    return dict(row)


def _id_of(base: sqlite3.Connection, layer: str, key: str, asked: str, *, name: str) -> str:
    query = f"SELECT {_quoted(key)} AS id, {_quoted(name)} AS name FROM {_quoted(layer)}"  # noqa: S608 - its own tables
    names = {str(row["id"]): str(row["name"] or "") for row in base.execute(query)}
    wanted = _folded(asked)
    same = sorted(i for i, text in names.items() if wanted in {_folded(text), _folded(i)})
    if len(same) == 1:
        return same[0]
    if same:
        raise UsageError(f"{len(same)} features are named {asked!r}; ask for one by id: {', '.join(same)}")
    near = _near(asked, names)
    hint = "; near are " + ", ".join(near) if near else ""
    raise UsageError(f"no feature of {layer.replace('_', '-')} has the id or name {asked!r}{hint}")


def _near(asked: str, names: Mapping[str, str]) -> list[str]:
    from rapidfuzz import fuzz, process

    options = ({i: _folded(n) for i, n in names.items()}, {i: _folded(i) for i in names})
    hits = [
        hit
        for choices in options
        for hit in process.extract(
            _folded(asked), choices, scorer=fuzz.token_sort_ratio, score_cutoff=_NEAR, limit=_OFFERED
        )
    ]
    best = sorted(hits, key=lambda hit: (-hit[1], hit[2]))
    return [f"{i} ({names[i]})" for i in dict.fromkeys(hit[2] for hit in best)][:_OFFERED]


def _folded(text: str) -> str:
    import unicodedata

    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare))


def _words(layer: str) -> Words | None:
    from naatlas.metadata import words

    try:
        return words.load(layer.replace("_", "-"))
    except SpecError:
        return None


def _label(field: str, words: Words | None) -> str:
    text = words.labels.get(field) if words else None
    return field if text is None else text["en"]


def _value(
    field: str,
    value: object,
    words: Words | None,
    told: Mapping[str, Any],
    sources: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    source = sources.get(str(told.get("source")), {})
    score = told.get("score")
    return {
        "field": field,
        "label": _label(field, words),
        "value": value,
        "unit": None if isinstance(value, str) else _unit(field),
        "source": told.get("source"),
        **{name: source.get(name) for name in ("file", "vintage", "publisher", "sha256")},
        **{name: told.get(name) for name in ("row", "national_field", "national_value", "rule")},
        "score": None if score is None or math.isnan(score) else score,
    }


def _unit(field: str) -> str | None:
    """Return the unit that the name of a field tells: ``kg/km2`` for ``water_kg_per_km2``."""
    above, _, below = field.partition("_per_")
    told, divisor = (
        next((_UNITS[unit] for suffix, unit in UNIT_SUFFIXES.items() if f"_{name}".endswith(suffix)), None)
        for name in (above, below)
    )
    return f"{told}/{divisor}" if told and divisor else told


def _empty(field: str, feature: Mapping[str, Any], words: Words | None) -> dict[str, Any]:
    """Say why a field is empty where the layer has a status for it, such as "Not required to report"."""
    status = feature.get(f"{field.rpartition('_')[0]}_status")
    lists = words.classes.values() if words else ()
    label = next((codes[str(status)]["en"] for codes in lists if status in codes), status)
    return {"field": field, "label": _label(field, words), "status": label}
