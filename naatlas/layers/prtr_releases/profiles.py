"""What stands in the profile of a sector: countries side by side, top substances, trends on matched facilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.layers._prtr.comparable import compare
from naatlas.layers._prtr.releases import on_site
from naatlas.layers._prtr.rules import UNKNOWN
from naatlas.layers._prtr.substances import names
from naatlas.layers._prtr.sums import status
from naatlas.layers._prtr.suspects import OF_SIZE
from naatlas.register.matched import areas, matched
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from naatlas.layers._prtr.comparable import Comparison
    from naatlas.metadata.words import Text

#: Substances that are shown, and fewest years of a trend.
TOP, LEAST_YEARS = 8, 5
#: First year of a trend by area, where the list of substances changed (NOM-165-SEMARNAT-2013).
SINCE = {"MEX": 2014}


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """A substance and its releases on site, in kg; suspect quantities apart."""

    code: str
    names: Text
    kg: float
    suspect_kg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A country in the year of the comparison. Quantities are toxics in kg, without suspect ones, None without a file.

    Attributes
    ----------
    year
        None where no file of the country tells quantities of any year.
    states
        States that its files cover, where they do not cover the country.
    known, reporting
        Facilities of the sector that the files of the year would have, and those that they have.
    statuses
        Facilities of the year by what they tell.
    suspect_kg
        Releases on site that are left out of all sums because they are suspects.
    shared_kg
        Part of the releases on site that all compared countries can report.
    cells, unknown
        Cells of the comparison (substance, medium), and the share of them of which nobody knows what they mean.
    """

    country: str
    year: int | None
    states: tuple[str, ...]
    known: int
    reporting: int
    statuses: Mapping[str, int]
    on_site_kg: float | None
    transfers_kg: float | None
    suspect_kg: float | None
    shared_kg: float | None
    cells: int
    unknown: float
    top: tuple[Substance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Toxic releases on site of one year in kg, without suspects: of all facilities, and of the matched ones."""

    year: int
    kg: float
    matched_kg: float
    suspect_kg: float
    facilities: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """An area through the years that its files cover; ``lost`` are years between them without a file."""

    country: str
    area: str
    matched: int
    years: tuple[Year, ...]
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A sector."""

    sector: str
    sides: tuple[Side, ...]
    trends: tuple[Trend, ...]


def profiles(lines: pd.DataFrame, frame: pd.DataFrame) -> tuple[Profile, ...]:
    """Make the profiles of all sectors that have a facility.

    Parameters
    ----------
    lines
        The long table, with ``flag``.
    frame
        The facilities: ``atlas_id``, ``country``, ``state``, ``sector``.

    Returns
    -------
    tuple
        By code of the sector; none where no facility tells any quantity.
    """
    place = frame.set_index("atlas_id")[["country", "state", "sector"]]
    told = lines.join(place, on="atlas_id").assign(on_site=on_site(lines))
    told["suspect"] = told["flag"].isin(OF_SIZE)
    if told.empty:
        return ()
    year = _year(told)
    now = told[told["year"].eq(year)]
    comparison = compare(now[lines.columns], frame)
    shared = comparison.comparable(now[lines.columns], frame, sorted(set(now["country"])))
    now = now.assign(shared=now.index.isin(shared.index))
    spans = tuple(_spans(told))
    return tuple(
        Profile(
            sector=str(sector),
            sides=tuple(_side(country, year, part, now, comparison) for country in sorted(COUNTRIES)),
            trends=tuple(_trend(span, str(sector)) for span in spans),
        )
        for sector, part in frame.groupby("sector", sort=True)
    )


def _year(lines: pd.DataFrame) -> int:
    """Return the year for which most countries have a file, the newest of several."""
    count = lines.groupby("year")["country"].nunique()
    return int(count[count.eq(count.max())].index.max())


def _side(country: str, year: int, sector: pd.DataFrame, now: pd.DataFrame, comparison: Comparison) -> Side:
    there = now[now["country"].eq(country)]
    states = tuple(sorted(there["state"].unique())) if country == "USA" else ()
    facilities = sector[sector["country"].eq(country) & (sector["state"].isin(states) | (not states))]
    own = there[there["atlas_id"].isin(facilities["atlas_id"])]
    ids = pd.Series(own["atlas_id"].unique(), dtype="str")
    cells = comparison.cells
    cells = cells[cells["country"].eq(country) & cells["sector"].eq(sector["sector"].iloc[0])]
    toxic = own[own["kind"].eq("toxic") & own["kg"].notna()]
    sound = toxic[~toxic["suspect"]]
    place = sound["on_site"].astype(bool)
    sums: dict[str, float | None] = dict.fromkeys(("on_site_kg", "transfers_kg", "suspect_kg", "shared_kg"))
    if len(there):
        sums["on_site_kg"] = float(sound.loc[place, "kg"].sum())
        sums["transfers_kg"] = float(sound.loc[~place, "kg"].sum())
        sums["suspect_kg"] = float(toxic.loc[toxic["suspect"] & toxic["on_site"], "kg"].sum())
        sums["shared_kg"] = float(sound.loc[place & sound["shared"], "kg"].sum())
    return Side(
        country=country,
        year=year if len(there) else None,
        states=states,
        known=len(facilities),
        reporting=len(ids),
        statuses=_statuses(ids, own, country),
        cells=len(cells),
        unknown=float(cells["state"].eq(UNKNOWN).mean()) if len(cells) else 0.0,
        top=tuple(_top(toxic[toxic["on_site"].astype(bool)])),
        **sums,
    )


def _statuses(ids: pd.Series, own: pd.DataFrame, country: str) -> dict[str, int]:
    if ids.empty:
        return {}
    counts = status(ids, own, pd.Series(country, index=ids.index)).value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def _top(lines: pd.DataFrame) -> Iterator[Substance]:
    """Yield the substances of the largest releases; one that has only suspect quantities comes last."""
    kg = lines["kg"]
    parts = {"kg": kg.mask(lines["suspect"], 0.0), "suspect_kg": kg.where(lines["suspect"], 0.0)}
    sums = pd.DataFrame(parts).groupby(lines["substance"]).sum()
    sums = sums[sums.gt(0).any(axis=1)].sort_values(["kg", "suspect_kg"], ascending=False, kind="stable")
    for code, row in sums.head(TOP).iterrows():
        told = names()[str(code)]
        yield Substance(code=str(code), names=told, kg=float(row["kg"]), suspect_kg=float(row["suspect_kg"]))


@dataclass(frozen=True, slots=True)
class _Span:
    """The toxic releases on site of an area by sector and year, and who reported in all its years."""

    country: str
    area: str
    years: tuple[int, ...]
    sums: pd.DataFrame
    matched: Mapping[str, int]


def _spans(lines: pd.DataFrame) -> Iterator[_Span]:
    """Yield the areas that have files of enough years."""
    for key, part in lines.groupby(areas(lines["country"], lines["state"]).to_numpy()):
        area = str(key)
        own = part[part["year"].ge(SINCE.get(area, 0))]
        years = tuple(sorted(int(year) for year in own["year"].unique()))
        if len(years) >= LEAST_YEARS:
            same = matched(own, years)
            who = own[own["atlas_id"].isin(same)].drop_duplicates("atlas_id")["sector"].value_counts()
            yield _Span(
                country=str(own["country"].iloc[0]),
                area=area,
                years=years,
                sums=_by_year(own, same),
                matched={str(sector): int(count) for sector, count in who.items()},
            )


def _by_year(lines: pd.DataFrame, same: pd.Index) -> pd.DataFrame:
    reporting = lines.groupby(["sector", "year"])["atlas_id"].nunique().rename("facilities")
    toxic = lines[lines["kind"].eq("toxic") & lines["on_site"].astype(bool)]
    kg, suspect = toxic["kg"].fillna(0.0), toxic["suspect"]
    parts = {
        "kg": kg.mask(suspect, 0.0),
        "matched_kg": kg.mask(suspect | ~toxic["atlas_id"].isin(same), 0.0),
        "suspect_kg": kg.where(suspect, 0.0),
    }
    sums = pd.DataFrame(parts).groupby([toxic["sector"], toxic["year"]]).sum()
    return sums.join(reporting, how="outer").fillna(0.0)


def _trend(span: _Span, sector: str) -> Trend:
    rows = span.sums.reindex([(sector, year) for year in span.years], fill_value=0.0).to_dict("records")
    years = tuple(
        Year(
            year=year,
            kg=float(row["kg"]),
            matched_kg=float(row["matched_kg"]),
            suspect_kg=float(row["suspect_kg"]),
            facilities=int(row["facilities"]),
        )
        for year, row in zip(span.years, rows, strict=True)
    )
    lost = tuple(int(year) for year in np.setdiff1d(range(span.years[0], span.years[-1] + 1), span.years))
    return Trend(
        country=span.country, area=span.area, matched=span.matched.get(sector, 0), years=years, lost=lost
    )
