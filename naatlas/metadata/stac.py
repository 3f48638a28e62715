"""Describe a product as a STAC item in a collection of its own: what catalogues of geospatial assets read.

The framework's sphere has no EPSG code, so that the projection extension carries it as WKT2 and as PROJJSON. Prose is
in English, the language that STAC clients show; keywords stand in all three, and links lead to the pages in each.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import pystac
import shapely
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import DataType, RasterBand, RasterExtension, Sampling, Statistics
from pystac.extensions.table import Column, TableExtension

from naatlas.metadata.graph import UP, as_bytes, boxes, ring
from naatlas.model import Points
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from naatlas.metadata.content import Box, FieldEntry, GridEntry, Record
    from naatlas.metadata.files import ProductFile
    from naatlas.model import LayerData

#: How the table extension calls the types of columns.
_TYPES = {"text": "string", "integer": "int64", "real": "double", "boolean": "boolean"}
#: Kinds of geometry as they are written: lines and polygons with one or more parts.
_SHAPES = {"Point": "point", "LineString": "multilinestring", "Polygon": "multipolygon"}
_SHA256_MULTIHASH = "1220"  # code of the function and length of the digest, before it
_UP = f"../{UP}"  # the records lie in metadata/stac/
_GEOMETRY = "geom"


def write(record: Record, data: LayerData, files: Sequence[ProductFile]) -> dict[str, bytes]:
    """Return collection and item by their names below ``metadata/stac/``; both are in place wherever they are put."""
    item = _item(record, data, files)
    collection = _collection(record, item)
    own, other = f"{data.stem}.json", "collection.json"
    item.add_link(pystac.Link("collection", f"./{other}", pystac.MediaType.JSON, record.title["en"]))
    item.add_link(pystac.Link("parent", f"./{other}", pystac.MediaType.JSON, record.title["en"]))
    item.add_link(pystac.Link("root", f"./{other}", pystac.MediaType.JSON, record.title["en"]))
    collection.add_link(pystac.Link("item", f"./{own}", pystac.MediaType.GEOJSON, record.title["en"]))
    return {other: as_bytes(_told(collection)), own: as_bytes(_told(item))}


def bbox(box: Box | None) -> list[float]:
    """Return a window in the order of GeoJSON; its west is greater than its east where it crosses 180 degrees."""
    if box is None:
        return [-180.0, -90.0, 180.0, 90.0]
    return [round(side, 6) for side in (box.west, box.south, box.east, box.north)]


def _told(thing: pystac.Item | pystac.Collection) -> dict[str, Any]:
    return thing.to_dict(include_self_link=False, transform_hrefs=False)


def _item(record: Record, data: LayerData, files: Sequence[ProductFile]) -> pystac.Item:
    first, last = record.period
    item = pystac.Item(
        id=data.stem,
        geometry=_footprint(record.box),
        bbox=bbox(record.box) if record.box else None,
        datetime=None,
        start_datetime=datetime(first, 1, 1, tzinfo=UTC),
        end_datetime=datetime(last, 12, 31, 23, 59, 59, tzinfo=UTC),
        collection=record.slug,
        properties=_properties(record),
    )
    _projection(item, record, data)
    _table(item, record, data)
    for file in files:
        item.add_asset(file.key, _asset(file))
        if file.sha256:
            FileExtension.ext(item.assets[file.key], add_if_missing=True).apply(
                checksum=_SHA256_MULTIHASH + file.sha256, size=file.size
            )
        if record.grid and file.name.endswith(".tif"):
            _raster(item.assets[file.key], record, record.grid)
    _links(item, record, files)
    return item


def _properties(record: Record) -> dict[str, Any]:
    day = f"{record.date.isoformat()}T00:00:00Z"
    return {
        "title": record.title["en"],
        "description": _description(record),
        "keywords": _keywords(record),
        "created": day,
        "updated": day,
        "license": "other",
        "providers": [provider.to_dict() for provider in _providers(record)],
        "version": record.edition,
    }


def _description(record: Record) -> str:
    """Tell what the layer is, then what it is not fit for; a paragraph each, as CommonMark has them."""
    return "\n\n".join([record.text("abstract", "en"), *(text["en"] for text in record.limits)])


def _keywords(record: Record) -> list[str]:
    return list(dict.fromkeys(word for lang in LANGUAGES for word in record.words.keywords[lang]))


def _providers(record: Record) -> list[pystac.Provider]:
    role = pystac.ProviderRole
    pages = {entry.publisher: entry.landing_page for entry in reversed(record.inputs)}
    makers = [pystac.Provider(name, roles=[role.PRODUCER], url=pages[name]) for name in record.agencies]
    atlas = pystac.Provider(
        record.text("contact_organisation", "en"),
        roles=[role.PROCESSOR, role.HOST],
        url=record.text("contact_url", "en"),
    )
    return [*makers, atlas]


def _footprint(box: Box | None) -> dict[str, Any] | None:
    if box is None:
        return None
    rings = [[[list(point) for point in ring(part)]] for part in boxes(box)]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings[0]}
    return {"type": "MultiPolygon", "coordinates": rings}


def _projection(item: pystac.Item, record: Record, data: LayerData) -> None:
    projjson = pyproj.CRS.from_wkt(record.crs_wkt).to_json_dict()
    grid = record.grid
    ProjectionExtension.ext(item, add_if_missing=True).apply(
        code=None,
        wkt2=record.crs_wkt,
        projjson=projjson,
        bbox=list(grid.bounds) if grid else _bounds_m(data),
        shape=[grid.rows, grid.cols] if grid else None,
        transform=list(grid.transform) if grid else None,
    )


def _raster(asset: pystac.Asset, record: Record, grid: GridEntry) -> None:
    """Describe the band of the raster: what its numbers are, and which one means no data."""
    field = next(entry for entry in record.fields if entry.name == grid.field)
    band = RasterBand.create(
        nodata=grid.nodata,
        sampling=Sampling.AREA,
        data_type=DataType(grid.dtype),
        statistics=None if grid.kind == "class" else _statistics(grid),
        unit=field.unit or None,
        spatial_resolution=grid.cell_m,
    )
    RasterExtension.ext(asset, add_if_missing=True).apply([band])


def _statistics(grid: GridEntry) -> Statistics:
    share = 100 * grid.count / (grid.rows * grid.cols)
    return Statistics.create(
        minimum=grid.low, maximum=grid.high, mean=grid.mean, valid_percent=round(share, 3)
    )


def _bounds_m(data: LayerData) -> list[float] | None:
    """Measure the window in framework metres."""
    if isinstance(data.geometry, Points):
        bounds = np.column_stack([data.points.x, data.points.y] * 2)
    else:
        bounds = shapely.bounds(data.shapes.metres)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return [round(float(value), 3) for value in (*low, *high)]


def _table(item: pystac.Item, record: Record, data: LayerData) -> None:
    columns = [
        Column({"name": field.name, "type": _TYPES[field.dtype], "description": _meaning(field)})
        for field in record.fields
    ]
    table = TableExtension.ext(item, add_if_missing=True)
    table.row_count = record.features
    table.columns = columns
    if kind := _SHAPES.get(data.spec.geometry):
        shape = Column({"name": _GEOMETRY, "type": kind, "description": record.crs_name})
        table.columns = [*columns, shape]
        table.primary_geometry = _GEOMETRY


def _meaning(field: FieldEntry) -> str:
    unit = f" [{field.unit}]" if field.unit else ""
    return f"{field.label['en']}{unit}. {field.definition['en']}"


def _asset(file: ProductFile) -> pystac.Asset:
    named = {"language": file.language} if file.language else {}
    return pystac.Asset(
        href=_UP + file.name,
        title=" ".join(part for part in (file.format, file.language and f"({file.language})") if part),
        media_type=file.media_type,
        roles=[file.role],
        extra_fields=named,
    )


def _links(item: pystac.Item, record: Record, files: Sequence[ProductFile]) -> None:
    names = {file.name for file in files}
    for lang in LANGUAGES:
        links = {
            "license": (
                f"Terms_of_Use_{lang}.txt",
                pystac.MediaType.TEXT,
                record.text("heading_terms", lang),
            ),
            "describedby": (f"metadata/{record.slug}_{lang}.html", pystac.MediaType.HTML, record.title[lang]),
        }
        for rel, (name, kind, title) in links.items():
            if name in names:
                item.add_link(pystac.Link(rel, _UP + name, kind, title, {"hreflang": lang}))
    for page in dict.fromkeys(entry.landing_page for entry in record.inputs):
        item.add_link(pystac.Link("via", page, pystac.MediaType.HTML))


def _collection(record: Record, item: pystac.Item) -> pystac.Collection:
    collection = pystac.Collection(
        id=record.slug,
        title=f"{record.text('atlas', 'en')} - {record.text('title', 'en')}",
        description=_description(record),
        extent=pystac.Extent(
            pystac.SpatialExtent([bbox(record.box)]),
            pystac.TemporalExtent([[item.common_metadata.start_datetime, item.common_metadata.end_datetime]]),
        ),
        license="other",
        keywords=_keywords(record),
        providers=_providers(record),
    )
    for link in item.links:
        if link.rel in {"license", "describedby"}:
            collection.add_link(link.clone())
    return collection
