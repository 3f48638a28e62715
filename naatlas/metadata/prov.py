"""Tell the lineage of a product in PROV-O, the W3C's ontology of provenance, as JSON-LD.

PROV-O is the form of PROV that is a Recommendation and that every reader of RDF takes; it shares its names with the
DCAT record, so that both together are one graph. Numbers stand as properties of schema.org, so that no vocabulary
had to be made up. All of it comes from the record, the ledger and the provenance table of the build.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from naatlas.metadata.dcat import checksum
from naatlas.metadata.graph import UP, Node, as_bytes, identifier, last_change, tagged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from naatlas.metadata.content import InputEntry, Record, Step
    from naatlas.metadata.files import ProductFile
    from naatlas.model import LayerData

_CONTEXT = {
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SOFTWARE = "#naatlas"


def write(record: Record, data: LayerData, files: Sequence[ProductFile]) -> bytes:
    """Return the lineage: input files, their tables, the features, the product files, and what was done between.

    Parameters
    ----------
    files
        Of the product, with checksums.
    """
    told = _Lineage(record, data)
    nodes = [
        *told.agents(),
        *told.inputs(),
        *told.tables(),
        *told.activities(),
        told.features(),
        *told.written(files),
    ]
    return as_bytes({"@context": _CONTEXT, "@graph": nodes})


def _ref(name: str) -> Node:
    return {"@id": name}


def _refs(names: Iterable[str]) -> list[Node]:
    return [_ref(name) for name in names]


def _figures(figures: Mapping[str, float]) -> list[Node]:
    """Write numbers by name; a name ends in its unit where it has one."""
    return [
        {"@type": "schema:PropertyValue", "schema:name": name, "schema:value": value}
        for name, value in figures.items()
    ]


def _input_id(source: str) -> str:
    return f"#source-{source}"


def _table_id(source: str) -> str:
    return f"#table-{source}"


class _Lineage:
    """The lineage of one product on its way into a graph."""

    def __init__(self, record: Record, data: LayerData) -> None:
        self.record, self.data = record, data
        self.entries = {entry.source: entry for entry in record.inputs}
        self.steps = [step for step in record.steps if step.name]
        self.publishers = {name: f"#agency-{n}" for n, name in enumerate(record.agencies, start=1)}

    def agents(self) -> list[Node]:
        atlas = self.record.words.texts["contact_organisation"]
        software: Node = {
            "@id": _SOFTWARE,
            "@type": ["prov:Agent", "prov:SoftwareAgent"],
            "rdfs:label": f"naatlas {self.record.version}",
            "schema:softwareVersion": self.record.version,
        }
        return [
            software,
            {"@id": "#atlas", "@type": ["prov:Agent", "prov:Organization"], "rdfs:label": tagged(atlas)},
            *(
                {"@id": name, "@type": ["prov:Agent", "prov:Organization"], "rdfs:label": agency}
                for agency, name in self.publishers.items()
            ),
        ]

    def inputs(self) -> list[Node]:
        return [self._input(entry) for entry in self.entries.values()]

    def _input(self, entry: InputEntry) -> Node:
        return {
            "@id": _input_id(entry.source),
            "@type": "prov:Entity",
            "rdfs:label": entry.title,
            "dcterms:identifier": entry.source,
            "schema:name": entry.file,
            "schema:size": f"{entry.size} B",
            "schema:temporalCoverage": entry.vintage,
            "spdx:checksum": checksum(entry.sha256),
            "prov:wasAttributedTo": _ref(self.publishers[entry.publisher]),
        }

    def tables(self) -> list[Node]:
        """Tell of the rows of each source what became of them: the account of the ledger."""
        return [
            {
                "@id": _table_id(source),
                "@type": ["prov:Entity", "prov:Collection"],
                "rdfs:label": f"rows of {source}",
                "dcterms:identifier": source,
                "prov:wasGeneratedBy": _ref("#read"),
                "prov:wasDerivedFrom": _refs(_input_id(name) for name in self._files_of(source)),
                "schema:additionalProperty": _figures(counts),
            }
            for source, counts in self._accounts().items()
        ]

    def _accounts(self) -> dict[str, dict[str, int]]:
        if not self.data.ledger.sources:
            return {}
        counts = self.data.ledger.counts()
        return {
            str(source): {str(state): int(n) for state, n in row.items()} for source, row in counts.iterrows()
        }

    def _files_of(self, source: str) -> list[str]:
        """Name the files that rows come from; those of a layer that is used come from all of its files."""
        if source in self.entries:
            return [source]
        return [name for name in self.entries if name not in self.data.ledger.sources]

    def activities(self) -> list[Node]:
        """Tell the steps in order, the last of them the writing of the files."""
        nodes = [self._activity(step) for step in self.steps]
        for before, node in pairwise(nodes):
            node["prov:wasInformedBy"] = _ref(before["@id"])
        write: Node = {
            "@id": "#write",
            "@type": "prov:Activity",
            "rdfs:label": "write",
            "prov:wasAssociatedWith": _ref(_SOFTWARE),
            "prov:used": _ref(identifier(self.record)),
            "prov:wasInformedBy": _ref(nodes[-1]["@id"]),
        }
        return [*nodes, write]

    def _activity(self, step: Step) -> Node:
        told: Node = {
            "@id": f"#{step.name}",
            "@type": "prov:Activity",
            "rdfs:label": step.name,
            "rdfs:comment": tagged(step.text),
            "prov:wasAssociatedWith": _ref(_SOFTWARE),
        }
        if used := self._used(step):
            told["prov:used"] = used
        if step.figures:
            told["schema:additionalProperty"] = _figures(step.figures)
        return told

    def _used(self, step: Step) -> list[Node]:
        if step.name == "read":
            return _refs(_input_id(source) for source in self.entries)
        if step.sources:
            return _refs(_table_id(source) for source in self._accounts())
        return []

    def features(self) -> Node:
        """Tell of the layer itself; it is derived from the files that some published value comes from, and how many."""
        values = self._values()
        derived = [
            {
                "@type": "prov:Derivation",
                "prov:entity": _ref(_input_id(source)),
                "schema:additionalProperty": _figures({"values": count}),
            }
            for source, count in values.items()
        ]
        told: Node = {
            "@id": identifier(self.record),
            "@type": ["prov:Entity", "prov:Collection"],
            "rdfs:label": tagged(self.record.title),
            "prov:wasGeneratedBy": _ref(f"#{last_change(self.record)}"),
            "prov:wasAttributedTo": _refs(("#atlas", *self.publishers.values())),
            "prov:wasDerivedFrom": _refs(_input_id(source) for source in values),
            "prov:qualifiedDerivation": derived,
        }
        counts = {"features": self.record.features}
        countries = {f"features_{country}": n for country, n in self.record.countries.items()}
        return told | {"schema:additionalProperty": _figures(counts | countries)}

    def _values(self) -> dict[str, int]:
        """Count the published values by the source they come from."""
        provenance = self.data.provenance
        if "source" not in provenance:
            return {}
        counts: Mapping[Any, int] = dict(provenance["source"].value_counts())
        return {source: int(counts[source]) for source in self.entries if counts.get(source)}

    def written(self, files: Sequence[ProductFile]) -> list[Node]:
        return [
            {
                "@id": UP + file.name,
                "@type": "prov:Entity",
                "rdfs:label": file.name,
                "dcterms:format": file.media_type,
                "schema:size": f"{file.size} B",
                "spdx:checksum": checksum(file.sha256),
                "prov:wasGeneratedBy": _ref("#write"),
                "prov:wasDerivedFrom": _ref(identifier(self.record)),
            }
            for file in files
            if file.sha256
        ]
