"""KML of any vector file, of the quality of the atlas's own: the same writer, with words and style made on the fly."""

from __future__ import annotations

import re
import unicodedata
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas import framework
from naatlas.errors import UsageError
from naatlas.export import kmz
from naatlas.export.limits import Limits
from naatlas.export.look import Look
from naatlas.export.numbers import format_one
from naatlas.geometry.place import place
from naatlas.ledger import Ledger
from naatlas.metadata.words import Words
from naatlas.model import LayerData, Points, Shapes
from naatlas.publish.foreign import ROW, read
from naatlas.publish.looks import CLASS, looks
from naatlas.publish.written import replaced
from naatlas.sources.locate import describe
from naatlas.spec import LANGUAGES, Field, LayerSpec, Licence, Source, Vector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from naatlas.metadata.words import Text
    from naatlas.model import InputFile
    from naatlas.publish.foreign import Foreign
    from naatlas.spec import Language

FOLDER = "map_folder"
#: Metres of the frame within which it is near enough to true to find a view; how far away one sees an extent.
_TRUE_M, _VIEW, _NEAREST_M, _FARTHEST_M = 7_000_000.0, 1.3, 2_000.0, 12_000_000.0
_KM_PER_DEGREE = 111.2
_WORDS: Mapping[str, Text] = {
    "count": {"en": "{} features", "fr": "{} entités", "es": "{} elementos"},
    "about": {
        "en": "{count} features of {file}, layer {layer}.",
        "fr": "{count} entités de {file}, couche {layer}.",
        "es": "{count} elementos de {file}, capa {layer}.",
    },
    ROW: {"en": "Row in the file", "fr": "Rang dans le fichier", "es": "Fila en el archivo"},
    FOLDER: {"en": "Folder", "fr": "Dossier", "es": "Carpeta"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the caller asks for beside the file.

    Attributes
    ----------
    style
        A styles file, a QML, or ``#rrggbb``.
    name_field, class_field, folder_field, size_field
        Columns of the file.
    credit
        Line under the title and below the description: whose data these are.
    """

    layer: str | None = None
    style: str | None = None
    title: str | None = None
    credit: str | None = None
    crs: str | None = None
    name_field: str | None = None
    class_field: str | None = None
    folder_field: str | None = None
    size_field: str | None = None


@dataclass(frozen=True, slots=True)
class _FileLook(Look):
    """The look of a layer that has no edition: the title stands alone, and the number of features below it."""

    def title(self, data: LayerData) -> str:
        return self.heading(data)

    def phrase(self, name: str, *values: object) -> str:
        # Not super(): a dataclass with slots is made anew, and the old one is what super would look for.
        return self.text("count") if name == "edition" else Look.phrase(self, name, *values)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    path: Path
    features: int
    without_place: int
    whole: bool
    letters_missing: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "file": str(self.path),
            "features": self.features,
            "without_geometry": self.without_place,
            "bytes": self.path.stat().st_size,
            "pyramid": not self.whole,
            "letters_missing": self.letters_missing,
        }

    def text(self) -> str:
        """For a reader at a terminal."""
        told = f"{self.path}: {self.features:,} features, {self.path.stat().st_size:,} bytes"
        if self.without_place:
            told += (
                f"\n  {self.without_place:,} of them have no geometry: they are in the lists, and on no map"
            )
        if self.letters_missing:
            told += "\n  title or legend have letters that their font lacks: boxes there; balloons and lists are whole"
        if not self.whole:
            told += "\n  too large for one document, so a pyramid: for Google Earth, not for Google Maps and My Maps"
        return told


def write(
    path: Path,
    out: Path | None,
    language: Language,
    wishes: Wishes | None = None,
    *,
    limits: Limits | None = None,
) -> Written:
    """Write the KMZ of a vector file.

    Parameters
    ----------
    out
        The KMZ, or a folder to put it into; the current folder without it.

    Raises
    ------
    InputError
        The file is broken, tells no coordinate system, holds no feature or no place, or mixes kinds of geometry.
    UsageError
        There is no such file, layer, column or style.
    ProductError
        The KMZ cannot be written.
    """
    wishes, limits = wishes or Wishes(), limits or Limits()
    layer = read(path, layer=wishes.layer, crs=wishes.crs, name_field=wishes.name_field)
    data, look = _described(layer, path, wishes, language)
    target = _target(path, out, language)
    with replaced(target) as draft, _missing_letters() as missing:
        kmz.write(data, draft, look=look, limits=limits)
    without = int(shapely.is_missing(layer.degrees).sum())
    return Written(target, len(data.frame), without, limits.fits(data), bool(missing))


@contextmanager
def _missing_letters() -> Iterator[list[str]]:
    """Collect what the font of title and legend has no letter for; other warnings pass on."""
    missing: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield missing
    for told in caught:
        if "missing from font" in str(told.message):
            missing.append(str(told.message))
        else:
            warnings.warn_explicit(told.message, told.category, told.filename, told.lineno)


def _target(path: Path, out: Path | None, language: Language) -> Path:
    name = f"{path.stem}_{language}.kmz"
    if out is None:
        from pathlib import Path

        return Path(name)
    if out.suffix.lower() == ".kml":
        raise UsageError(f"{out}: pictures and legend lie beside the KML; give a name that ends in .kmz")
    return out if out.suffix.lower() == ".kmz" else out / name


def _described(layer: Foreign, path: Path, wishes: Wishes, language: Language) -> tuple[LayerData, Look]:
    title = dict.fromkeys(LANGUAGES, wishes.title or path.stem.replace("_", " ").strip() or path.stem)
    chosen = looks(
        layer, title, style=wishes.style, class_field=wishes.class_field, size_field=wishes.size_field
    )
    frame, fields, labels = layer.frame.copy(), layer.fields, _labels(layer)
    folders: tuple[str, ...] = (CLASS,) if chosen.by_class else ()
    classes = {CLASS: chosen.classes}
    if chosen.column is not None:
        frame[CLASS], labels[CLASS] = chosen.column.to_numpy(), chosen.label
        fields = (*fields, Field(name=CLASS, dtype="text", classes=CLASS))
    if wishes.folder_field:
        column, classes[FOLDER] = _folders(layer, wishes.folder_field)
        frame[FOLDER], folders, labels[FOLDER] = column.to_numpy(), (FOLDER,), _WORDS[FOLDER]
        fields = (*fields, Field(name=FOLDER, dtype="text", classes=FOLDER))
    for field in fields:
        if field.dtype == "text":
            frame[field.name] = frame[field.name].astype("string")
    data = _data(layer, frame, fields, _input(path, wishes))
    words = _words(layer, path, wishes, title, labels, classes)
    return data, _FileLook(words, chosen.style, language, folders, _view(data))


def _labels(layer: Foreign) -> dict[str, Text]:
    own = {name: dict.fromkeys(LANGUAGES, label) for name, label in layer.labels.items()}
    return own | {ROW: _WORDS[ROW]}


def _folders(layer: Foreign, column: str) -> tuple[pd.Series, dict[str, Text]]:
    """Return the folder of each feature, and the names of the folders in their order."""
    values = layer.frame[layer.field(column).name]
    present = [str(value) for value in sorted(values.dropna().unique(), key=lambda v: (str(type(v)), v))]
    return values.astype("string"), {value: dict.fromkeys(LANGUAGES, value) for value in present}


def _data(layer: Foreign, frame: pd.DataFrame, fields: tuple[Field, ...], entry: InputFile) -> LayerData:
    spec = LayerSpec(
        slug=_slug(layer.layer),
        name="Layer",
        geometry=layer.kind,
        key=ROW,
        fields=fields,
        sources=(entry.source,),
    )
    return LayerData(
        spec=spec,
        edition="",
        frame=frame[[field.name for field in fields]],
        geometry=_geometry(layer),
        provenance=pd.DataFrame(),
        ledger=Ledger(),
        inputs=(entry,),
        scale="1M",
    )


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", f"layer-{plain}").strip("-")


def _geometry(layer: Foreign) -> Points | Shapes:
    if layer.kind != "Point":
        return Shapes(layer.degrees, place(layer.degrees, scale="1M"), {})
    lon, lat = shapely.get_x(layer.degrees), shapely.get_y(layer.degrees)
    x, y = framework.project(lon, lat)
    return Points(lon, lat, np.asarray(x), np.asarray(y))


def _input(path: Path, wishes: Wishes) -> InputFile:
    """Describe the file as what it is: nobody's declared source, without a date."""
    credit = wishes.credit or path.name
    source = Source(
        id="file",
        country=None,
        title=path.stem,
        publisher=credit,
        landing_page="",
        licence=Licence(id="", name="", attribution=credit, url="", checked=False),
        vintage="1980",
        path=path.name.replace("\\", "_"),
        layout=Vector(),
        columns=(),
    )
    return replace(describe(source, path, path.parent), name=path.name)


def _words(
    layer: Foreign,
    path: Path,
    wishes: Wishes,
    title: Text,
    labels: Mapping[str, Text],
    classes: Mapping[str, Mapping[str, Text]],
) -> Words:
    count = {language: format_one(len(layer.frame), 0, language) for language in LANGUAGES}
    about = {
        lang: _WORDS["about"][lang].format(count=count[lang], file=path.name, layer=layer.layer)
        for lang in LANGUAGES
    }
    texts: dict[str, Text] = {
        "title": title,
        "abstract": about,
        "atlas": dict.fromkeys(LANGUAGES, wishes.credit or path.name),
        "count": {lang: _WORDS["count"][lang].format(count[lang]) for lang in LANGUAGES},
    }
    return Words(
        slug=_slug(layer.layer),
        texts=texts,
        keywords={},
        labels=labels,
        definitions={},
        classes=classes,
        codesets={},
    )


def _view(data: LayerData) -> tuple[float, float, float]:
    """Return longitude, latitude and distance (m) from which all features are seen.

    The frame is true around North America and whole at 180 degrees; what lies far from there is seen in degrees.
    """
    boxes = _boxes(data.points.x, data.points.y) if isinstance(data.geometry, Points) else data.shapes.metres
    west, south, east, north = _around(boxes)
    if max(map(abs, (west, south, east, north))) < _TRUE_M:
        lon, lat = framework.unproject([(west + east) / 2], [(south + north) / 2])
        return round(float(lon[0]), 4), round(float(lat[0]), 4), _distance(max(east - west, north - south))
    boxes = (
        _boxes(data.points.lon, data.points.lat) if isinstance(data.geometry, Points) else data.shapes.degrees
    )
    west, south, east, north = _around(boxes)
    wide = max((east - west) * np.cos(np.radians((south + north) / 2)), north - south) * _KM_PER_DEGREE * 1000
    return round((west + east) / 2, 4), round((south + north) / 2, 4), _distance(float(wide))


def _boxes(x: Any, y: Any) -> Any:  # noqa: ANN401 - arrays
    there = np.isfinite(x) & np.isfinite(y)
    return shapely.points(np.asarray(x)[there], np.asarray(y)[there])


def _around(shapes: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - arrays of shapely geometries
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return (west, south, east, north) if np.isfinite([west, south, east, north]).all() else (np.inf,) * 4


def _distance(wide_m: float) -> float:
    return float(min(max(wide_m * _VIEW, _NEAREST_M), _FARTHEST_M))
