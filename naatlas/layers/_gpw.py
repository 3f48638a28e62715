"""The grid of population and its years, for all layers that count people. No layer itself; no heavy imports."""

from __future__ import annotations

from naatlas.spec import Csv, Licence, Source

CC_BY = Licence(
    id="CC-BY-4.0",
    name="Creative Commons Attribution 4.0",
    attribution="Center for International Earth Science Information Network (CIESIN), Columbia University. Gridded "
    "Population of the World, Version 4 (GPWv4); regridded to half a degree by the Joint Global Change Research "
    "Institute (metis).",
    url="https://creativecommons.org/licenses/by/4.0/",
    checked=False,
)

#: Years that version 4 estimates itself; the file has 1990 and 1995 too, which are no part of GPWv4.
YEARS = ("2000", "2005", "2010", "2015")


def _source(year: str) -> Source:
    return Source(
        id=f"gpwv4-{year}",
        country=None,
        title=f"Gridded Population of the World, version 4, people in cells of half a degree, {year}",
        publisher="Center for International Earth Science Information Network, Columbia University",
        landing_page="https://github.com/JGCRI/metis",
        licence=CC_BY,
        vintage=year,
        path="population/raw/gpwv4_population_0p5deg_na_1990_2015.csv.gz",
        layout=Csv(),
        columns=("lon", "lat", year),
    )


SOURCES = tuple(_source(year) for year in YEARS)
