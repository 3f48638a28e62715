"""Does a point lie where its register says it does? The declared country and state win within a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from naatlas.framework.placement import placement
from naatlas.model import Finding
from naatlas.quality.wording import examples, features

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from naatlas.model import Severity

#: Verdict -> severity, what is the matter, and what to do; points inside, or near enough, are no finding.
_VERDICTS: dict[str, tuple[Severity, str, str]] = {
    "other_state": (
        "warning",
        "in another state or province than declared, farther from it than the tolerance",
        "the publisher corrects the coordinates or the state; the feature keeps what is declared",
    ),
    "other_country": (
        "warning",
        "in another country than declared, farther from it than the tolerance",
        "the publisher corrects the coordinates or the country; the feature keeps what is declared",
    ),
    "at_sea": (
        "info",
        "at sea off the declared country, farther from its coast than the tolerance",
        "right for a wind farm at sea; for any other feature the publisher checks the coordinates",
    ),
    "off_continent": (
        "warning",
        "outside the three countries and the sea off them",
        "look for swapped latitude and longitude, a lost sign or a lost decimal point",
    ),
    "no_coordinates": (
        "warning",
        "without coordinates, so that no map can show it",
        "the publisher adds coordinates, or the record is rejected with that reason",
    ),
}

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
    for verdict, (severity, what, advice) in _VERDICTS.items():
        hit = table[table["verdict"] == verdict]
        for country, part in hit.groupby(hit["country"].astype("string").fillna("no country"), sort=True):
            shown = examples(_where(row, key) for row in part.to_dict("records"))
            message = f"{features(part['verdict'].notna(), verb='')} stand {what} ({shown})"
            found.append(
                Finding(
                    rule=f"placed-{verdict.replace('_', '-')}",
                    severity=severity,
                    where=str(country),
                    message=message,
                    advice=advice,
                    count=len(part),
                    ids=tuple(part[key].astype(str)),
                )
            )
    return found


def _where(row: Mapping[Hashable, Any], key: str) -> str:
    located = next(
        (row[name] for name in ("located_state", "located_country") if not pd.isna(row[name])), None
    )
    distance = row["distance_to_state_km"]
    told = f"{row[key]}: declared {row['state']}"
    told += "" if located is None else f", lies in {located}"
    return told if pd.isna(distance) else f"{told}, {distance:,.1f} km away"


def _shared(frame: pd.DataFrame, key: str) -> list[Finding]:
    """Tell features on exactly one point: often a town's or a county's centre instead of the site's own."""
    place = frame[["longitude", "latitude"]].astype("float64").round(_SHARED_DECIMALS).dropna()
    shared = place.index[place.duplicated(keep=False)]
    if shared.empty:
        return []
    points = len(place.loc[shared].drop_duplicates())
    message = f"{len(shared)} features share {points} point(s) with another feature"
    advice = "check whether the register gives the centre of a town or county instead of the site"
    ids = tuple(frame.loc[shared, key].astype(str))
    return [
        Finding(
            rule="shared-coordinates",
            severity="info",
            message=message,
            advice=advice,
            count=len(ids),
            ids=ids,
        )
    ]
