"""A national file: who publishes it under which terms, and how it is laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from naatlas.errors import SpecError

Country = Literal["CAN", "USA", "MEX"]
RasterKind = Literal["class", "quantity", "count"]
COUNTRIES: tuple[Country, ...] = ("CAN", "USA", "MEX")

#: Names of sources and layers.
SLUG = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """Under which terms an input may be used, and the line that must be printed with it."""

    id: str
    name: str
    attribution: str
    url: str
    checked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv:
    """A delimited text file, perhaps gzipped or a member of a zip."""

    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int = 1
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excel:
    """One sheet of an xlsx or xls workbook; ``header_row`` counts from 1 as the spreadsheet does."""

    sheet: str
    header_row: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A file that GDAL opens, zipped or not; ``crs`` is for files that do not tell theirs."""

    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGrid:
    """Cells written as numbers in text, perhaps gzipped: a line for each row of cells, blanks between the numbers.

    Attributes
    ----------
    rows, cols
        Lines, and numbers in a line.
    first
        x and y of the centre of the first cell of the first line.
    step
        From one cell to the next in a line, and from one line to the next: below 0 where they run from north to south.
    """

    rows: int
    cols: int
    first: tuple[float, float]
    step: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterFile:
    """Bands of a raster file, as they are and not as the file may say that they are.

    Attributes
    ----------
    kind
        What the cells hold: codes of classes, a quantity of each place, or counted things.
    bands
        Those that are read, from 1; each becomes a raster of its own.
    crs, nodata
        Where the file says nothing or something untrue; None to believe it.
    valid
        Smallest and largest number that means anything, for quantities and counts; None for any.
    refuse
        Whether a cell that holds no value of its kind stops the build: a fraction or NaN among codes, a number outside
        ``valid``. False rejects such cells one by one: they have no data then, and stand in the account.
    variable
        Which of the variables of a netCDF file is read; empty for files that have only bands.
    text
        Where the cells lie, for a file of numbers as text, which has one band; ``crs`` must be declared with it.
    """

    kind: RasterKind
    bands: tuple[int, ...] = (1,)
    crs: str | None = None
    nodata: float | None = None
    valid: tuple[float, float] | None = None
    refuse: bool = True
    variable: str = ""
    text: TextGrid | None = None

    def __post_init__(self) -> None:
        if self.text and (self.bands != (1,) or self.variable or self.crs is None):
            raise SpecError("raster: a grid of text has one band and no variables, and a declared crs")
        if not self.bands or min(self.bands) < 1:
            raise SpecError(f"raster bands {self.bands}: name at least one; they count from 1")
        if self.valid and (self.kind == "class" or self.valid[0] > self.valid[1]):
            raise SpecError(f"raster: valid {self.valid} is smallest and largest number of a quantity")


Layout = Csv | Excel | Vector | RasterFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One national file as its publisher lays it out.

    Attributes
    ----------
    id
        Short stable name, used in origins, ledger and report.
    country
        None where one file covers several countries.
    vintage
        What time the data describe: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.
    path
        Below the data folder, with forward slashes.
    columns
        Column headers that must be there, white space collapsed (line breaks become one blank).
    missing
        Texts that mean "no value" in this file, beside the empty cell.
    totals
        A column and a pattern: rows in which it matches are the publisher's own totals or notes, not records.
    starter
        File name among the starter inputs in the package; None where the source has no starter rows.
    packaged
        The file is base geometry inside the package, ``naatlas/data/framework/<path>``: read from there with and
        without a data folder.
    optional
        The layer can be built without it; its absence is a finding.
    """

    id: str
    country: Country | None
    title: str
    publisher: str
    landing_page: str
    licence: Licence
    vintage: str
    path: str
    layout: Layout
    columns: tuple[str, ...]
    missing: tuple[str, ...] = ("",)
    totals: tuple[str, str] | None = None
    starter: str | None = None
    packaged: bool = False
    optional: bool = False
    crs: str = "EPSG:4326"

    def __post_init__(self) -> None:
        if not SLUG.fullmatch(self.id):
            raise SpecError(f"source {self.id!r}: use lower case letters, digits and hyphens")
        if not re.fullmatch(r"\d{4}(-\d\d){0,2}", self.vintage):
            raise SpecError(f"source {self.id}: vintage {self.vintage!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
        if PurePosixPath(self.path).is_absolute() or ".." in self.path.split("/") or "\\" in self.path:
            raise SpecError(f"source {self.id}: path {self.path!r} must lie below the data folder, with /")
        if self.packaged and (self.optional or self.starter):
            raise SpecError(
                f"source {self.id}: what is in the package is never optional and has no starter rows"
            )
