"""Checks that follow from the specification alone: any layer has them without a line of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from ftfy.badness import BADNESS_RE

from naatlas.framework.places import state_names
from naatlas.model import Finding
from naatlas.quality.wording import examples, features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naatlas.metadata.words import Words
    from naatlas.model import Severity
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
        message = f"{field.name} is stored as {column.dtype}, the specification says {field.dtype}"
        yield _finding(
            "wrong-type", "error", field.name, message, "cast the column where the layer is combined"
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
        message = f"the layer lacks {len(absent)} declared column(s): {', '.join(absent)}"
        yield _finding(
            "column-absent",
            "error",
            "",
            message,
            "fill the column, or take the field out of the specification",
        )
    if extra := [str(name) for name in frame if name not in names and name not in _GEOMETRY]:
        message = f"{len(extra)} column(s) are not in the specification: {', '.join(extra)}"
        yield _finding("column-undeclared", "error", "", message, "declare the field, or drop the column")


def _keys(frame: pd.DataFrame, spec: LayerSpec) -> Iterator[Finding]:
    if spec.key not in frame:
        return
    key = frame[spec.key].dropna().astype("string")
    doubled = key[key.duplicated(keep=False)]
    if len(doubled):
        message = f"{doubled.nunique()} id(s) stand on more than one feature, {len(doubled)} features in all"
        advice = "merge the features, or tell them apart in the id; an id names one feature for good"
        yield _finding("key-repeated", "error", spec.key, message, advice, doubled)


def _presence(column: pd.Series, ids: pd.Series, field: Field) -> Iterator[Finding]:
    empty = column.isna()
    if field.gap and not empty.all():
        message = f"{field.name} is declared a gap, but {features(~empty)} a value"
        yield _finding(
            "gap-filled", "error", field.name, message, "take the gap out of the specification", ids[~empty]
        )
    elif field.required and empty.any():
        message = f"{field.name} is required, but {features(empty)} none"
        advice = "find the value in the register or reject the record with a reason"
        yield _finding("required-missing", "error", field.name, message, advice, ids[empty])
    elif empty.all() and not field.gap and len(column):
        message = f"{field.name} is empty in all {len(column):,} feature(s)"
        yield _finding(
            "column-empty", "info", field.name, message, "find a source for it or declare it a gap"
        )


def _range(column: pd.Series, ids: pd.Series, field: Field) -> Iterator[Finding]:
    value = column.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    if (endless := np.isinf(value)).any():
        message = f"{field.name} is infinite in {features(endless, verb='')}"
        yield _finding("not-finite", "error", field.name, message, "find the division by zero", ids[endless])
    sides = (("below", field.low, np.less), ("above", field.high, np.greater))
    for side, bound, beyond in sides:
        if bound is None or not (out := beyond(value, bound) & ~endless).any():
            continue
        shown = examples(f"{i}: {v:.10g}" for i, v in zip(ids[out], value[out], strict=True))
        message = f"{field.name} is {side} {bound:.10g} in {features(out, verb='')} ({shown})"
        advice = "the publisher of the register confirms or corrects the value; it is published as it stands"
        yield _finding(f"{side}-range", "warning", field.name, message, advice, ids[out])


def _codes(column: pd.Series, ids: pd.Series, field: Field, words: Words) -> Iterator[Finding]:
    known = (
        _CODESETS[field.classes]() if field.classes in _CODESETS else words.classes.get(str(field.classes))
    )
    if known is None:
        message = f"{field.name} is coded by {field.classes}, a class list that the words of the layer lack"
        advice = f"write classes.{field.classes} in naatlas/metadata/{words.slug}.yaml"
        yield _finding("class-list-absent", "error", field.name, message, advice)
        return
    strange = column.notna() & ~column.isin(list(known))
    if strange.any():
        codes = examples(repr(code) for code in sorted(column[strange].astype("string").unique()))
        message = f"{field.name} has code(s) that class list {field.classes} does not know: {codes}"
        advice = f"add the class to naatlas/metadata/{words.slug}.yaml, or map the term in the crosswalk"
        yield _finding("code-unknown", "error", field.name, message, advice, ids[strange])


def _text(column: pd.Series, ids: pd.Series, field: Field) -> Iterator[Finding]:
    text = column.dropna().astype("string")
    told = (
        (
            "control-character",
            text.str.contains(_CONTROL, regex=True),
            "holds a line break or control character",
        ),
        ("mojibake", _mangled(text), "looks decoded with the wrong encoding"),
        ("blank-at-the-ends", text != text.str.strip(), "begins or ends with a blank"),
        ("empty-text", text.str.strip() == "", "is a text without characters where it should be missing"),
    )
    for rule, hit, what in told:
        if hit.any():
            shown = examples(repr(value) for value in text[hit].unique())
            message = f"{field.name} {what} in {features(hit, verb='')} ({shown})"
            advice = "declare the encoding or the clean-up of the source; tell its publisher"
            yield _finding(rule, "warning", field.name, message, advice, ids[text.index[hit.astype(bool)]])


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
            message = f"{gap.field} is declared a gap for {gap.country}, but {features(filled)} a value"
            yield _finding(
                "gap-filled",
                "error",
                gap.country,
                message,
                "take the gap out of the specification",
                ids[filled],
            )


def _twins(frame: pd.DataFrame, ids: pd.Series) -> Iterator[Finding]:
    if not {"name", "longitude", "latitude"} <= set(frame):
        return
    place = frame[["longitude", "latitude"]].astype("float64").round(_SAME_PLACE_DECIMALS)
    told = place.assign(name=frame["name"].astype("string").str.casefold().str.split().str.join(" ")).dropna()
    twins = told.index[told.duplicated(keep=False)]
    if len(twins):
        message = (
            f"{len(twins)} features share name and coordinates with another one ({examples(ids[twins])})"
        )
        advice = "decide whether they are one feature; if they are two units of one site, name them apart"
        yield _finding("same-name-and-place", "warning", "", message, advice, ids[twins])


def _finding(
    rule: str, severity: Severity, where: str, message: str, advice: str, ids: pd.Series | None = None
) -> Finding:
    told = () if ids is None else tuple(sorted(str(i) for i in ids))
    count = max(len(told), 1)
    return Finding(
        rule=rule, severity=severity, where=where, message=message, advice=advice, count=count, ids=told
    )
