"""The columns of the layer of facilities through the years."""

from __future__ import annotations

from naatlas.layers._prtr.fields import PLACE, origin, totals
from naatlas.layers._prtr.media import ON_SITE
from naatlas.spec import Field


def _year(name: str, dbf: str) -> Field:
    return Field(name=name, dtype="integer", dbf=dbf, low=1987, high=2100, balloon=True)


FIELDS: tuple[Field, ...] = (
    *PLACE,
    _year("first_year", "FirstYear"),
    _year("last_year", "LastYear"),
    Field(name="years_reported", dtype="integer", dbf="Years", low=1, high=100, balloon=True),
    Field(name="substances", dtype="integer", dbf="Substances", low=0),
    Field(name="substance_groups", dtype="text", dbf="SubstGroup"),
    *totals(ON_SITE),
    Field(name="trend", dtype="text", dbf="Trend", classes="prtr_trend", balloon=True),
    Field(name="trend_percent", dtype="real", dbf="TrendPctYr", unit="percent", low=-100.0, decimals=1),
    Field(name="trend_years", dtype="integer", dbf="TrendYears", low=5, high=100),
    Field(name="border_zone", dtype="text", dbf="BorderZone", classes="border_zone", balloon=True),
    Field(name="border_km", dtype="real", dbf="Border_km", unit="kilometer", low=0.0),
    Field(name="may_continue", dtype="text", dbf="MayCont"),
    Field(name="may_go_on_as", dtype="text", dbf="MayGoOnAs"),
    *origin(east=-45.0),
)
