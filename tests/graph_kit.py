"""For the tests of the records for machines: the files of a product, and JSON-LD as an RDF library reads it."""

from __future__ import annotations

import warnings

from rdflib import Graph

from naatlas.metadata.files import ProductFile

#: Where the product is taken to lie, so that relative addresses can be told.
HOME = "https://example.org/na/2023/"
NAMES = (
    "NA_PowerPlants_2023.gpkg",
    "NA_PowerPlants_2023_shapefile.zip",
    "NA_PowerPlants_2023_en.kmz",
    "NA_PowerPlants_2023_fr.kmz",
    "NA_PowerPlants_2023_provenance.parquet",
    "Terms_of_Use_fr.txt",
    "metadata/iso19115.xml",
    "metadata/power-plants_es.html",
    "preview.png",
    "rejected.csv",
)
FILES = tuple(ProductFile(name, f"{number:064x}", 1000 + number) for number, name in enumerate(NAMES))


def graph(content: bytes | str, name: str = "record.jsonld") -> Graph:
    """Parse a record as if it lay in the product's folder of metadata; nothing is fetched."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated")  # the parser's own use of it
        return Graph().parse(data=content, format="json-ld", publicID=f"{HOME}metadata/{name}")
