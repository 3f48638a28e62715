"""The records for machines: JSON-LD as RDF readers parse it, STAC as its schemas and pystac read it."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pystac
import pytest
from rdflib import Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, RDFS

from naatlas.metadata import dcat, jsonld, schemas, stac
from naatlas.metadata.content import Box
from naatlas.metadata.documents import CLOSING, closing
from naatlas.metadata.files import ProductFile
from tests.graph_kit import FILES, HOME, NAMES, graph
from tests.metadata_samples import layer, record

if TYPE_CHECKING:
    from pathlib import Path

SDO, SPDX = Namespace("https://schema.org/"), Namespace("http://spdx.org/rdf/terms#")
TOLD = record()
SELF = URIRef(f"urn:uuid:{TOLD.identifier}")


def item(told: Any = TOLD, data: Any = None, files: tuple[ProductFile, ...] = FILES) -> dict[str, Any]:
    written = stac.write(told, layer() if data is None else data, files)
    return json.loads(written["NA_PowerPlants_2023.json"])


@pytest.mark.parametrize("name", ["schema-org", "dcat", "lineage"])
def test_each_record_stands_alone_and_is_read_without_the_network(name: str):
    content = closing(TOLD, layer(), FILES)[f"metadata/{name}.jsonld"]
    parsed = graph(content)
    assert len(parsed) > 100
    assert not [node for triple in parsed for node in triple if "\ufffd" in str(node)]
    assert "Commission de coopération environnementale" in content.decode("utf-8")


def test_texts_stand_in_three_languages():
    for content, name, about in (
        (jsonld.write(TOLD, FILES), SDO.name, SDO.description),
        (dcat.write(TOLD, FILES), DCTERMS.title, DCTERMS.description),
    ):
        parsed = graph(content)
        assert set(parsed.objects(SELF, name)) == {Literal(t, lang=lang) for lang, t in TOLD.title.items()}
        abstract = TOLD.words.texts["abstract"]
        assert set(parsed.objects(SELF, about)) == {Literal(t, lang=lang) for lang, t in abstract.items()}


def test_schema_org_names_coverage_units_and_inputs():
    parsed = graph(jsonld.write(TOLD, FILES))
    assert (SELF, RDF.type, SDO.Dataset) in parsed
    assert parsed.value(SELF, SDO.temporalCoverage) == Literal("2016/2023")
    units = {
        str(parsed.value(v, SDO.name)): str(parsed.value(v, SDO.unitCode))
        for v in parsed.objects(SELF, SDO.variableMeasured)
    }
    assert (units["capacity_mw"], units["co2_t"], units["hg_kg"], units["name"]) == (
        "MAW",
        "TNE",
        "KGM",
        "None",
    )
    gaps = {field.name for field in TOLD.fields if field.gap}
    assert gaps
    assert not gaps & units.keys()
    sums = {
        str(parsed.value(parsed.value(entry, SDO.distribution), SDO.sha256))
        for entry in parsed.objects(SELF, SDO.isBasedOn)
    }
    assert sums == {entry.sha256 for entry in TOLD.inputs}
    assert len(set(parsed.objects(SELF, SDO.isBasedOn))) == len(TOLD.inputs)


def test_downloads_have_address_type_size_and_checksum():
    wanted = {HOME + f.name: (f.sha256, f.size) for f in FILES if f.role == "data"}
    assert len(wanted) == 4
    parsed = graph(jsonld.write(TOLD, FILES))
    found = {
        str(parsed.value(d, SDO.contentUrl)): (
            str(parsed.value(d, SDO.sha256)),
            int(str(parsed.value(d, SDO.contentSize)).removesuffix(" B")),
        )
        for d in parsed.objects(SELF, SDO.distribution)
    }
    assert found == wanted
    parsed = graph(dcat.write(TOLD, FILES))
    for d in parsed.objects(SELF, DCAT.distribution):
        checksum = parsed.value(d, SPDX.checksum)
        told = (str(parsed.value(checksum, SPDX.checksumValue)), parsed.value(d, DCAT.byteSize).toPython())
        assert told == wanted.pop(str(parsed.value(d, DCAT.downloadURL)))
        assert "iana.org" in str(parsed.value(d, DCAT.mediaType))
        assert parsed.value(d, DCTERMS.license) is not None
    assert not wanted


def test_a_window_across_180_is_two_boxes_for_search_engines_and_one_window_for_stac():
    across = dataclasses.replace(TOLD, box=Box(170.0, -50.0, 15.0, 80.0))
    parsed = graph(jsonld.write(across, FILES))
    assert sorted(map(str, parsed.objects(None, SDO.box))) == [
        "15.000000 -180.000000 80.000000 -50.000000",
        "15.000000 170.000000 80.000000 180.000000",
    ]
    (window,) = graph(dcat.write(across, FILES)).objects(None, DCAT.bbox)
    assert str(window).startswith("MULTIPOLYGON(((170 15, ")
    told = item(across)
    assert told["bbox"] == [170.0, 15.0, -50.0, 80.0]
    assert told["geometry"]["type"] == "MultiPolygon"
    longitudes = {x for part in told["geometry"]["coordinates"] for x, _ in part[0]}
    assert longitudes == {170.0, 180.0, -180.0, -50.0}


def test_what_the_layer_is_not_fit_for_is_said_in_every_record():
    schema, portal = graph(jsonld.write(TOLD, FILES)), graph(dcat.write(TOLD, FILES))
    for texts in TOLD.statements.values():
        for text in texts:
            wanted = {Literal(told, lang=lang) for lang, told in text.items()}
            assert wanted <= set(schema.objects(None, SDO.text))
            assert wanted <= set(portal.objects(SELF, RDFS.comment))
    assert all(text["en"] in item()["properties"]["description"] for text in TOLD.limits)


def test_terms_of_use_are_those_that_the_product_has():
    french = ("Terms_of_Use_fr.txt",)
    assert [n for n in NAMES if n.startswith("Terms")] == list(french)
    schema, portal = graph(jsonld.write(TOLD, FILES)), graph(dcat.write(TOLD, FILES))
    assert [str(t) for t in schema.objects(SELF, SDO.license)] == [HOME + french[0]]
    (package,) = portal.subjects(DCAT.downloadURL, URIRef(HOME + NAMES[0]))
    assert str(portal.value(package, DCTERMS.license)) == HOME + french[0]
    assert "license" not in jsonld.dataset(TOLD, FILES, "en")
    assert "license" not in jsonld.dataset(TOLD, ())


def test_a_page_is_told_in_its_own_language_and_no_text_ends_the_script():
    evil = dataclasses.replace(TOLD, title=dict.fromkeys(("en", "fr", "es"), "</script><!-- & >"))
    for lang in ("en", "fr", "es"):
        element = jsonld.script(evil, lang, [ProductFile(FILES[0].name)])
        inner = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
        assert not set("<>&") & set(inner)
        parsed = graph(inner)
        assert parsed.value(SELF, SDO.name) == Literal("</script><!-- & >", lang=lang)
        assert parsed.value(SELF, SDO.description) == Literal(TOLD.text("abstract", lang), lang=lang)
        assert {str(url) for url in parsed.objects(None, SDO.contentUrl)} == {HOME + FILES[0].name}
        assert {str(told) for told in parsed.objects(None, SDO.sha256)} == {e.sha256 for e in TOLD.inputs}


def test_dcat_names_publisher_makers_period_and_licences_of_the_inputs():
    parsed = graph(dcat.write(TOLD, FILES))
    assert (SELF, RDF.type, DCAT.Dataset) in parsed
    assert len(list(parsed.objects(SELF, DCTERMS.creator))) == len(TOLD.agencies)
    period = parsed.value(SELF, DCTERMS.temporal)
    assert parsed.value(period, DCAT.startDate).toPython() == date(2016, 1, 1)
    assert parsed.value(period, DCAT.endDate).toPython() == date(2023, 12, 31)
    sources = set(parsed.objects(SELF, DCTERMS.source))
    licences = {str(parsed.value(source, DCTERMS.license)) for source in sources}
    assert licences == {entry.licence.url for entry in TOLD.inputs}
    assert all(str(source).startswith(f"{HOME}metadata/lineage.jsonld#source-") for source in sources)


def test_stac_is_valid_by_the_schemas_that_pystac_carries():
    written = {name: json.loads(text) for name, text in stac.write(TOLD, layer(), FILES).items()}
    for told in written.values():
        assert schemas.check(told, "stac") == ()
        assert schemas.check(told | {"links": "none"}, "stac") != ()


def test_stac_carries_the_sphere_the_columns_and_the_checksums():
    told = item()
    properties = told["properties"]
    assert properties["datetime"] is None
    assert (properties["start_datetime"], properties["end_datetime"]) == (
        "2016-01-01T00:00:00Z",
        "2023-12-31T23:59:59Z",
    )
    assert properties["proj:code"] is None
    assert "6370997" in properties["proj:wkt2"]
    assert properties["proj:projjson"]["type"] == "ProjectedCRS"
    points = layer().points
    assert properties["proj:bbox"] == pytest.approx(
        [points.x.min(), points.y.min(), points.x.max(), points.y.max()], abs=1e-3
    )
    columns = {column["name"]: column for column in properties["table:columns"]}
    assert [*columns] == [*(field.name for field in TOLD.fields), properties["table:primary_geometry"]]
    assert columns["capacity_mw"]["type"] == "double"
    assert "[MW]" in columns["capacity_mw"]["description"]
    assert properties["table:row_count"] == 3
    package = told["assets"]["geopackage"]
    assert (package["file:checksum"], package["file:size"]) == ("1220" + FILES[0].sha256, FILES[0].size)
    assert (package["type"], package["roles"]) == ("application/geopackage+sqlite3", ["data"])
    declared = {url.rsplit("/", 2)[0].rsplit("/", 1)[1] for url in told["stac_extensions"]}
    assert declared == {"projection", "table", "file"}
    used = {name.split(":")[0] for asset in told["assets"].values() for name in asset if ":" in name}
    assert {name.split(":")[0] for name in properties if ":" in name} | used == {"proj", "table", "file"}


def test_pystac_walks_from_the_collection_to_the_files(tmp_path: Path):
    for name, content in closing(TOLD, layer(), FILES).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    collection = pystac.Collection.from_file(str(tmp_path / "metadata" / "stac" / "collection.json"))
    (found,) = collection.get_items()
    assert found.get_collection().id == TOLD.slug
    assert found.assets["geopackage"].get_absolute_href() == (tmp_path / NAMES[0]).as_posix()
    assert found.bbox == collection.extent.spatial.bboxes[0]
    lineage = found.assets["lineage.jsonld"]
    assert lineage.extra_fields["file:size"] == (tmp_path / "metadata" / "lineage.jsonld").stat().st_size
    assert len(found.assets) == len(FILES) + 3
    links = {(link.rel, link.extra_fields.get("hreflang")) for link in found.links}
    assert {("license", "fr"), ("describedby", "es")} <= links
    assert "centrales eléctricas" in " ".join(found.properties["keywords"]).lower()


def test_a_layer_without_features_has_no_footprint():
    empty = dataclasses.replace(TOLD, box=None, features=0)
    told = item(empty, layer(features=layer().frame.head(0)))
    assert told["geometry"] is None
    assert "bbox" not in told
    assert schemas.check(told, "stac") == ()
    assert (SELF, SDO.spatialCoverage, None) not in graph(jsonld.write(empty, FILES))
    assert (SELF, SDO.spatialCoverage, None) in graph(jsonld.write(TOLD, FILES))
    assert (SELF, DCTERMS.spatial, None) not in graph(dcat.write(empty, FILES))


def test_same_record_same_bytes():
    written = closing(TOLD, layer(), FILES)
    assert written == closing(record(), layer(), FILES)
    assert written.keys() - set(CLOSING) == {"metadata/stac/NA_PowerPlants_2023.json"}
    assert set(CLOSING) < written.keys()


def test_every_format_has_a_media_type():
    names = {file.name: file for file in FILES}
    assert all(file.media_type != "application/octet-stream" and file.format for file in names.values())
    assert [file.role for file in FILES].count("overview") == 1
    assert names["NA_PowerPlants_2023_fr.kmz"].language == "fr"
    assert names["NA_PowerPlants_2023.gpkg"].language is None
    assert len({file.key for file in FILES}) == len(FILES)
    assert ProductFile("a.xyz").media_type == "application/octet-stream"
