"""Trends on facilities that reported in all years: the reporting population grows, and lists of substances change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.layers._prtr.releases import on_site
from naatlas.register.matched import areas, matched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

#: Fewest years from which a facility's own trend is taken.
LEAST_YEARS = 5
#: Two-sided 5 % of the normal distribution.
_Z = 1.96
#: The list of substances of the RETC that holds since then (NOM-165-SEMARNAT-2013).
NEW_LIST = 2014


@dataclass(frozen=True, slots=True)
class Span:
    """Years of one area that may be compared: all of them have a file there."""

    area: str
    years: tuple[int, ...]

    @property
    def name(self) -> str:
        """Such as ``2004-2022``."""
        return f"{self.years[0]}-{self.years[-1]}"


def spans(reports: pd.DataFrame, area: pd.Series) -> Iterator[Span]:
    """Yield the spans of each area: all its years, and for Mexico those since its list of substances changed."""
    for key, part in reports.groupby(area.to_numpy()):
        name, years = str(key), tuple(sorted(int(year) for year in part["year"].unique()))
        recent = tuple(year for year in years if year >= NEW_LIST and name == "MEX")
        yield from (Span(name, told) for told in dict.fromkeys([years, recent]) if len(told) > 1)


def trends(lines: pd.DataFrame, frame: pd.DataFrame, *, shares: Sequence[float] = (1.0, 0.8)) -> pd.DataFrame:
    """Add up all facilities and matched ones side by side.

    Parameters
    ----------
    lines
        The long table.
    frame
        The facilities: ``atlas_id``, ``country``, ``state``, ``sector``.
    shares
        Of the years of a span, as :func:`matched` takes them.

    Returns
    -------
    DataFrame
        ``country``, ``area``, ``span``, ``share``, ``matched_in_span`` (how many facilities), ``sector``, ``kind``,
        ``group``, ``place`` (``on_site``, ``transfer``), ``year``, then ``facilities`` and ``kg`` (``g`` of dioxins and
        furans) of all, and ``matched_facilities``, ``matched_kg``, ``matched_g``.
    """
    place = frame.set_index("atlas_id")[["country", "state", "sector"]]
    told = lines[["atlas_id", "kind", "group", "year", "kg", "g"]].join(place, on="atlas_id")
    told["place"] = np.where(on_site(lines), "on_site", "transfer")
    told["area"] = areas(told["country"], told["state"])
    parts = [_span(told, span, share) for span in spans(told, told["area"]) for share in shares]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["country", "area"])


def _span(lines: pd.DataFrame, span: Span, share: float) -> pd.DataFrame:
    own = lines[lines["area"].eq(span.area) & lines["year"].isin(span.years)]
    ids = matched(own, span.years, share=share)
    keys = ["country", "sector", "kind", "group", "place", "year"]
    every = _sums(own, keys)
    same = _sums(own[own["atlas_id"].isin(ids)], keys).add_prefix("matched_")
    told = every.join(same).reset_index()
    told["matched_facilities"] = told["matched_facilities"].fillna(0).astype("int64")
    told = told.assign(area=span.area, span=span.name, share=share, matched_in_span=len(ids))
    head = ["country", "area", "span", "share", "matched_in_span"]
    return told[[*head, *told.columns.drop(head)]]


def _sums(lines: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    groups = lines.groupby(keys, observed=True)
    sums = groups[["kg", "g"]].sum(min_count=1)
    sums.insert(0, "facilities", groups["atlas_id"].nunique())
    return sums


def own_trends(lines: pd.DataFrame) -> pd.DataFrame:
    """Give the trend of each facility on itself: on-site releases of the toxics that it reported in all its years.

    Theil and Sen's slope of the logarithms over the years, and Mann and Kendall's test with the usual correction for
    ties; a facility needs ``LEAST_YEARS`` years, in all of which the sum of these substances is above zero.

    Returns
    -------
    DataFrame
        By ``atlas_id``: ``trend_percent`` a year, ``trend_years`` (how many), ``trend`` (``rising`` and ``falling`` at
        5 %, else ``none``).
    """
    series = _basket(lines)
    return pd.DataFrame(
        {
            name: _trend(part["year"].to_numpy("float64"), part["kg"].to_numpy("float64"))
            for name, part in series.groupby("atlas_id")
        },
        index=["trend_percent", "trend_years", "trend"],
    ).T.rename_axis("atlas_id")


def _basket(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum by facility and year what it reported in every year that it has lines in."""
    toxic = lines[lines["kind"].eq("toxic") & lines["kg"].notna()]
    count = lines.groupby("atlas_id")["year"].nunique()
    keys = ["atlas_id", "substance"]
    always = toxic.groupby(keys)["year"].transform("nunique").eq(toxic["atlas_id"].map(count))
    kept = toxic[always & toxic["atlas_id"].map(count).ge(LEAST_YEARS)]
    kept = kept.assign(kg=kept["kg"].where(on_site(kept), 0.0))
    sums = kept.groupby(["atlas_id", "year"])["kg"].sum().reset_index()
    return sums[sums.groupby("atlas_id")["kg"].transform("min").gt(0)]


def _trend(years: NDArray[np.float64], kg: NDArray[np.float64]) -> tuple[float, int, str]:
    one, other = np.triu_indices(len(years), k=1)
    rise = np.log(kg[other]) - np.log(kg[one])
    slope = float(np.median(rise / (years[other] - years[one])))
    score = float(np.sign(rise).sum())
    _, ties = np.unique(kg, return_counts=True)
    spread = (
        sum(n * (n - 1) * (2 * n + 5) * sign for n, sign in [(len(kg), 1), *((t, -1) for t in ties)]) / 18
    )
    z = 0.0 if not spread else (score - np.sign(score)) / np.sqrt(spread)
    kind = "rising" if z > _Z else "falling" if z < -_Z else "none"
    return round(100 * float(np.expm1(slope)), 2), len(years), kind
