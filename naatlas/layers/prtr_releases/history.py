"""What each year's file says of a facility, and what changed between them: place, name, sector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
from rapidfuzz import fuzz, process

from naatlas.harmonize.names import normal
from naatlas.layers._prtr.releases import on_site

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A published point that lies farther from that of the year before is a move, or a mended slip of the pen.
MOVED_KM = 5.0
#: Similarity of two names (0 to 100) below which a facility was renamed: another owner, mostly.
RENAMED = 60.0

COLUMNS = (
    "atlas_id",
    "year",
    "name",
    "city",
    "state",
    "sector",
    "sector_national",
    "longitude",
    "latitude",
    "moved_km",
    "name_score",
    "sector_before",
    "substances",
    "releases_kg",
    "transfers_kg",
    "source",
    "row",
)


def history(sites: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Put the years of each facility under each other.

    Parameters
    ----------
    sites
        One row a facility and file, as ``reading.Registers`` has them.
    lines
        The long table.

    Returns
    -------
    DataFrame
        ``COLUMNS``, sorted by facility and year. ``moved_km`` (on the ellipsoid), ``name_score`` (0 to 100, 100 the
        same words) and ``sector_before`` (where it differs) compare with the year before; ``releases_kg`` and
        ``transfers_kg`` are those of toxic substances, missing where nothing is reported.
    """
    told = sites.sort_values(["atlas_id", "year"], ignore_index=True)
    before = told.shift(1)
    again = told["atlas_id"].eq(before["atlas_id"]).fillna(value=False).to_numpy(dtype=bool)
    told["moved_km"] = np.where(again, _apart_km(told, before), np.nan)
    told["name_score"] = np.where(again, _alike(told["name"], before["name"]), np.nan)
    other = again & told["sector"].ne(before["sector"]).fillna(value=True).to_numpy(dtype=bool)
    told["sector_before"] = before["sector"].where(other)
    told = told.merge(_reported(lines), how="left", on=["atlas_id", "year"])
    return told[list(COLUMNS)].astype({"year": "int64", "substances": "Int64"})


def _apart_km(one: pd.DataFrame, other: pd.DataFrame) -> NDArray[np.float64]:
    points = (frame[axis].to_numpy("float64") for frame in (one, other) for axis in ("longitude", "latitude"))
    metres = pyproj.Geod(ellps="WGS84").inv(*(np.nan_to_num(axis) for axis in points))[2]
    return np.asarray(metres) / 1000


def _alike(names: pd.Series, before: pd.Series) -> NDArray[np.float64]:
    """Compare names without case, accents and legal form; a name within a longer one is the same."""
    one, other = (normal(column.fillna("")).to_list() for column in (names, before))
    return process.cpdist(one, other, scorer=fuzz.token_set_ratio)


def _reported(lines: pd.DataFrame) -> pd.DataFrame:
    keys = ["atlas_id", "year"]
    toxic = lines[lines["kind"].eq("toxic")]
    here = on_site(toxic)
    told = pd.DataFrame({"substances": lines.groupby(keys)["substance"].nunique()})
    told["releases_kg"] = toxic[here].groupby(keys)["kg"].sum(min_count=1)
    told["transfers_kg"] = toxic[~here].groupby(keys)["kg"].sum(min_count=1)
    return told.reset_index()


def changes(years: pd.DataFrame) -> pd.DataFrame:
    """Tell by facility whether it ever moved, was renamed, or changed its sector."""
    told = pd.DataFrame(
        {
            "moved": years["moved_km"].gt(MOVED_KM),
            "renamed": years["name_score"].lt(RENAMED),
            "sector_changed": years["sector_before"].notna(),
        }
    )
    return told.groupby(years["atlas_id"]).any()


def successions(years: pd.DataFrame, *, gap: int = 3) -> pd.DataFrame:
    """Find facilities that may go on under another number: same name and place, one ends before the other begins.

    Parameters
    ----------
    years
        As :func:`history` gives them, of registers whose years are told.
    gap
        Most years between the last report of the one and the first of the other.

    Returns
    -------
    DataFrame
        ``earlier``, ``later`` (atlas ids), ``name``, ``city``, ``state``, ``last_year`` of the earlier, ``first_year``
        of the later, ``apart_km`` between their last and first points, ``kind``: ``merger`` where several may go on as
        one, ``split`` where one may go on as several, else ``new_number``.
    """
    span = years.groupby("atlas_id")["year"].agg(first_year="min", last_year="max")
    known = years.assign(words=normal(years["name"].fillna("")), town=years["city"].str.casefold())
    keys = ["words", "town", "state"]
    spelled = known[known["words"].ne("")].drop_duplicates(["atlas_id", *keys])[["atlas_id", *keys]]
    pairs = spelled.merge(spelled, on=keys, suffixes=("", "_later"))
    pairs = pairs.rename(columns={"atlas_id": "earlier", "atlas_id_later": "later"})
    pairs = pairs.drop_duplicates(["earlier", "later"])
    last = pairs["earlier"].map(span["last_year"])
    first = pairs["later"].map(span["first_year"])
    after = (first - last).between(1, gap)
    told = pairs[after].assign(last_year=last[after], first_year=first[after])
    # In a chain of numbers each goes on as the next: the first does not go on as the third too.
    next_one = told.groupby("earlier")["first_year"].transform("min").eq(told["first_year"])
    last_one = told.groupby("later")["last_year"].transform("max").eq(told["last_year"])
    return _kinds(_placed(told[next_one & last_one], years))


def _placed(pairs: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """Add name and town as the later one writes them, and how far the two points are apart."""
    point = ["longitude", "latitude"]
    one = years.drop_duplicates("atlas_id", keep="last").set_index("atlas_id").loc[pairs["earlier"], point]
    start = years.drop_duplicates("atlas_id").set_index("atlas_id").loc[pairs["later"]]
    told = pairs[["earlier", "later", "last_year", "first_year"]].reset_index(drop=True)
    for field in ("name", "city", "state"):
        told[field] = start[field].to_numpy()
    told["apart_km"] = _apart_km(one.reset_index(drop=True), start[point].reset_index(drop=True)).round(3)
    return told.sort_values(["earlier", "later"], ignore_index=True)


def _kinds(pairs: pd.DataFrame) -> pd.DataFrame:
    into, out = (pairs.groupby(side)[side].transform("size") for side in ("later", "earlier"))
    kind = np.select([into.gt(1), out.gt(1)], ["merger", "split"], "new_number")
    columns = ["earlier", "later", "kind", "name", "city", "state", "last_year", "first_year", "apart_km"]
    return pairs.assign(kind=kind)[columns]
