"""GeoPackage: full names, declared types, provenance, sources, metadata and a default style in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyogrio

from naatlas import framework
from naatlas.export import arrow, gpkg_extras, gpkg_related
from naatlas.stamp import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.spec import Related

FEATURE_ID, GEOMETRY = "fid", "geom"
#: GDAL before 3.7, and QGIS built on it, warn of files of version 1.4; nothing here needs more than 1.2.
VERSION = "1.2"


def write(data: LayerData, path: Path, *, documents: Mapping[str, bytes], look: Look) -> None:
    """Write the GeoPackage of a layer.

    The features stand in a table named like the layer, in the framework CRS (metres), with an R-tree. Beside it:
    ``provenance``, the layer's further tables, ``sources`` and ``ledger_counts``; the XML records among
    ``documents`` in ``gpkg_metadata``, for the file and for the table, and the meaning of each column in all
    languages; titles, units and coded values in ``gpkg_data_columns``; a QGIS style in ``layer_styles``. The same
    data gives the same bytes. Tables that ``spec.related`` names are related to the features (OGC 18-000).

    Parameters
    ----------
    path
        A new file.
    documents
        Content by relative path; those that end in ``.xml`` go into the file.

    Raises
    ------
    pyogrio.errors.DataSourceError, OSError
        The file cannot be written.
    """
    when = stamp(data)
    name = table_name(data)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": timestamp(when)})
    try:
        _write_features(data, path, name, look.title(data), look.text("abstract"))
        for table, frame in attribute_tables(data):
            pyogrio.write_arrow(
                arrow.attributes(frame),
                path,
                driver="GPKG",
                layer=table,
                append=True,
                layer_options={"FID": FEATURE_ID},
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    records = {key: content for key, content in documents.items() if key.endswith(".xml")}
    gpkg_extras.add(
        path,
        name,
        when=timestamp(when),
        records=records,
        look=look,
        fields=data.spec.fields,
        geometry=data.spec.geometry,
        relate=lambda file: gpkg_related.add(
            file, name, [r.table for r in related(data)], key=data.spec.key, row_id=FEATURE_ID
        ),
    )


def related(data: LayerData) -> list[Related]:
    """Return the declared tables of rows that belong to features, those that this build has."""
    return [one for one in data.spec.related if one.table in data.tables]


def table_name(data: LayerData) -> str:
    """Return the name of the feature table: the slug with underscores."""
    return data.spec.slug.replace("-", "_")


def timestamp(when: datetime) -> str:
    """Return a date as GeoPackage writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _write_features(data: LayerData, path: Path, name: str, title: str, abstract: str) -> None:
    pyogrio.write_arrow(
        arrow.table(data),
        path,
        driver="GPKG",
        layer=name,
        geometry_name=arrow.GEOMETRY,
        geometry_type=arrow.geometry_type(data.spec),
        crs=framework.crs().to_wkt(),
        dataset_options={"VERSION": VERSION},
        layer_options={
            "FID": FEATURE_ID,
            "GEOMETRY_NAME": GEOMETRY,
            "IDENTIFIER": title,
            "DESCRIPTION": abstract,
        },
    )


def attribute_tables(data: LayerData) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables without geometry, in the order in which they are written."""
    yield "provenance", data.provenance
    yield from data.tables.items()
    yield "sources", sources_table(data)
    yield "ledger_counts", data.ledger.counts().reset_index()


def sources_table(data: LayerData) -> pd.DataFrame:
    """Return one row an input file: what it is, its checksum, its vintage, its licence, and the line to print."""
    rows = [
        {
            "id": entry.source.id,
            "country": entry.source.country,
            "title": entry.source.title,
            "publisher": entry.source.publisher,
            "vintage": entry.source.vintage,
            "tier": entry.tier,
            "file": entry.name,
            "sha256": entry.sha256,
            "size_bytes": entry.size,
            "landing_page": entry.source.landing_page,
            "licence": entry.source.licence.name,
            "licence_url": entry.source.licence.url,
            "attribution": entry.source.licence.attribution,
        }
        for entry in data.inputs
    ]
    texts = ["id", "country", "title", "publisher", "vintage", "tier", "file", "sha256"]
    columns = [*texts, "size_bytes", "landing_page", "licence", "licence_url", "attribution"]
    types = {name: "Int64" if name == "size_bytes" else "string" for name in columns}
    return pd.DataFrame(rows, columns=columns).astype(types)
