"""What every record must say of a layer's values: absence, gaps, comparability, outliers.

The sentences stand in the words; which fields, countries, years and numbers they speak of is what the build knows.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from naatlas.metadata.phrasing import fill, join, listed, lower_first, number, upper_first
from naatlas.metadata.words import HOLE
from naatlas.spec import COUNTRIES, OutlierRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from naatlas.metadata.words import Text, Words
    from naatlas.model import LayerData
    from naatlas.spec import Field, Gap

#: Class lists of the fields that say why a value is absent, and how far a value may be compared.
_ABSENCE, _COMPARABILITY = "emission_status", "comparability"
_FLAG = "_comparability"


def absence(data: LayerData, words: Words) -> Text:
    """Tell what zero, not reported and not required to report mean, and which fields keep them apart."""
    told = words.texts
    fields = [field.name for field in data.spec.fields if field.classes == _ABSENCE and not field.gap]
    last = fill(told["absence_told"], fields=", ".join(fields)) if fields else told["absence_untold"]
    return join((told["unknown_note"], last))


def gaps(data: LayerData, words: Words) -> tuple[Text, ...]:
    """Name what the layer cannot show for which country, and why; then what this build has no value for."""
    return (*_declared(data, words), *_without_features(data, words), *_empty(data, words))


def _declared(data: LayerData, words: Words) -> Iterator[Text]:
    """Name the fields of which the same is said of the same country together."""
    same_reason: dict[tuple[str, str], list[Gap]] = {}
    for gap in data.spec.gaps:
        told = words.texts.get(gap_name(gap), HOLE)
        same_reason.setdefault((gap.country or "", told["en"]), []).append(gap)
    for (country, _), group in same_reason.items():
        labels = listed(words.labels[gap.field] for gap in group)
        where = upper_first(_country(country or None, words))
        note = fill(words.texts["gap_note"], labels=labels, country=where)
        yield join((note, words.texts.get(gap_name(group[0]), HOLE)))


def gap_name(gap: Gap) -> str:
    """Name of the text that gives the reason of a declared gap: ``gap_<field>_<country>``, or ``..._all``."""
    return f"gap_{gap.field}_{gap.country or 'all'}"


def _country(code: str | None, words: Words) -> Text:
    return words.classes["country"][code] if code else words.texts["all_countries"]


def _without_features(data: LayerData, words: Words) -> Iterator[Text]:
    for country, rows in _by_country(data.frame):
        if not len(rows):
            yield fill(words.texts["gap_no_feature"], country=_country(country, words))


def _empty(data: LayerData, words: Words) -> Iterator[Text]:
    """Name the fields without values in some country, those of one country only together."""
    spec, parts = data.spec, [(c, rows) for c, rows in _by_country(data.frame) if len(rows)]
    flags = {field.name for field in spec.fields if field.classes == _COMPARABILITY}
    missing: dict[tuple[str, ...], list[Text]] = {}
    for field in spec.fields:
        known = {g.country for g in spec.gaps if _stem(g.field) == _stem(field.name)}
        told_by_quantity = field.unit is None and _stem(field.name) + _FLAG in flags
        if field.gap or told_by_quantity or None in known:
            continue
        lost = tuple(c for c, rows in parts if c not in known and not rows[field.name].notna().any())
        missing.setdefault(lost, []).append(words.labels[field.name])
    for lost, labels in missing.items():
        if lost:
            yield _lost(lost, {country for country, _ in parts}, listed(labels), words)


def _lost(lost: tuple[str, ...], present: set[str], labels: Text, words: Words) -> Text:
    """Say where there are no values: everywhere, everywhere but in one country, or in the countries named."""
    rest = present - set(lost)
    if len(rest) == 1 and len(lost) > 1:
        return fill(words.texts["gap_only"], country=_country(rest.pop(), words), labels=labels)
    names = listed(_country(country, words) for country in lost) if rest else _country(None, words)
    return fill(words.texts["gap_empty"], country=upper_first(names), labels=labels)


def _stem(field: str) -> str:
    """Name without its last part: ``so2`` for ``so2_t`` and for all that is told about it."""
    return field.rpartition("_")[0] or field


def _by_country(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    if "country" in frame:
        yield from ((country, frame[frame["country"].eq(country)]) for country in COUNTRIES)


def comparability(data: LayerData, words: Words) -> tuple[Text, ...]:
    """Say for each quantity what the countries' values are worth side by side."""
    told = words.texts
    if "country" not in data.frame:
        return (told["comparability_undivided"],)
    fields = [field for field in data.spec.fields if _is_quantity(field, words)]
    flags = {f.name for f in data.spec.fields}
    flagged = [field for field in fields if _stem(field.name) + _FLAG in flags]
    plain = [field for field in fields if field not in flagged]
    lines = (*_plain(plain, words), *(_flagged(field, data.frame, words) for field in flagged))
    return lines or (told["comparability_none"],)


def _is_quantity(field: Field, words: Words) -> bool:
    measured = field.dtype in {"real", "integer"} and (
        field.unit is not None or f"comparability_{field.name}" in words.texts
    )
    return measured and not field.gap


def _plain(fields: Iterable[Field], words: Words) -> Iterator[Text]:
    """Group the quantities of which the same is said: by the words on the field itself, else on its unit."""
    for judgement, group in groupby(fields, key=lambda field: _judgement(field, words)):
        labels = listed(words.labels[field.name] for field in group)
        yield fill(words.texts["comparability_line"], label=labels, told=words.texts[judgement])


def _judgement(field: Field, words: Words) -> str:
    names = (f"comparability_{field.name}", f"comparability_{field.name.rpartition('_')[2]}")
    return next((name for name in names if name in words.texts), "comparability_unjudged")


def _flagged(field: Field, frame: pd.DataFrame, words: Words) -> Text:
    stem = _stem(field.name)
    parts = [
        _of_country(country, rows[rows[field.name].notna()], stem, words)
        for country, rows in _by_country(frame)
    ]
    return fill(words.texts["comparability_line"], label=words.labels[field.name], told=listed(parts))


def _of_country(country: str, rows: pd.DataFrame, stem: str, words: Words) -> Text:
    """Say how many values of a country are comparable, and of which years they are."""
    told = words.texts
    if not len(rows):
        return fill(told["comparability_country"], country=_country(country, words), told=told["no_value"])
    counts: Mapping[Any, int] = dict(rows[stem + _FLAG].value_counts())
    parts = [
        fill(
            told["comparability_flag"],
            flag=lower_first(words.classes[_COMPARABILITY][str(code)]),
            features=number(features),
        )
        for code, features in sorted(counts.items(), key=lambda item: str(item[0]))
    ]
    if f"{stem}_year" in rows:
        years = rows[f"{stem}_year"].dropna().astype(int)
        span = dict.fromkeys((years.min(), years.max())) if len(years) else {}
        parts += [fill(told["data_of"], years="\u2013".join(map(str, span)))] if span else []
    return fill(told["comparability_country"], country=_country(country, words), told=join(parts, ", "))


def outliers(data: LayerData, words: Words) -> Text:
    """Tell how values far from their peers were searched for, among which quantities, and how many stand out."""
    told, rules = words.texts, data.spec.outliers
    if not rules:
        return told["outlier_none"]
    judged = listed(_judged(rules, words))
    groups = list(dict.fromkeys(name for rule in rules for name in rule.groups))
    found = sum(finding.count for finding in data.findings if finding.rule == "outlier")
    return fill(
        told["outlier_method"],
        fields=judged,
        groups=join([lower_first(words.labels[name]) for name in groups], ", "),
        score=f"{OutlierRule.far:g}",
        least=f"{OutlierRule.least}",
        found=number(found),
    )


def _judged(rules: Iterable[OutlierRule], words: Words) -> Iterator[Text]:
    for rule in rules:
        label = words.labels[rule.field]
        per = (words.texts["per"], lower_first(words.labels[rule.per])) if rule.per else ()
        yield join((label, *per))
