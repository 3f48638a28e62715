"""What travels between the stages: tables as published, findings, and the finished layer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from naatlas.framework import Grid
    from naatlas.ledger import Ledger
    from naatlas.raster.align import Raster
    from naatlas.spec import Edition, LayerSpec, RasterRules, Source

Severity = Literal["error", "warning", "info"]
Scale = Literal["10M", "1M"]
Mark = Literal["draft", "restricted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """The file that was really read for a source.

    Attributes
    ----------
    tier
        ``starter`` for the selected rows inside the package, ``package`` for the base geometry inside it, ``data``
        for the national file.
    name
        Path below the data folder or the starter folder, with forward slashes: it says nothing of the machine.
        Base geometry is ``package/<path>``.
    lookup
        It gave identifiers only, so its vintage says nothing of the layer's.
    """

    source: Source
    tier: Literal["starter", "package", "data"]
    name: str
    sha256: str
    size: int
    lookup: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A national file as published: every cell is text or missing.

    Attributes
    ----------
    frame
        String columns with the publisher's headers (white space collapsed). The index, named ``row``, is the
        row number in the file as a spreadsheet shows it, counted from 1 with the header.
    geometry
        Lines or polygons of a vector file, shapely objects in the CRS of the file by row; None for tables and for
        points, which are ``longitude`` and ``latitude`` in the frame.
    rasters
        Of a raster file: one a band, to read windows from. The frame is then the account of the cells: one row a
        kind of cell, with the columns ``value`` (a code, or ``data``, ``no data``, ...), ``place`` (``inside`` or
        ``outside`` the map frame) and ``cells``, their number, as text.
    """

    source: Source
    frame: pd.DataFrame
    input: InputFile
    geometry: pd.Series | None = None
    rasters: tuple[Raster, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a data owner should look at; a check never edits.

    Attributes
    ----------
    rule
        Short stable name, such as ``outside-declared-state``.
    where
        Country, source or field that it concerns; empty for the whole layer.
    message
        What was found, in one sentence.
    advice
        What to do about it, and by whom.
    ids
        The features or rows concerned, all of them; reports show the first ones.
    values
        What the texts of the rule in other languages are filled with (``naatlas.findings``); empty for a finding
        that has only its English words.
    """

    rule: str
    severity: Severity
    message: str = ""
    advice: str = ""
    where: str = ""
    count: int = 1
    ids: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)


@dataclass(slots=True)
class Work:
    """What a layer's ``combine`` is handed beside its tables: where to account, to report, and what was asked."""

    edition: Edition
    ledger: Ledger
    options: Mapping[str, float | str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    used: Mapping[str, LayerData] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Combined:
    """What a layer's ``combine`` gives back.

    Attributes
    ----------
    frame
        One row a feature with the columns of the specification, plus ``longitude`` and ``latitude`` for points.
    provenance
        One row a published value: key, field, source, row, national_field, national_value, rule, score.
    tables
        Further tables that go into the GeoPackage and beside it, by name.
    geometry
        Lines or polygons in degrees (WGS84), aligned with the frame; None for points.
    cells
        The raster of a raster layer; its frame is the table of the raster.
    """

    frame: pd.DataFrame
    provenance: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    geometry: NDArray[np.object_] | None = None
    cells: Cells | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Point geometry as bare arrays: degrees (WGS84) and metres (framework CRS); objects are made at the writer."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Lines or polygons, one a feature, as they are published.

    Attributes
    ----------
    degrees
        WGS84, split at 180 degrees: for Google Earth.
    metres
        Framework CRS, whole at 180 degrees, densified and generalized to the scale.
    figures
        What repair and generalization did: vertices before and after, displacement, area change.
    """

    degrees: NDArray[np.object_]
    metres: NDArray[np.object_]
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The raster of a layer, in a file: a continent does not fit into memory.

    Attributes
    ----------
    path
        A tiled GeoTIFF of one band on the grid, without overviews, colours or words.
    grid
        Where the cells lie, in metres of the framework CRS.
    nodata
        Number in cells without data.
    count
        Cells with data.
    low, high, mean
        Of the cells with data, for quantities; NaN for classes.
    method
        How each cell got its value from the source.
    shelter
        Keeps the scratch folder of the file until nobody needs the cells any more.
    """

    path: Path
    grid: Grid
    nodata: float
    count: int
    low: float = math.nan
    high: float = math.nan
    mean: float = math.nan
    method: str = "nearest"
    shelter: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerData:
    """A finished layer: all products are written from this one frame.

    Attributes
    ----------
    frame
        One row a feature, the columns of ``spec.fields`` in that order, sorted by ``spec.key``.
    variant
        Empty for the default product, else what differs, such as ``min50mw``.
    draft
        Written without passing the gate: for the eyes of those who work on the layer.
    restricted
        Why it is for internal use only: the layer's own reason, or that of a layer it stands on.
    stands_on
        Edition of each layer that it was made from, by slug.
    """

    spec: LayerSpec
    edition: str
    frame: pd.DataFrame
    geometry: Points | Shapes | Cells
    provenance: pd.DataFrame
    ledger: Ledger
    inputs: tuple[InputFile, ...]
    findings: tuple[Finding, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    variant: str = ""
    scale: Scale = "10M"
    draft: bool = False
    restricted: str = ""
    stands_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What keeps the product out of any release; empty for what may go out."""
        told: dict[Mark, bool] = {"draft": self.draft, "restricted": bool(self.restricted)}
        return tuple(mark for mark, holds in told.items() if holds)

    @property
    def points(self) -> Points:
        """The points of a point layer; asking a layer of lines or polygons is a mistake of the caller."""
        if not isinstance(self.geometry, Points):
            raise TypeError(f"{self.spec.slug} is a layer of {self.spec.geometry}, it has no points")
        return self.geometry

    @property
    def shapes(self) -> Shapes:
        """The lines or polygons of a layer; asking a point layer is a mistake of the caller."""
        if not isinstance(self.geometry, Shapes):
            raise TypeError(f"{self.spec.slug} is a layer of {self.spec.geometry}, it has no shapes")
        return self.geometry

    @property
    def cells(self) -> Cells:
        """The raster of a raster layer; asking another layer is a mistake of the caller."""
        if not isinstance(self.geometry, Cells):
            raise TypeError(f"{self.spec.slug} is a layer of {self.spec.geometry}, it has no cells")
        return self.geometry

    @property
    def rules(self) -> RasterRules:
        """What the cells of a raster layer hold in this edition."""
        return self.spec.rules(self.edition)

    @property
    def dated_inputs(self) -> tuple[InputFile, ...]:
        """Inputs whose vintage is the layer's: all but those that gave identifiers only."""
        return tuple(entry for entry in self.inputs if not entry.lookup)

    @property
    def stem(self) -> str:
        """File name without ending: ``NA_PowerPlants_2023`` or ``NA_PowerPlants_2023-min50mw``."""
        return f"NA_{self.spec.name}_{self.folder}"

    @property
    def folder(self) -> str:
        """Name of the edition folder: ``2023``, ``2023-min50mw`` or ``2023-draft``."""
        return "-".join(part for part in (self.edition, self.variant, *self.marks) if part)
