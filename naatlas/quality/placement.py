"""Does a point lie where its register says it does? The declared country and state win within a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.findings import Item, finding
from naatlas.framework.placement import placement

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from naatlas.model import Finding, Severity

#: Verdict -> rule and severity; points inside, or near enough, are no finding.
_VERDICTS: dict[str, tuple[str, Severity]] = {
    "other_state": ("placed-other-state", "warning"),
    "other_country": ("placed-other-country", "warning"),
    "at_sea": ("placed-at-sea", "info"),
    "off_continent": ("placed-off-continent", "warning"),
    "no_coordinates": ("placed-no-coordinates", "warning"),
}

#: Examples that go into a finding: one more than is shown, so that it can tell that there are more.
_EXAMPLES = 4
_SHARED_DECIMALS = 6  # about 0.1 m: the same text in the register, not merely near


def check_placement(frame: pd.DataFrame, *, key: str) -> tuple[list[Finding], pd.DataFrame]:
    """Hold the declared country and state of each point against the framework's boundaries.

    Parameters
    ----------
    frame
        One row a point: ``key``, longitude and latitude (degrees, WGS84), country (ISO 3166-1 alpha-3) and
        state (code of the framework). It is not changed.

    Returns
    -------
    findings
        By verdict and declared country, and one for coordinates that several features share.
    DataFrame
        ``key``, country and state as declared, then located_country, located_state, distance_to_state_km,
        distance_to_country_km and verdict, one row a feature in the order of ``frame``.
    """
    told = placement(frame["longitude"], frame["latitude"], frame["country"], frame["state"])
    told = pd.DataFrame(told).reset_index(drop=True)
    table = pd.concat([frame[[key, "country", "state"]].reset_index(drop=True), told], axis=1)
    return [*_by_verdict(table, key), *_shared(frame, key)], table


def _by_verdict(table: pd.DataFrame, key: str) -> list[Finding]:
    found = []
    for verdict, (rule, severity) in _VERDICTS.items():
        hit = table[table["verdict"] == verdict]
        for country, part in hit.groupby(hit["country"].astype("string").fillna("no country"), sort=True):
            shown = tuple(_where(row, key) for row in part.head(_EXAMPLES).to_dict("records"))
            ids = tuple(part[key].astype(str))
            found.append(finding(rule, severity, where=str(country), ids=ids, shown=shown))
    return found


def _where(row: Mapping[Hashable, Any], key: str) -> Item:
    located = next(
        (row[name] for name in ("located_state", "located_country") if not pd.isna(row[name])), None
    )
    distance = row["distance_to_state_km"]
    known = (located is not None, not pd.isna(distance))
    return Item(
        _PATTERNS[known], key=str(row[key]), state=str(row["state"]), located=str(located), km=distance
    )


#: Whether it lies in a state or country, and whether a distance is known -> the words for it.
_PATTERNS = {
    (True, True): "located",
    (True, False): "inside",
    (False, True): "away",
    (False, False): "declared",
}


def _shared(frame: pd.DataFrame, key: str) -> list[Finding]:
    """Tell features on exactly one point: often a town's or a county's centre instead of the site's own."""
    place = frame[["longitude", "latitude"]].astype("float64").round(_SHARED_DECIMALS).dropna()
    shared = place.index[place.duplicated(keep=False)]
    if shared.empty:
        return []
    points = len(place.loc[shared].drop_duplicates())
    ids = tuple(frame.loc[shared, key].astype(str))
    return [finding("shared-coordinates", "info", ids=ids, points=points)]
