"""A layer as a whole: its fields, sources, editions and options, and what holds between them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from naatlas.errors import SpecError, UsageError
from naatlas.spec.field import NAME, Field
from naatlas.spec.source import SLUG, Country, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.spec.raster import RasterRules
    from naatlas.spec.related import Related

Geometry = Literal["Point", "LineString", "Polygon", "Raster", "None"]

#: Rule of ``LayerSpec.balance`` for layers whose levels lie on each other: each level has the whole sum.
BY_LEVEL = "by-level"

_FILE_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_EDITION = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One data year of a layer and the sources it is made from (ids, in order of precedence).

    Attributes
    ----------
    lookups
        Those of the sources that only give identifiers: they may be newer than the edition, and their vintage is
        not that of the layer.
    raster
        Rules of the cells where they are not those of the layer: another year may come on another grid.
    uses
        Edition of a layer of ``LayerSpec.uses`` where it is not the one of the same name: slug -> edition.
    """

    name: str
    sources: tuple[str, ...]
    lookups: tuple[str, ...] = ()
    default: bool = False
    raster: RasterRules | None = None
    uses: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _EDITION.fullmatch(self.name):
            raise SpecError(f"edition {self.name!r}: it becomes a folder's name; use digits and letters")

    def of(self, slug: str) -> str:
        """Return the edition of another layer that this one stands on."""
        return self.uses.get(slug, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A choice of the user that changes the rows of a layer, such as a threshold; never the default product.

    Attributes
    ----------
    suffix
        How the folder of the product tells the value, with ``{}`` in its place.
    low
        Smallest number that makes sense.
    """

    name: str
    dtype: Literal["real", "text"]
    default: float | str
    help: str
    suffix: str
    low: float | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or "{}" not in self.suffix:
            raise SpecError(f"option {self.name!r}: use lower case, and {{}} for the value in the suffix")

    def checked(self, value: float | str) -> float | str:
        """Return the value as the layer takes it, or refuse it with UsageError."""
        try:
            told = float(value) if self.dtype == "real" else str(value)
        except ValueError:
            told = math.nan
        low = -math.inf if self.low is None else self.low
        if isinstance(told, float) and not (math.isfinite(told) and told >= low):
            least = "" if self.low is None else f" of {self.low:g} or more"
            raise UsageError(f"--{self.name.replace('_', '-')} {value}: give a number{least}")
        return told

    def token(self, value: object) -> str:
        """Part of the product folder's name that tells this value, such as ``min50mw``."""
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return self.suffix.format(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a layer cannot show, for whom, and why; said in report and metadata.

    Attributes
    ----------
    unless
        Optional sources that fill the gap: where the file of one of them is there, there is no gap.
    """

    field: str
    country: Country | None
    why: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierRule:
    """Which values are compared with their peers in the search of outliers, and what physics allows at most.

    Attributes
    ----------
    field
        The field that is judged.
    per
        The field it is divided by; None to judge the quantity itself.
    groups
        Fields that make features comparable; the first one is given up where a group is too small.
    ceiling
        Largest possible value of the field or ratio, in its unit; None where physics sets none.
    why
        The ceiling's arithmetic in one phrase, shown to the reader.
    far, least
        Of the method, the same for all rules: the absolute robust z-score above which a value is listed (1 in 1.7
        million if the logarithms were normal), and the fewest values from which a group's own median is taken.
    """

    far: ClassVar[float] = 5.0
    least: ClassVar[int] = 8

    field: str
    per: str | None = None
    groups: tuple[str, ...] = ("country", "primary_source")
    ceiling: float | None = None
    why: str = ""

    @property
    def label(self) -> str:
        """Name of what is judged, such as ``co2_t per capacity_mw``."""
        return self.field if self.per is None else f"{self.field} per {self.per}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """The whole declaration of one layer.

    Attributes
    ----------
    group
        Layers that are built together by ``--group``, such as ``framework``.
    source_scale
        Denominator of the scale that the sources are drawn at; 0 where they state none.
    generalize
        How lines and polygons are brought to the map scale: ``coverage`` where neighbours share borders,
        ``polygons`` where they lie on each other, ``lines`` where ends and junctions stay.
    minimum_km2
        Polygons smaller than this are dropped at 1:10M (a hundredth of it at 1:1M), but never the only one of a
        named feature.
    snap_to
        Base layer whose outlines (coast and borders) the edges of the polygons are snapped to.
    anchors
        Layer of lines, one of ``uses``, whose ends on the outlines of this one stay where they are at every scale:
        rivers, which then end in coast and lakes.
    follows
        Layer of polygons, one of ``uses``, that the lines of this one run along: of the vertices they share, these
        keep at every scale what the polygons keep.
    restricted
        Why the layer is a working output for internal use only, in one phrase; empty for what is published. A
        restricted product stands in a folder of its own, and no release or site takes it.
    nested_by
        Field that tells the level of features that lie on each other, such as basins in larger basins: sums are by
        level and never over levels, and a feature may be the whole of the one above.
    related
        Further tables of the layer whose rows belong to its features.
    evidence
        Further tables of the layer that stand beside the report as CSV.
    raster
        What the cells of a layer of geometry ``Raster`` hold. Its frame is the table of the raster: one row a zone and
        class for classes, one a zone for quantities; zones are the states and provinces.
    """

    slug: str
    name: str
    geometry: Geometry
    key: str
    fields: tuple[Field, ...]
    sources: tuple[Source, ...] = ()
    editions: tuple[Edition, ...] = ()
    uses: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    gaps: tuple[Gap, ...] = ()
    group: str = ""
    source_scale: int = 0
    generalize: Literal["coverage", "polygons", "lines", "none"] = "none"
    minimum_km2: float = 0.0
    snap_to: Literal["", "countries", "states"] = ""
    anchors: str = ""
    follows: str = ""
    nested_by: str = ""
    balance: Mapping[str, str] = field(default_factory=dict)
    outliers: tuple[OutlierRule, ...] = ()
    restricted: str = ""
    related: tuple[Related, ...] = ()
    evidence: tuple[str, ...] = ()
    raster: RasterRules | None = None

    def __post_init__(self) -> None:
        if not SLUG.fullmatch(self.slug):
            raise SpecError(f"layer {self.slug!r}: use lower case letters, digits and hyphens")
        if not _FILE_NAME.fullmatch(self.name):
            raise SpecError(f"layer {self.slug}: name {self.name!r} goes into file names; write it LikeThis")
        _unique(self.slug, "field", [f.name for f in self.fields])
        _unique(self.slug, "shapefile name", [f.dbf.lower() for f in self.fields if f.dbf])
        _unique(self.slug, "source", [s.id for s in self.sources])
        _unique(self.slug, "edition", [e.name for e in self.editions])
        if (self.geometry == "Raster") != (self.raster is not None):
            raise SpecError(f"layer {self.slug}: geometry Raster and raster rules go together")
        self._check_editions()
        self._check_references()

    def _check_editions(self) -> None:
        known = {s.id for s in self.sources}
        for edition in self.editions:
            where = f"layer {self.slug}, edition {edition.name}"
            if lost := [s for s in edition.sources if s not in known]:
                raise SpecError(f"{where}: no such source {', '.join(lost)}")
            if lost := sorted(set(edition.uses) - set(self.uses)):
                raise SpecError(f"{where}: put {', '.join(lost)} into uses of the layer")

    def _check_references(self) -> None:
        names = {f.name for f in self.fields}
        judged = [n for r in self.outliers for n in (r.field, r.per, *r.groups) if n is not None]
        nested = (self.nested_by,) if self.nested_by else ()
        for name in {self.key, *nested} & names:
            if not self.field(name).required:
                what = "key" if name == self.key else "level"
                raise SpecError(f"layer {self.slug}: its {what} {name} must be required")
        if nested and set(self.balance.values()) - {BY_LEVEL}:
            raise SpecError(
                f"layer {self.slug}: what nests by {self.nested_by} has sums by level; its balance is {BY_LEVEL!r}"
            )
        cells = (self.raster.field, self.raster.total) if self.raster else ()
        wanted = (
            self.key,
            *nested,
            *filter(None, cells),
            *self.balance,
            *(g.field for g in self.gaps),
            *judged,
        )
        if lost := [n for n in wanted if n not in names]:
            raise SpecError(f"layer {self.slug}: no such field {', '.join(lost)}")
        if lost := sorted(
            {n for g in self.gaps for n in g.unless} - {s.id for s in self.sources if s.optional}
        ):
            raise SpecError(
                f"layer {self.slug}: a gap names {', '.join(lost)}, which is no optional source of it"
            )
        for other, why in ((self.anchors, "whose ends it keeps"), (self.follows, "which its lines follow")):
            if other and other not in self.uses:
                raise SpecError(f"layer {self.slug}: put {other}, {why}, into uses")
        if self.editions and sum(e.default for e in self.editions) != 1:
            raise SpecError(f"layer {self.slug}: exactly one edition must be the default")

    def coarser_than(self, denominator: int) -> bool:
        """Tell whether the sources are drawn at a smaller scale than a product, so that it cannot have more detail."""
        return self.source_scale > denominator

    def field(self, name: str) -> Field:
        """Return the field of that name."""
        return next(f for f in self.fields if f.name == name)

    def source(self, source_id: str) -> Source:
        """Return the source of that id."""
        return next(s for s in self.sources if s.id == source_id)

    def edition(self, name: str | None) -> Edition:
        """Return the edition of that name, the default one for None."""
        for edition in self.editions:
            if edition.name == name or (name is None and edition.default):
                return edition
        raise UsageError(
            f"layer {self.slug} has no edition {name!r}; it has {', '.join(e.name for e in self.editions)}"
        )

    def rules(self, edition: str) -> RasterRules:
        """Return the rules of the cells of an edition; asking a layer that is no raster is a mistake of the caller."""
        told = self.edition(edition).raster or self.raster
        if told is None:
            raise TypeError(f"{self.slug} is a layer of {self.geometry}, it has no cells")
        return told

    def choose(self, asked: Mapping[str, float | str]) -> dict[str, float | str]:
        """Return a value for every option of the layer: the one asked for, or the default.

        Raises
        ------
        UsageError
            The layer has no such option, or the value is none.
        """
        if strange := sorted(set(asked) - {o.name for o in self.options}):
            told = ", ".join(f"--{name.replace('_', '-')}" for name in strange)
            raise UsageError(f"layer {self.slug} has no option {told}")
        return {o.name: o.checked(asked.get(o.name, o.default)) for o in self.options}


def _unique(slug: str, what: str, names: list[str]) -> None:
    if doubled := sorted({n for n in names if names.count(n) > 1}):
        raise SpecError(f"layer {slug}: {what} {', '.join(doubled)} stands twice")
