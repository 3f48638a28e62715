"""Checks that follow from the specification alone: any layer has them without a line of its own."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ftfy.badness import BADNESS_RE

from naatlas.findings import Item, finding
from naatlas.framework.places import state_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.metadata.words import Words
    from naatlas.model import Finding
    from naatlas.spec import Field, LayerSpec

#: Columns that a point layer may carry although its specification does not name them.
_GEOMETRY = frozenset({"longitude", "latitude", "geometry"})

_DTYPES = {
    "text": pd.api.types.is_string_dtype,
    "integer": pd.api.types.is_integer_dtype,
    "real": pd.api.types.is_float_dtype,
    "boolean": pd.api.types.is_bool_dtype,
}

#: Code lists that are kept outside of the words of a layer.
_CODESETS = {"state": state_names}

#: C0 and C1 control characters, line breaks and tabs among them, and the mark of a lost character.
_CONTROL = r"[\x00-\x1f\x7f-\x9f]"
_LOST = "\ufffd"

#: Two features of one name closer than this are taken for one: 4 decimals are about 11 m.
_SAME_PLACE_DECIMALS = 4

#: Examples that go into a finding: one more than is shown, so that it can tell that there are more.
_EXAMPLES = 4

_EVERYONE = "all countries"


def check(frame: pd.DataFrame, spec: LayerSpec, words: Words) -> list[Finding]:
    """Compare a layer with its specification.

    Parameters
    ----------
    frame
        One row a feature, the columns of ``spec.fields``. It is not changed.
    words
        The class lists that coded fields are checked against.

    Returns
    -------
    list of Finding
        Severity ``error`` stops publication, ``warning`` is for the data owner, ``info`` is for the reader.
    """
    found = [*_columns(frame, spec), *_keys(frame, spec)]
    ids = (
        frame[spec.key].astype("string").fillna("")
        if spec.key in frame
        else frame.index.astype("string").to_series()
    )
    ids.index = frame.index
    known = declared_gaps(frame, spec)
    for field in spec.fields:
        if field.name in frame and not (field.name in known and frame[field.name].isna().all()):
            found += _field(frame[field.name], ids, field, words)
    return [*found, *_gaps_by_country(frame, ids, spec), *_twins(frame, ids)]


def declared_gaps(frame: pd.DataFrame, spec: LayerSpec) -> set[str]:
    """Return the fields of which the specification says for every country of the layer that no source fills them."""
    present = set(frame["country"].dropna().unique()) if "country" in frame else set()
    told: dict[str, set[str | None]] = {}
    for gap in spec.gaps:
        told.setdefault(gap.field, set()).add(gap.country)
    optional = {field.name for field in spec.fields if not field.required}
    return {name for name, whose in told.items() if name in optional and (None in whose or present <= whose)}


def _field(column: pd.Series, ids: pd.Series, field: Field, words: Words) -> Iterator[Finding]:
    yield from _presence(column, ids, field)
    if column.isna().all():
        return
    if not _DTYPES[field.dtype](column):
        yield finding(
            "wrong-type",
            "error",
            where=field.name,
            field=field.name,
            stored=str(column.dtype),
            declared=field.dtype,
        )
        return
    if field.dtype in {"integer", "real"}:
        yield from _range(column, ids, field)
    if field.dtype == "text":
        yield from _text(column, ids, field)
    if field.classes is not None:
        yield from _codes(column, ids, field, words)


def _columns(frame: pd.DataFrame, spec: LayerSpec) -> Iterator[Finding]:
    names = [field.name for field in spec.fields]
    if absent := [name for name in names if name not in frame]:
        yield finding("column-absent", "error", count=len(absent), columns=tuple(absent))
    if extra := [str(name) for name in frame if name not in names and name not in _GEOMETRY]:
        yield finding("column-undeclared", "error", count=len(extra), columns=tuple(extra))


def _keys(frame: pd.DataFrame, spec: LayerSpec) -> Iterator[Finding]:
    if spec.key not in frame:
        return
    key = frame[spec.key].dropna().astype("string")
    doubled = key[key.duplicated(keep=False)]
    if len(doubled):
        repeated = int(doubled.nunique())
        yield finding("key-repeated", "error", where=spec.key, ids=_sorted(doubled), repeated=repeated)


def _presence(column: pd.Series, ids: pd.Series, field: Field) -> Iterator[Finding]:
    empty, name = column.isna(), field.name
    if field.gap and not empty.all():
        filled = _sorted(ids[~empty])
        yield finding("gap-filled", "error", where=name, ids=filled, field=name, whose=_EVERYONE)
    elif field.required and empty.any():
        yield finding("required-missing", "error", where=name, ids=_sorted(ids[empty]), field=name)
    elif empty.all() and not field.gap and len(column):
        yield finding("column-empty", "info", where=name, count=len(column), field=name)


def _range(column: pd.Series, ids: pd.Series, field: Field) -> Iterator[Finding]:
    value, name = column.astype("Float64").to_numpy(dtype="float64", na_value=np.nan), field.name
    if (endless := np.isinf(value)).any():
        yield finding("not-finite", "error", where=name, ids=_sorted(ids[endless]), field=name)
    sides = (("below-range", field.low, np.less), ("above-range", field.high, np.greater))
    for rule, bound, beyond in sides:
        if bound is None or not (out := beyond(value, bound) & ~endless).any():
            continue
        pairs = zip(ids[out], value[out].tolist(), strict=True)
        shown = tuple(Item("{id}: {value:.10g}", id=i, value=v) for i, v in islice(pairs, _EXAMPLES))
        yield finding(
            rule, "warning", where=name, ids=_sorted(ids[out]), field=name, bound=bound, shown=shown
        )


def _codes(column: pd.Series, ids: pd.Series, field: Field, words: Words) -> Iterator[Finding]:
    known = (
        _CODESETS[field.classes]() if field.classes in _CODESETS else words.classes.get(str(field.classes))
    )
    told: dict[str, Any] = {"field": field.name, "classes": str(field.classes), "layer": words.slug}
    if known is None:
        yield finding("class-list-absent", "error", where=field.name, **told)
        return
    strange = column.notna() & ~column.isin(list(known))
    if strange.any():
        codes = tuple(repr(code) for code in sorted(column[strange].astype("string").unique()))
        yield finding(
            "code-unknown",
            "error",
            where=field.name,
            ids=_sorted(ids[strange]),
            codes=codes,
            codes_n=len(codes),
            **told,
        )


def _text(column: pd.Series, ids: pd.Series, field: Field) -> Iterator[Finding]:
    text = column.dropna().astype("string")
    told = (
        ("control-character", text.str.contains(_CONTROL, regex=True)),
        ("mojibake", _mangled(text)),
        ("blank-at-the-ends", text != text.str.strip()),
        ("empty-text", text.str.strip() == ""),
    )
    for rule, hit in told:
        if hit.any():
            own = _sorted(ids[text.index[hit.astype(bool)]])
            shown = tuple(repr(value) for value in text[hit].unique()[:_EXAMPLES])
            yield finding(rule, "warning", where=field.name, ids=own, field=field.name, shown=shown)


def _mangled(text: pd.Series) -> pd.Series:
    """Tell texts with signs of a wrong decoding ("QuÃ©bec"); each different text is looked at once."""
    unique = text.unique()
    bad = {value for value in unique if _LOST in value or BADNESS_RE.search(value)}
    return text.isin(bad)


def _gaps_by_country(frame: pd.DataFrame, ids: pd.Series, spec: LayerSpec) -> Iterator[Finding]:
    for gap in spec.gaps:
        if gap.country is None or gap.field not in frame or "country" not in frame:
            continue
        filled = (frame["country"] == gap.country).fillna(value=False) & frame[gap.field].notna()
        if filled.any():
            yield finding(
                "gap-filled",
                "error",
                where=gap.country,
                ids=_sorted(ids[filled]),
                field=gap.field,
                whose=gap.country,
            )


def _twins(frame: pd.DataFrame, ids: pd.Series) -> Iterator[Finding]:
    if not {"name", "longitude", "latitude"} <= set(frame):
        return
    place = frame[["longitude", "latitude"]].astype("float64").round(_SAME_PLACE_DECIMALS)
    told = place.assign(name=frame["name"].astype("string").str.casefold().str.split().str.join(" ")).dropna()
    twins = told.index[told.duplicated(keep=False)]
    if len(twins):
        own = ids[twins]
        yield finding(
            "same-name-and-place", "warning", ids=_sorted(own), shown=tuple(own.head(_EXAMPLES).astype(str))
        )


def _sorted(ids: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(str(i) for i in ids))
