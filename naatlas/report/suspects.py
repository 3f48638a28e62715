"""Suspect values of a layer, gathered for those who own the data: where each stands, why, and what was to be expected.

A layer that looks for suspects of its own hands them over as a table of the name ``TABLE``. Of every layer, what the
search of outliers finds comes to them, and the points that do not lie in the state that they are declared in. A
suspect has a rule of the catalogue of findings, which words why it is one and what it most likely comes from; the
columns of its row fill the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.errors import SpecError
from naatlas.findings import Item, rules
from naatlas.quality import outliers
from naatlas.report.misplaced import misplaced
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.metadata.words import Words
    from naatlas.model import LayerData
    from naatlas.spec import OutlierRule

#: Table in which a layer hands its own suspects over, with these columns beside its key; where it has a column
#: ``listed``, the owner is told only of the rows in which it is true.
TABLE = "suspects"
COLUMNS = (
    "country",
    "rule",
    "source",
    "row",
    "national_column",
    "published",
    "national_unit",
    "expected_published",
    "factor",
    *(f"what_{language}" for language in LANGUAGES),
)


def gather(data: LayerData, words: Words) -> pd.DataFrame:
    """Put all suspects of a layer together.

    Returns
    -------
    DataFrame
        One row a suspect: ``id``, ``name`` of the feature, ``COLUMNS`` (``published`` is the value as the file has it,
        ``expected_published`` in the same unit, ``factor`` their ratio, ``what`` a label in each language), and what
        else the words of its rule name; by country, rule as in the catalogue, source and row.

    Raises
    ------
    SpecError
        The layer's own table lacks a column.
    """
    parts = [
        part for part in (_own(data), _outliers(data, words), _named(misplaced(data), data)) if not part.empty
    ]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in ("id", "name", *COLUMNS)})
    # Whole numbers stay whole where another part lacks the column.
    whole = [part.astype(dict.fromkeys(part.select_dtypes("integer"), "Int64")) for part in parts]
    told = pd.concat(whole, ignore_index=True)
    order = {rule: place for place, rule in enumerate(rules())}
    told["_rule"] = told["rule"].map(order)
    told["_row"] = pd.to_numeric(told["row"].astype("string").str.extract(r"(\d+)")[0])
    told = told.sort_values(["country", "_rule", "source", "_row", "id"], kind="stable", ignore_index=True)
    return told.drop(columns=["_rule", "_row"])


def _own(data: LayerData) -> pd.DataFrame:
    table = data.tables.get(TABLE)
    if table is None:
        return pd.DataFrame()
    if lost := [name for name in (data.spec.key, *COLUMNS) if name not in table]:
        raise SpecError(f"layer {data.spec.slug}: its table {TABLE} lacks {', '.join(lost)}")
    listed = table[table["listed"]] if "listed" in table else table
    return _named(listed.rename(columns={data.spec.key: "id"}), data)


def _named(table: pd.DataFrame, data: LayerData) -> pd.DataFrame:
    if "name" not in data.frame or table.empty:
        return table.assign(name="")
    return table.assign(name=table["id"].map(data.frame.set_index(data.spec.key)["name"]))


def _outliers(data: LayerData, words: Words) -> pd.DataFrame:
    """Trace the outliers of the layer to the first cell of a national file that each comes from."""
    key = data.spec.key
    table = outliers.outliers(data.frame, data.spec.outliers, key=key)
    if table.empty or data.spec.geometry == "Raster":
        return pd.DataFrame()
    known = {rule.label: rule for rule in data.spec.outliers}
    told = table.rename(columns={key: "id", "field": "label"})
    told["field"] = told["label"].map({label: rule.field for label, rule in known.items()})
    told["limit"] = (
        told["label"].map({label: rule.ceiling for label, rule in known.items()}).astype("float64")
    )
    beyond = told["value"].gt(told["limit"])
    told["rule"] = np.where(beyond, "suspect-beyond-limit", "suspect-outlier")
    told["factor"] = told["value"] / told["expected"]
    told["expected_published"] = np.nan  # in the unit of the layer, which need not be that of the file
    return _labelled(_named(_traced(told, data), data), known, words)


def _traced(told: pd.DataFrame, data: LayerData) -> pd.DataFrame:
    origin = data.provenance.drop_duplicates([data.spec.key, "field"]).set_index([data.spec.key, "field"])
    columns = {
        "source": "source",
        "row": "row",
        "national_field": "national_column",
        "national_value": "published",
    }
    cells = origin[list(columns)].rename(columns=columns)
    return told.join(cells, on=["id", "field"]).assign(national_unit="")


def _labelled(told: pd.DataFrame, known: Mapping[str, OutlierRule], words: Words) -> pd.DataFrame:
    """Name what is judged, a field or one divided by another; what no file tells is no owner's."""
    for language in LANGUAGES:
        names = {
            label: " / ".join(words.label(field, language) for field in (rule.field, rule.per) if field)
            for label, rule in known.items()
        }
        told[f"what_{language}"] = told["label"].map(names)
    # A value and its ratio to another one are one cell of the file: the farther of the two is told.
    far = told["factor"].map(np.log10).abs().sort_values(ascending=False, kind="stable").index
    cells = ["id", "rule", "source", "row", "national_column"]
    return told.loc[far].dropna(subset="source").drop_duplicates(cells).sort_index()


def _few(factor: float) -> float:
    """Keep three figures: what was expected is a median, and no more is meant."""
    return float(f"{factor:.3g}")


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what fills the words of a suspect: its columns, and how many times what was expected it is."""
    told = {name: value for name, value in row.items() if name != "rule" and not pd.isna(value)}
    factor = float(told.get("factor", 0.0))
    if factor > 0:
        times = Item("more", factor=_few(factor)) if factor >= 1 else Item("less", inverse=_few(1 / factor))
        told["times"] = (times,)
    return told
