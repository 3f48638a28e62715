"""How a foreign layer looks: by a style file of ours or of QGIS, in one colour, or by a column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml
from lxml import etree

from naatlas import styles
from naatlas.errors import SpecError, UsageError
from naatlas.spec import LANGUAGES, Field
from naatlas.styles import Breaks, breaks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from naatlas.metadata.words import Text
    from naatlas.publish.foreign import Foreign
    from naatlas.styles import Style

#: Paul Tol's muted scheme: nine colours that are told apart with every kind of colour vision; grey for the rest.
PALETTE = (
    "#332288", "#cc6677", "#117733", "#ddcc77", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499",
)  # fmt: skip
REST = "#8a8f94"
#: Steps of a quantity from little to much, light to dark (viridis).
STEPS = ("#fde725", "#5ec962", "#21918c", "#3b528b", "#440154")
ONE = "#0072b2"
#: The field that holds the class of a feature, and the code of those that have none of the classes of the style.
CLASS, OTHER, ALL = "map_class", "other values", "all"
_WORDS: Mapping[str, Text] = {
    "class": {"en": "Class", "fr": "Classe", "es": "Clase"},
    "other": {"en": "Other ({})", "fr": "Autres ({})", "es": "Otros ({})"},
}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SIZE_MM, _SIZES_MM = 2.6, (1.8, 9.0)


@dataclass(frozen=True, slots=True)
class Looks:
    """A style, and what it needs of the layer.

    Attributes
    ----------
    style
        Its field is ``map_class``, or a number of the layer where it has steps.
    classes
        Code -> name; empty with steps.
    column
        Class of each feature; None with steps.
    label
        What the classes are of.
    by_class
        There is more than one class to make folders of.
    """

    style: Style
    classes: Mapping[str, Text]
    column: pd.Series | None
    label: Text
    by_class: bool = True


@dataclass(frozen=True, slots=True)
class _Classes:
    """Classes of a column: value -> colour, and its name; ``rest`` is the colour of all other values."""

    field: Field
    colours: Mapping[str, str]
    names: Mapping[str, Text]
    rest: tuple[str, Text] | None = None


def looks(
    layer: Foreign, title: Text, *, style: str | None, class_field: str | None, size_field: str | None
) -> Looks:
    """Choose the looks of a layer.

    Parameters
    ----------
    style
        Path of a styles file (YAML) or of a QGIS style (QML), or a colour ``#rrggbb``; None to choose by column.
    class_field
        Column whose values, or steps of values, are the classes; a style file names its own.
    size_field
        Number that the area of point symbols is proportional to.

    Raises
    ------
    UsageError
        There is no such file, it is not understood, or values of the layer have no class in it.
    """
    if style is None or _COLOUR.fullmatch(style):
        colour = style.lower() if style else ONE
        told = _by_column(layer, layer.field(class_field)) if class_field else _single(layer, title, colour)
    else:
        told = _from_file(layer, _existing(style), title)
    return told if size_field is None else _sized(told, layer, layer.field(size_field))


def _existing(style: str) -> Path:
    from pathlib import Path

    path = Path(style)
    if not path.is_file():
        raise UsageError(
            f"--style {style}: no such file; give a style (.yaml, .qml) or a colour such as #0072b2"
        )
    return path


def _from_file(layer: Foreign, path: Path, title: Text) -> Looks:
    try:
        if path.suffix.lower() == ".qml":
            return _from_qml(layer, path, title)
        return _from_yaml(layer, yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
    except (
        SpecError,
        KeyError,
        TypeError,
        AttributeError,
        ValueError,
        yaml.YAMLError,
        etree.XMLSyntaxError,
    ) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UsageError(f"{path.name}: is no style that can be used: {told}") from error


def _style(layer: Foreign, by_code: Mapping[str, str], /, **more: Any) -> Style:  # noqa: ANN401 - parts of a style
    classes = {code: {"colour": colour} for code, colour in by_code.items()}
    told: dict[str, Any] = {"field": CLASS, "class_list": CLASS, "classes": classes}
    if layer.kind == "Point":
        told["size"] = {"range_mm": (_SIZE_MM, _SIZE_MM)}
    if layer.kind == "LineString":
        told["line"] = {"width_mm": 0.5}
    return styles.read(told | more, layer.layer)


def _single(layer: Foreign, title: Text, colour: str, **more: Any) -> Looks:  # noqa: ANN401 - parts of a style
    column = pd.Series([ALL] * len(layer.frame), dtype="string")
    return Looks(_style(layer, {ALL: colour}, **more), {ALL: title}, column, _WORDS["class"], by_class=False)


def _by_column(layer: Foreign, field: Field) -> Looks:
    """Give each value a colour; a number of many values is shown in steps, and of many names the most frequent."""
    values = layer.frame[field.name]
    counts = values.dropna().astype("string").value_counts()
    if not len(counts):
        raise UsageError(f"column {layer.labels[field.name]!r} holds no values")
    if field.dtype in {"real", "integer"} and len(counts) > len(PALETTE):
        numbers = values.to_numpy("float64", na_value=float("nan"))
        return _stepped(layer, field, breaks.find(numbers, "quantiles", len(STEPS)), STEPS)
    order = sorted(counts.index, key=lambda value: (-counts[value], value))
    shown = sorted(order if len(order) <= len(PALETTE) else order[: len(PALETTE) - 1], key=_natural)
    colours = dict(zip(shown, PALETTE, strict=False))
    rest = len(order) - len(shown)
    other = {language: _WORDS["other"][language].format(rest) for language in LANGUAGES}
    return _coded(layer, _Classes(field, colours, _own_names(shown), (REST, other) if rest else None))


def _natural(value: str) -> tuple[float, str]:
    """Sort numbers as numbers and before words."""
    try:
        return float(value), ""
    except ValueError:
        return float("inf"), value.casefold()


def _own_names(values: Sequence[str]) -> dict[str, Text]:
    return {value: dict.fromkeys(LANGUAGES, value) for value in values}


def _coded(layer: Foreign, told: _Classes, **more: Any) -> Looks:  # noqa: ANN401 - parts of a style
    """Class the features; a value that the style does not have is refused, or falls to the rest."""
    values = layer.frame[told.field.name].astype("string")
    lost = sorted(set(values.dropna()) - set(told.colours))
    colours, names = dict(told.colours), dict(told.names)
    if lost and told.rest is None:
        some = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")  # noqa: PLR2004 - the first five
        raise UsageError(
            f"the style has no class for {some} of column {layer.labels[told.field.name]!r}; add them to it"
        )
    if lost and told.rest:
        values = values.where(values.isna() | values.isin(list(colours)), OTHER)
        colours[OTHER], names[OTHER] = told.rest
    label = dict.fromkeys(LANGUAGES, layer.labels[told.field.name])
    return Looks(_style(layer, colours, **more), names, values.astype("string"), label)


def _stepped(layer: Foreign, field: Field, steps: Breaks, colours: Sequence[str], **more: Any) -> Looks:  # noqa: ANN401
    told = {"limits": list(steps.limits), "scheme": steps.scheme}
    chosen = list(colours)[: len(steps.limits) + 1]
    style = _style(layer, {}, field=field.name, class_list="", breaks=told, colours=chosen, **more)
    return Looks(style, {}, None, dict.fromkeys(LANGUAGES, layer.labels[field.name]), by_class=False)


def _sized(told: Looks, layer: Foreign, field: Field) -> Looks:
    """Make the area of the symbols proportional to a number."""
    from dataclasses import replace

    if layer.kind != "Point" or field.dtype not in {"real", "integer"}:
        raise UsageError(f"--size-field {layer.labels[field.name]}: give a number of a layer of points")
    values = layer.frame[field.name].dropna().astype("float64")
    values = values[values.abs() < float("inf")]
    low, high = (min(0.0, float(values.min())), float(values.max())) if len(values) else (0.0, 0.0)
    if low >= high:
        raise UsageError(f"--size-field {layer.labels[field.name]}: all values are the same")
    style = replace(told.style, size_field=field.name, size_range=_SIZES_MM, size_limits=(low, high))
    return replace(told, style=style)


def _from_yaml(layer: Foreign, told: Mapping[str, Any], name: str) -> Looks:
    """Read a styles file as ``naatlas/styles`` has them; a class may have a ``label``, one text or one a language."""
    given = styles.read({**told, "class_list": "" if told.get("breaks") else CLASS}, name)
    field = layer.field(given.field)
    more = {part: told[part] for part in ("size", "line", "outline", "opacity", "draw") if part in told}
    if "field" in (more.get("size") or {}):
        more["size"] = {**more["size"], "field": layer.field(more["size"]["field"]).name}
    if given.breaks:
        return _stepped(layer, field, given.breaks, list(given.colours.values()), **more)
    classes = {str(code): entry for code, entry in told["classes"].items()}
    labels = {code: _label(entry.get("label"), code) for code, entry in classes.items()}
    more["classes"] = classes
    colours = {code: str(entry["colour"]).lower() for code, entry in classes.items()}
    return _coded(layer, _Classes(field, colours, labels), **more)


def _label(told: Any, code: str) -> Text:  # noqa: ANN401 - what a file holds
    if isinstance(told, dict):
        return {language: str(told.get(language) or told.get("en") or code) for language in LANGUAGES}
    return dict.fromkeys(LANGUAGES, str(told or code))


def _from_qml(layer: Foreign, path: Path, title: Text) -> Looks:
    """Read colours and widths of a QGIS style with one symbol, categories or graduated steps."""
    root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    renderer = root.find(".//renderer-v2")
    kind = "" if renderer is None else renderer.get("type", "")
    if renderer is None or kind not in {"singleSymbol", "categorizedSymbol", "graduatedSymbol"}:
        raise UsageError(
            f"{path.name}: renderer {kind or 'of no kind'}; single, categorized and graduated symbols are read"
        )
    symbols = {node.get("name", ""): _properties(node) for node in renderer.iterfind("symbols/symbol")}
    more = _widths(layer, next(iter(symbols.values())))
    colours = {name: _colour(told) for name, told in symbols.items()}
    if kind == "singleSymbol":
        return _single(layer, title, next(iter(colours.values())), **more)
    field = layer.field(renderer.get("attr", "").strip('"'))
    if kind == "graduatedSymbol":
        ranges = sorted(renderer.iterfind("ranges/range"), key=lambda node: float(node.get("lower", "nan")))
        limits = tuple(float(node.get("upper", "nan")) for node in ranges[:-1])
        return _stepped(
            layer, field, Breaks(limits), [colours[node.get("symbol", "")] for node in ranges], **more
        )
    entries = [node for node in renderer.iterfind("categories/category") if node.get("render") != "false"]
    return _coded(layer, _categories(field, entries, colours), **more)


def _categories(field: Field, entries: Sequence[etree._Element], colours: Mapping[str, str]) -> _Classes:
    """Take categories for classes; the one without a value is for all other values."""
    named = {
        node.get("value", ""): (colours[node.get("symbol", "")], node.get("label") or "") for node in entries
    }
    colour, label = named.pop("", ("", ""))
    texts = {value: _label(told, value) for value, (_, told) in named.items()}
    rest = (colour, _label(label, OTHER)) if colour else None
    return _Classes(field, {value: told for value, (told, _) in named.items()}, texts, rest)


def _properties(symbol: etree._Element) -> dict[str, str]:
    """Return what the first layer of a symbol says, as QGIS 3 writes it or as older ones did."""
    layer = symbol.find("layer")
    if layer is None:
        return {}
    old = {node.get("k", ""): node.get("v", "") for node in layer.iterfind("prop")}
    return old | {node.get("name", ""): node.get("value", "") for node in layer.iterfind("Option/Option")}


def _colour(told: Mapping[str, str]) -> str:
    red, green, blue = (int(part) for part in (told.get("color") or told["line_color"]).split(",")[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def _widths(layer: Foreign, told: Mapping[str, str]) -> dict[str, Any]:
    """Return sizes in millimetres where the style has them."""
    size, width = told.get("size"), told.get("line_width" if layer.kind == "LineString" else "outline_width")
    if layer.kind == "Point":
        return (
            {"size": {"range_mm": (float(size), float(size))}}
            if size and told.get("size_unit") == "MM"
            else {}
        )
    return {"line": {"width_mm": float(width)}} if width and float(width) > 0 else {}
