"""The content of a metadata record, whatever it is written as: words, and what the build knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from naatlas.metadata.words import Text, Words
    from naatlas.spec import Country, DType, Geometry, Language, Licence, RasterKind


@dataclass(frozen=True, slots=True)
class Box:
    """Window in degrees, measured on the features; it crosses 180 when ``west`` is greater than ``east``."""

    west: float
    east: float
    south: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """A line of the field dictionary.

    Attributes
    ----------
    unit
        Symbol, such as ``MW``; empty where there is none.
    domain
        Name of the class list or code set that the values belong to.
    codes
        Codes that stand in the data, where the field has a class list.
    filled
        Features with a value.
    """

    name: str
    dbf: str | None
    dtype: DType
    label: Text
    definition: Text
    unit: str = ""
    low: float | None = None
    high: float | None = None
    domain: str | None = None
    codes: tuple[str, ...] = ()
    filled: int = 0
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InputEntry:
    """A file that was read."""

    source: str
    title: str
    publisher: str
    country: Country | None
    vintage: str
    landing_page: str
    licence: Licence
    file: str
    sha256: str
    size: int
    tier: str
    records: int


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to the data, and to which sources (ids).

    Attributes
    ----------
    name
        The step in one word, for machines: ``read``, ``translate``, ``combine``, ...; empty for a general statement.
    figures
        The numbers of the text by name, units in the names: counts, tolerances, results.
    """

    text: Text
    sources: tuple[str, ...] = ()
    name: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridEntry:
    """The grid of a raster.

    Attributes
    ----------
    bounds
        Left, bottom, right, top in metres of the framework CRS.
    transform
        Affine coefficients a to f, columns and rows to metres.
    field
        Field that tells what the cells hold.
    source_m
        Side of a cell of the source, from south to north.
    low, high, mean
        Of the cells of a quantity; NaN for classes.
    count
        Cells with data.
    """

    rows: int
    cols: int
    cell_m: float
    bounds: tuple[float, float, float, float]
    transform: tuple[float, float, float, float, float, float]
    dtype: str
    nodata: float
    kind: RasterKind
    field: str
    source_m: float
    low: float
    high: float
    mean: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that the metadata of one product says; all writers draw on this and on nothing else.

    Attributes
    ----------
    identifier
        UUID (version 5) of slug, edition and variant: the same product keeps it for ever.
    title
        Full title with atlas, layer and edition.
    box
        None when the layer has no features.
    period
        Years covered, first and last.
    warnings
        What must be read before all else: made from a selection of the inputs, or not the default product.
    limits
        Sentences on fitness for use, the most important first: the warnings, then all others.
    classes
        Class lists that a field of the layer uses: list, code, label.
    codesets
        Names of code lists that are kept elsewhere, such as ISO 3166-2.
    gaps
        What the layer has no data for, in which country, and why.
    absence
        What zero, not reported and not required to report mean in the layer.
    comparability
        What the countries' values of each quantity are worth side by side.
    outliers
        How unusual values were searched for, and how many were listed.
    legend
        Code, label, colour ``#rrggbb``.
    resolution
        How fine the layer is, in words: its map scale, or the size of its cells.
    severities
        Findings by severity.
    grid
        Of a raster; None for other layers.
    """

    words: Words
    slug: str
    identifier: str
    version: str
    edition: str
    variant: str
    title: Text
    date: date
    box: Box | None
    period: tuple[int, int]
    geometry: Geometry
    features: int
    countries: Mapping[str, int]
    scale: int
    resolution: Text
    tolerance_km: float
    crs_name: str
    crs_wkt: str
    crs_proj4: str
    warnings: tuple[Text, ...]
    limits: tuple[Text, ...]
    accuracy: Text
    findings: Text
    severities: Mapping[str, int]
    steps: tuple[Step, ...]
    inputs: tuple[InputEntry, ...]
    fields: tuple[FieldEntry, ...]
    classes: Mapping[str, Mapping[str, Text]]
    codesets: Mapping[str, Text]
    gaps: tuple[Text, ...]
    absence: Text
    comparability: tuple[Text, ...]
    outliers: Text
    legend: tuple[tuple[str, Text, str], ...]
    grid: GridEntry | None = None

    def text(self, name: str, language: Language) -> str:
        """Prose of the words, such as ``abstract``."""
        return self.words.text(name, language)

    @property
    def consistency(self) -> Text:
        """What was checked of the records, and of lines and polygons also of their geometry."""
        names = (
            ("consistency",)
            if self.geometry in {"Point", "Raster", "None"}
            else ("consistency", "consistency_shapes")
        )
        told = [self.words.texts[name] for name in names]
        return {lang: " ".join(text[lang] for text in told) for lang in told[0]}

    @property
    def statements(self) -> Mapping[str, tuple[Text, ...]]:
        """What every record says in words, whatever it is written as; the citation is left to its own module."""
        return {
            "limits": self.limits,
            "absence": (self.absence,),
            "gaps": self.gaps,
            "comparability": self.comparability,
            "outliers": (self.outliers,),
            "crs": (self.words.texts["crs_note"],),
        }

    @property
    def agencies(self) -> tuple[str, ...]:
        """Publishers of the inputs, each once, in the order of the inputs."""
        return tuple(dict.fromkeys(entry.publisher for entry in self.inputs))

    @property
    def starter(self) -> bool:
        """Whether any input is one of the small ones inside the package."""
        return any(entry.tier == "starter" for entry in self.inputs)
