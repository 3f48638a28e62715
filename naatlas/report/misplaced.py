"""Points that do not lie where the same row of the register says, for those who own the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from naatlas.findings import marked
from naatlas.framework.placement import placement
from naatlas.framework.places import country_name, state_name
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.languages import Language
    from naatlas.model import LayerData

#: Rule of the check -> rule that words it for the owner. Points at sea are none of these: platforms stand there.
RULES = {
    "placed-other-country": "suspect-other-country",
    "placed-other-state": "suspect-other-state",
    "placed-off-continent": "suspect-off-continent",
}
_AXES = ("latitude", "longitude")
_WORDS: Mapping[str, dict[Language, str]] = {
    "declared": {"en": "declared {}", "fr": "déclaré\u00a0: {}", "es": "declarado: {}"},
    "lies": {"en": "point in {}", "fr": "point\u00a0: {}", "es": "punto: {}"},
    "away": {"en": "{}\u00a0km away", "fr": "à {}\u00a0km", "es": "a {}\u00a0km"},
}
_BETWEEN: dict[Language, str] = {"en": "; ", "fr": "\u00a0; ", "es": "; "}


def misplaced(data: LayerData) -> pd.DataFrame:
    """List the points that the check of places found elsewhere, each with both cells of its coordinates.

    Returns
    -------
    DataFrame
        One row a point, as ``naatlas.report.suspects.gather`` takes it; ``published`` is latitude and longitude as the
        file has them.
    """
    key = data.spec.key
    rule = {name: RULES[found.rule] for found in data.findings if found.rule in RULES for name in found.ids}
    frame = data.frame[data.frame[key].isin(list(rule))].reset_index(drop=True)
    if frame.empty:
        return pd.DataFrame()
    told = pd.DataFrame(placement(frame["longitude"], frame["latitude"], frame["country"], frame["state"]))
    told = pd.concat([frame[[key, "country", "state"]], told.reset_index(drop=True)], axis=1)
    what = [_worded(row) for row in told.to_dict("records")]
    told = told.rename(columns={key: "id"}).assign(
        rule=told[key].map(rule), national_unit="", expected_published=np.nan, factor=np.nan,
        **{f"what_{language}": [words[language] for words in what] for language in LANGUAGES},
    )  # fmt: skip
    return told.join(_cells(data), on="id").dropna(subset="source")


def _cells(data: LayerData) -> pd.DataFrame:
    """Give file, row, columns and text of the coordinates of each feature that a file tells of."""
    own = data.provenance.drop_duplicates([data.spec.key, "field"]).set_index(data.spec.key)
    north, east = (own[own["field"].eq(axis)] for axis in _AXES)
    both = {
        name: north[column].astype("str") + ", " + east[column].astype("str")
        for name, column in (("national_column", "national_field"), ("published", "national_value"))
    }
    return north[["source", "row"]].assign(**both)


def _worded(row: Mapping[Any, Any]) -> dict[Language, str]:
    """Say where the point should lie, where it does, and how far that is from where it should."""
    told: dict[Language, str] = {}
    for language in LANGUAGES:
        parts = [_WORDS["declared"][language].format(state_name(str(row["state"]), language))]
        if not pd.isna(row["located_country"]):
            parts.append(_WORDS["lies"][language].format(_located(row, language)))
        if not pd.isna(row["distance_to_state_km"]):
            km = marked(f"{row['distance_to_state_km']:,.1f}", language)
            parts.append(_WORDS["away"][language].format(km))
        told[language] = _BETWEEN[language].join(parts)
    return told


def _located(row: Mapping[Any, Any], language: Language) -> str:
    country = country_name(str(row["located_country"]), language)
    state = row["located_state"]
    return country if pd.isna(state) else f"{state_name(str(state), language)} ({country})"
