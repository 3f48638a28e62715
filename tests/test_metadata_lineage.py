"""The lineage of a product: complete as a graph, and the same story as explain, the ISO record and the ledger."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from lxml import etree
from prov.model import ProvActivity, ProvAgent, ProvDerivation, ProvDocument, ProvEntity
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, PROV, RDF, RDFS

from naatlas import product
from naatlas.explain import explain
from naatlas.metadata import dcat, prov
from naatlas.metadata.graph import last_change
from naatlas.metadata.iso_parts import NAMESPACES
from tests.graph_kit import FILES, HOME, graph
from tests.metadata_samples import layer, record

if TYPE_CHECKING:
    from pathlib import Path

SDO, SPDX = Namespace("https://schema.org/"), Namespace("http://spdx.org/rdf/terms#")
STEPS = ["read", "translate", "correct", "combine", "place", "check", "write"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> product.Product:
    return product.build("power-plants", out=tmp_path_factory.mktemp("lineage"), formats=("gpkg",))


@pytest.fixture(scope="module")
def told(built: product.Product) -> Graph:
    return graph((built.folder / "metadata" / "lineage.jsonld").read_bytes(), "lineage.jsonld")


def here(name: str) -> URIRef:
    return URIRef(f"{HOME}metadata/lineage.jsonld#{name}")


def figures(parsed: Graph, node: Any) -> dict[str, float]:
    return {
        str(parsed.value(pair, SDO.name)): parsed.value(pair, SDO.value).toPython()
        for pair in parsed.objects(node, SDO.additionalProperty)
    }


def identifiers(parsed: Graph, prefix: str) -> set[str]:
    """Return the sources by the nodes whose name begins so."""
    return {
        str(name) for node, name in parsed.subject_objects(DCTERMS.identifier) if f"#{prefix}-" in str(node)
    }


def layer_node(parsed: Graph) -> URIRef:
    (node,) = set(parsed.subjects(PROV.qualifiedDerivation))
    return node


def rows(built: product.Product, query: str) -> pd.DataFrame:
    (path,) = built.folder.glob("*.gpkg")
    with closing(sqlite3.connect(path)) as base:
        return pd.read_sql_query(query, base)


def test_every_file_stands_there_with_its_checksum(told: Graph, built: product.Product):
    sums = {
        str(told.value(node, RDFS.label)): str(
            told.value(told.value(node, SPDX.checksum), SPDX.checksumValue)
        )
        for node in told.subjects(PROV.wasGeneratedBy, here("write"))
    }
    after = {"manifest.json", *(f"metadata/{name}" for name in ("lineage.jsonld", "dcat.jsonld"))}
    files = {
        path.relative_to(built.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in built.folder.rglob("*")
        if path.is_file()
    }
    assert after <= files.keys()
    assert len(sums) > 15
    assert sums.items() <= files.items()
    assert {name for name in files.keys() - sums.keys() if not name.startswith("metadata/")} <= {
        "manifest.json",
        "SHA256SUMS",
    }


def test_inputs_are_those_of_the_sources_table_of_explain_and_of_the_iso_record(
    told: Graph, built: product.Product
):
    sources = rows(built, "SELECT id, sha256 FROM sources").set_index("id")["sha256"].to_dict()
    inputs = identifiers(told, "source")
    assert inputs == set(sources)
    sums = {
        s: str(told.value(told.value(here(f"source-{s}"), SPDX.checksum), SPDX.checksumValue)) for s in inputs
    }
    assert sums == sources
    iso = etree.parse(built.folder / "metadata" / "iso19115.xml")
    path = ".//gmd:LI_Source//gmd:identifier/gmd:MD_Identifier/gmd:code/gco:CharacterString"
    assert {node.text for node in iso.iterfind(path, NAMESPACES)} == inputs
    (package,) = built.folder.glob("*.gpkg")
    for key in built.data.frame["atlas_id"].iloc[[0, -1]]:
        named = {value["source"] for value in explain(package, key)["values"]} - {None}
        assert named
        assert named <= inputs


def test_the_layer_is_derived_from_what_the_provenance_table_names_and_as_often(
    told: Graph, built: product.Product
):
    counts = rows(built, "SELECT source, count(*) AS n FROM provenance GROUP BY source")
    node = layer_node(told)
    derived = {
        str(told.value(told.value(d, PROV.entity), DCTERMS.identifier)): figures(told, d)["values"]
        for d in told.objects(node, PROV.qualifiedDerivation)
    }
    assert derived == counts.set_index("source")["n"].to_dict()
    assert {str(told.value(s, DCTERMS.identifier)) for s in told.objects(node, PROV.wasDerivedFrom)} == set(
        derived
    )
    assert set(derived) < identifiers(told, "source")  # a register that only checks others gives no value


def test_rows_by_state_are_those_of_the_ledger(told: Graph, built: product.Product):
    ledger = rows(built, "SELECT * FROM ledger_counts").drop(columns="fid").set_index("source")
    accounts = {source: figures(told, here(f"table-{source}")) for source in identifiers(told, "table")}
    assert accounts == ledger.to_dict("index")
    combined = figures(told, here("combine"))
    assert combined["read"] == ledger["read"].sum()
    assert {state: combined[state] for state in ledger.columns} == ledger.sum().to_dict()
    assert figures(told, here("correct"))["rejected"] == ledger["rejected"].sum()
    assert figures(told, layer_node(told))["features"] == len(built.data.frame)


def test_the_steps_are_those_of_the_iso_record_in_that_order(told: Graph, built: product.Product):
    order = [here("write")]
    while before := told.value(order[-1], PROV.wasInformedBy):
        order.append(before)
    assert [str(node).rpartition("#")[2] for node in reversed(order)] == STEPS
    iso = etree.parse(built.folder / "metadata" / "iso19115.xml")
    path = ".//gmd:LI_ProcessStep/gmd:description/gco:CharacterString"
    said = [node.text for node in iso.iterfind(path, NAMESPACES)]
    worked = {
        process.findtext("gmd:description/gco:CharacterString", namespaces=NAMESPACES): {
            source.get("{http://www.w3.org/1999/xlink}href")
            for source in process.iterfind("gmd:source", NAMESPACES)
        }
        for process in iso.iterfind(".//gmd:LI_ProcessStep", NAMESPACES)
    }
    texts = [
        next(str(t) for t in told.objects(here(step), RDFS.comment) if t.language == "en")
        for step in STEPS[:-1]
    ]
    assert [text for text in said if text in texts] == texts
    for step, text in zip(STEPS, texts, strict=False):
        used = set(told.objects(here(step), PROV.used))
        assert len(used) == len(worked[text]) == (0 if step in {"place", "check"} else len(built.data.inputs))


def test_it_is_one_graph_with_dcat():
    told = record()
    both = graph(dcat.write(told, FILES)) + graph(prov.write(told, layer(), FILES), "lineage.jsonld")
    node = URIRef(f"urn:uuid:{told.identifier}")
    for source in both.objects(node, DCTERMS.source):
        assert (source, RDF.type, PROV.Entity) in both
    assert (both.value(node, PROV.wasGeneratedBy), RDF.type, PROV.Activity) in both
    assert len(set(both.objects(node, PROV.wasGeneratedBy))) == 1


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # that library's own use of it
def test_another_library_for_prov_reads_it(told: Graph):
    own = Graph()
    for triple in told:
        if all(not str(part).startswith((str(SDO), str(SPDX))) for part in triple[1:]):
            own.add(triple)
    read = ProvDocument.deserialize(content=own.serialize(format="turtle"), format="rdf", rdf_format="turtle")
    kinds = [type(statement) for statement in read.get_records()]
    assert kinds.count(ProvActivity) == len(STEPS)
    assert kinds.count(ProvAgent) == len(set(told.subjects(RDF.type, PROV.Agent)))
    assert kinds.count(ProvEntity) == len(set(told.subjects(RDF.type, PROV.Entity)))
    assert ProvDerivation in kinds


def test_a_layer_that_stands_on_another_names_the_files_of_that_one(tmp_path: Path):
    built = product.build("renewable-capacity", out=tmp_path, formats=("gpkg",))
    parsed = graph((built.folder / "metadata" / "lineage.jsonld").read_bytes(), "lineage.jsonld")
    table = here("table-power-plants")
    assert figures(parsed, table)["read"] == built.data.ledger.counts()["read"].sum()
    named = {str(parsed.value(s, DCTERMS.identifier)) for s in parsed.objects(table, PROV.wasDerivedFrom)}
    assert named == {entry.source.id for entry in built.data.inputs}


def test_generalization_tells_its_figures():
    from naatlas.metadata.content import Step

    told = record()
    text = dict.fromkeys(("en", "fr", "es"), "thinned")
    step = Step(text, name="generalize", figures={"vertices_before": 10.0, "vertices_after": 4.0})
    changed = record(steps=(*told.steps[:-1], step, told.steps[-1]))
    assert last_change(changed) == "generalize"
    parsed = graph(prov.write(changed, layer(), FILES), "lineage.jsonld")
    assert figures(parsed, here("generalize")) == {"vertices_before": 10.0, "vertices_after": 4.0}
    assert Literal("thinned") in set(parsed.objects(here("generalize"), RDFS.comment))
