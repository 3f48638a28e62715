"""Canadian files in their publishers' layouts, a few rows each, and the books to combine them on."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from naatlas.facts import Facts
from naatlas.layers.power_plants import SPEC
from naatlas.layers.power_plants.canada_common import COLUMNS, Books
from naatlas.layers.power_plants.canada_sources import GHG, LIST, WIND
from naatlas.layers.power_plants.capacity import Capacities
from naatlas.ledger import Ledger
from naatlas.model import Work
from naatlas.sources import read
from tests.sources_kit import workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from naatlas.model import Table

WIND_HEADER = (
    "OBJECTID", "Province/Territory", "Project name", "Total project capacity (MW)", "Turbine identifier",
    "Turbine number in project", "Turbine rated capacity (kW)", "Rotor diameter (m)", "Hub height (m)",
    "Manufacturer", "Model", "Commissioning date", "Latitude", "Longitude", "Notes",
)  # fmt: skip
GHG_HEADER = (
    "Facility ID", "Facility name", "Company name", "City", "Address", "Postal code", "Province", "Latitude",
    "Longitude", "Total emissions", "Units", "Report year", "Industry classification",
    "Industry classification link", "Facility information", "Facility details",
)  # fmt: skip
LIST_HEADER = (
    "Power Plant ID", "Name", "Fuel", "Secondary Fuel", "Generator Technology", "Units", "Capacity (MW)",
    "Commissioning Date", "Owner", "Operational Status", "Location", "Annual Generation (GWh)", "Year of Data",
    "Generation Data Source", "Cooling Technology", "Cooling Source", "Fuel Consumption (g/kWh)",
    "CO2 Annual Reported", "CO2 Specific Emissions (tCO2/MWh)", "Efficiency", "Latitude", "Longitude", "Other",
    "Source", "URL", "Source 2", "URL 2", "Peak Load (MW)", "Load Factor", "Capacity Factor", "Availability",
    "Grid Connection (kV)", "Grid Balancing Area", "Address", "Municipality", "Postal Code", "Country",
    "Natural Language", "Geolocation Source",
)  # fmt: skip
KILOTONNES = "kilotonnes of carbon dioxide equivalents (kt CO2 eq)"
FOSSIL = "Fossil-Fuel Electric Power Generation"


def turbines(
    project: str, total: float, kw: Sequence[object], *, letters: str, province: str = "Ontario",
    year: object = 2014, at: tuple[float, float] = (-80.0, 44.0), of: int | None = None,
) -> list[tuple[object, ...]]:  # fmt: skip
    """Rows of one project, its turbines 0.02 degrees apart to the east."""
    count = of or len(kw)
    return [
        (n, province, project, total, f"{letters}{n}", f"{n}/{count}", rating, 90, 80, "Vestas", "V90", year,
         at[1], at[0] + 0.02 * (n - 1), "")
        for n, rating in enumerate(kw, start=1)
    ]  # fmt: skip


def facility(
    number: int, name: str, company: str, at: tuple[float, float], kilotonnes: str, **changes: str
) -> dict[str, str]:
    """One row of the emission register; the last cell ends in a line break, as published."""
    row = dict.fromkeys(GHG_HEADER, "")
    row |= {"Facility ID": str(number), "Facility name": name, "Company name": company, "City": "Sarnia"}
    row |= {"Province": "Ontario", "Longitude": str(at[0]), "Latitude": str(at[1])}
    row |= {"Total emissions": kilotonnes, "Units": KILOTONNES, "Report year": "2021"}
    row |= {"Industry classification": FOSSIL, "Facility details": "http://indicators-map.canada.ca/\n"}
    return row | changes


def listed(
    number: int, name: str, fuel: str, mw: float, at: tuple[float, float], **changes: str
) -> dict[str, str]:
    """One row of the hand-collected list."""
    row = dict.fromkeys(LIST_HEADER, "")
    row |= {"Power Plant ID": str(number), "Name": name, "Fuel": fuel, "Capacity (MW)": f"{mw:g}"}
    row |= {"Operational Status": "Operational", "Source": "Open Government Portal"}
    row |= {"Longitude": str(at[0]), "Latitude": str(at[1])}
    return row | changes


def scrambled(number: int, name: str, fuel: str, mw: float, at: tuple[float, float]) -> dict[str, str]:
    """One of the last rows of the list: owner, date and place are those of other plants."""
    wrong = {"Owner": "Somebody Else", "Commissioning Date": "1948", "Municipality": "Elsewhere"}
    return listed(number, name, fuel, mw, at, Source="Canadian Power Plant Database", **wrong)


def plants(*rows: tuple[str, str, str, str, float, float, float]) -> pd.DataFrame:
    """Plants of the trilateral tables: id, name, state, source, MW, longitude, latitude."""
    names = ["id", "name", "state", "primary_source", "capacity_mw", "longitude", "latitude"]
    told = pd.DataFrame(rows, columns=names).set_index("id")
    blank = pd.Series(pd.NA, index=told.index, dtype="string")
    return told.assign(country="CAN", owner=blank, operator=blank)[COLUMNS]


def wind_table(folder: Path, rows: Sequence[Sequence[object]]) -> Table:
    """Write and read the turbine database."""
    source = SPEC.source(WIND)
    path = folder / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook(path, [WIND_HEADER, *rows], sheet="Wind Turbine Apr 27")
    return _selection(read(source, folder))


def ghg_table(folder: Path, rows: Sequence[dict[str, str]]) -> Table:
    """Write and read the emission register: cp1252, CRLF, a quoted line break at the end of each record."""
    return _csv_table(folder, GHG, GHG_HEADER, rows, "cp1252")


def list_table(folder: Path, rows: Sequence[dict[str, str]]) -> Table:
    """Write and read the hand-collected list: UTF-8, CRLF."""
    return _csv_table(folder, LIST, LIST_HEADER, rows, "utf-8")


def _csv_table(
    folder: Path, source_id: str, header: Sequence[str], rows: Sequence[dict[str, str]], encoding: str
) -> Table:
    source = SPEC.source(source_id)
    path = folder / source.path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return _selection(read(source, folder))


def _selection(table: Table) -> Table:
    """Decisions in links_canada.csv about rows that a fixture lacks are skipped, as for starter rows."""
    return replace(table, input=replace(table.input, tier="starter"))


def books(*tables: Table) -> Books:
    """Empty books with these tables opened."""
    work = Work(edition=SPEC.edition("2023"), ledger=Ledger())
    for table in tables:
        work.ledger.open(table)
    return Books(facts=Facts(work.edition.sources), capacities=Capacities(), spec=SPEC, work=work)


def rules(books: Books) -> list[str]:
    """Names of the findings so far."""
    return [finding.rule for finding in books.work.findings]
