"""From a finished layer to what is published: described, gated, reported, written."""

from __future__ import annotations

import json
import platform
import textwrap
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from naatlas import export, pipeline, registry, report, styles
from naatlas.errors import UsageError
from naatlas.export import limits, preview, shapefile, stylefiles
from naatlas.export.look import Look
from naatlas.metadata import gate, licensing, record
from naatlas.metadata import words as layer_words
from naatlas.metadata.documents import CLOSING, closing, pages
from naatlas.metadata.documents import documents as metadata_documents
from naatlas.metadata.drafting import completed
from naatlas.metadata.files import ProductFile
from naatlas.progress import LOG
from naatlas.quality import account
from naatlas.spec import LANGUAGES
from naatlas.text import years_together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from naatlas.export.limits import Limits
    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Words
    from naatlas.model import LayerData, Scale
    from naatlas.spec import Language, LayerSpec


@dataclass(frozen=True, slots=True)
class Product:
    """A published layer: the folder and the data it was written from."""

    folder: Path
    data: LayerData
    seconds: float

    def summary(self) -> dict[str, Any]:
        """For a program to read."""
        data = self.data
        return {
            "layer": data.spec.slug,
            "edition": data.folder,
            "folder": str(self.folder),
            "features": len(data.frame),
            "features_by_country": _counts(data.frame),
            "vintages": {i.source.id: i.source.vintage for i in data.inputs},
            "tier": sorted({i.tier for i in data.inputs}),
            "findings": {
                s: sum(f.severity == s for f in data.findings) for s in ("error", "warning", "info")
            },
            "absent": [data.spec.source(f.where).path for f in data.findings if f.rule == "source-absent"],
            "changed": [data.spec.source(f.where).path for f in data.findings if f.rule == "source-changed"],
            "licences": [f.message for f in data.findings if f.rule.startswith("licence-")],
            "draft": data.draft,
            "restricted": data.restricted,
            "rejected_rows": len(data.ledger.rejected()),
            "seconds": round(self.seconds, 1),
        }

    @property
    def _rows(self) -> str:
        """What a row of the frame is; of a raster its cells too."""
        if self.data.spec.geometry != "Raster":
            return "features"
        cells = self.data.cells
        return f"rows of the table of {cells.count:,} cells of {cells.grid.cell_m:,.0f} m with data"

    def text(self) -> str:
        """For a reader at a terminal."""
        told = self.summary()
        found, rejected = told["findings"], told["rejected_rows"]
        counts = ", ".join(f"{c} {n:,}" for c, n in told["features_by_country"].items())
        dated = {entry.source.id: entry.source.vintage for entry in self.data.dated_inputs}
        vintages = ", ".join(f"{name} {dated.get(name, '')}".rstrip() for name in years_together(dated))
        sums = _sums(self.data)
        findings = (
            f"  findings: {_count(found['warning'], 'warning')}, {_count(found['info'], 'note')}; "
            f"{_count(rejected, 'row')} rejected"
        )
        lines = [
            f"{told['layer']} {told['edition']}: {told['features']:,} {self._rows}{f' ({counts})' if counts else ''}",
            *(f"  {line}" for line in sums if not line.endswith(" ")),
            _wrapped(f"vintages: {vintages}"),
            findings,
            *_absent(told["absent"] if told["tier"] != ["starter"] else ()),
            *(_wrapped(f"not the file the specification was written for: {p}") for p in told["changed"]),
            *(_wrapped(f"terms of use: {line}") for line in told["licences"]),
            f"  {told['folder']} (report.html, rejected.csv) in {told['seconds']} s",
        ]
        if told["tier"] == ["starter"]:
            lines.insert(
                1, "  from the starter inputs in the package, a selection; give --data for the national files"
            )
        return "\n".join([*lines, *_held_back(self.data)])


def _wrapped(line: str) -> str:
    return textwrap.fill(line, 100, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _held_back(data: LayerData) -> tuple[str, ...]:
    """Say why the product may not go out, and of a draft what it lacks."""
    lines = (f"  RESTRICTED, for internal use only: {data.restricted}",) if data.restricted else ()
    if not data.draft:
        return lines
    stop = gate.errors(data.findings)
    told = (
        f"{_count(len(stop), 'error')} would keep it from being published"
        if stop
        else "it would pass the gate"
    )
    return (
        *lines,
        f"  DRAFT, not for release: {told}",
        *(f"  {line}" for line in gate.told(stop).splitlines()),
    )


def _counts(frame: pd.DataFrame) -> dict[str, int]:
    """Count the features of each country; empty for a layer that knows no countries."""
    if "country" not in frame:
        return {}
    return {str(c): int(n) for c, n in frame["country"].value_counts().sort_index().items()}


def _absent(paths: Sequence[str]) -> tuple[str, ...]:
    """Name the files that would have made the layer richer: a warning that is only counted sends nobody for them."""
    if not paths:
        return ()
    return (_wrapped(f"built without {', '.join(paths)}: not found; report.html tells where to get it"),)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sums(data: LayerData) -> list[str]:
    """Tell the sums that are in balance: by country, or of levels that lie on each other what a balloon shows."""
    spec = data.spec
    if not spec.nested_by:
        return [f"{field} {_by_country(data, field)}" for field in spec.balance]
    shown = [field for field in spec.balance if spec.field(field).balloon]
    return [
        f"{field} {account.whole(data.frame, spec, field):,.1f} at every {spec.nested_by}" for field in shown
    ]


def _by_country(data: LayerData, field: str) -> str:
    sums = data.frame.groupby("country")[field].sum(min_count=1).dropna()  # not reported is not zero
    return ", ".join(f"{country} {total:,.1f}" for country, total in sums.items())


def build(  # noqa: PLR0913 - one a choice of the caller, by keyword
    slug: str,
    *,
    out: Path,
    data: Path | None = None,
    edition: str | None = None,
    formats: Sequence[str] | None = None,
    scale: Scale = "10M",
    languages: Sequence[Language] = ("en", "fr", "es"),
    options: Mapping[str, float | str] | None = None,
    previous: Path | None = None,
    shelf: pipeline.Shelf | None = None,
    draft: bool = False,
    kml: Limits | None = None,
) -> Product:
    """Build a layer and publish its products in ``<out>/<slug>/<edition>``.

    Parameters
    ----------
    formats
        None for those that layers of its geometry come in.
    shelf
        Layers that others stand on, kept between the calls of one run.
    draft
        Write what does not pass the gate too, marked as a draft, in ``<edition>-draft``.
    kml
        From which size on the KMZ is a pyramid of files.

    Raises
    ------
    AtlasError
        One of its kinds; the product that was there before is untouched.
    """
    begun = time.perf_counter()
    formats = wishes(registry.spec(slug), formats, scale=scale, previous=previous)
    before = None if previous is None else read_previous(previous, slug)
    LOG.info("reading and combining")
    layer = pipeline.assemble(
        slug, data=data, edition=edition, options=options, scale=scale, previous=before, shelf=shelf
    )
    # Arrow keeps what it freed for columns to come; what comes now is text and pictures.
    pa.default_memory_pool().release_unused()
    languages = tuple(dict.fromkeys(languages))
    layer = replace(layer, draft=draft, variant=_variant(layer.variant, languages))
    layer, folder = _published(layer, out, formats, languages, kml)
    product = Product(folder, layer, time.perf_counter() - begun)
    _log(product, out)
    return product


def _published(
    layer: LayerData,
    out: Path,
    formats: Sequence[str],
    languages: Sequence[Language],
    kml: Limits | None,
) -> tuple[LayerData, Path]:
    """Describe, gate and write a finished layer; return it with all findings, and the folder of the product."""
    LOG.info("describing")
    layer, told, records = _described(_noted(layer, formats, kml), languages)
    looks = [Look(told.words, styles.of(layer), language) for language in languages]
    documents = {**records, **_evidence(layer, told.words, languages), **stylefiles.documents(layer, looks)}
    documents |= _pages(
        layer, told, languages, export.planned(layer, formats, languages, (*documents, *CLOSING))
    )
    LOG.info("writing products")
    folder = export.write_all(
        layer,
        out,
        documents=documents,
        formats=formats,
        languages=languages,
        words=told.words,
        closing=lambda files: closing(told, layer, [ProductFile(name, **f) for name, f in files.items()]),
        limits=kml,
    )
    return layer, folder


def wishes(
    spec: LayerSpec, formats: Sequence[str] | None, *, scale: Scale = "10M", previous: Path | None = None
) -> tuple[str, ...]:
    """Return the formats of a product; refuse what a layer of its geometry cannot have.

    Raises
    ------
    UsageError
        No such format, or not of such a layer; a raster at another scale, or with ids of an earlier product.
    """
    told = export.default_formats(spec) if formats is None else tuple(formats)
    export.check_formats(spec, told)
    if spec.raster and scale != "10M":
        size = f"{spec.raster.cell_m:,.0f} m"
        raise UsageError(
            f"layer {spec.slug} is a raster: it has one size of cells, {size}, and no --scale {scale}"
        )
    if spec.geometry == "Raster" and previous is not None:
        raise UsageError(
            f"layer {spec.slug} is a raster: its rows have no ids to take over; leave --previous out"
        )
    return told


def _variant(variant: str, languages: Sequence[Language]) -> str:
    """Name a choice of languages too: it decides what stands in the files, so it is no default product."""
    return variant if languages == LANGUAGES else "-".join(part for part in (variant, *languages) if part)


def _noted(layer: LayerData, formats: Sequence[str], kml: Limits | None) -> LayerData:
    """Add what is found before anything is written: texts that will be cut, size for maps, licences that bind."""
    cut = shapefile.findings(layer) if "shp" in formats else []
    placemarks = "kmz" in formats and layer.spec.geometry != "Raster"  # whose KMZ has pictures in tiles
    large = limits.findings(layer, kml or limits.Limits()) if placemarks else []
    return replace(layer, findings=(*layer.findings, *cut, *large, *licensing.findings(layer.inputs)))


def _described(
    layer: LayerData, languages: Sequence[Language]
) -> tuple[LayerData, Record, Mapping[str, bytes]]:
    """Describe the layer and write its records; what does not pass the gate stops it, or is noted in a draft."""
    words = layer_words.load(layer.spec.slug)
    told = record.describe(layer, completed(words, layer.spec))
    records = metadata_documents(told, languages)
    faults = gate.check(told, words, layer.spec, records)
    if not layer.draft:
        gate.gate((*layer.findings, *faults))
    return replace(layer, findings=(*layer.findings, *faults)), told, records


def _pages(
    layer: LayerData, told: Record, languages: Sequence[Language], files: Sequence[str]
) -> dict[str, bytes]:
    """Write the pages for people, with a map and links to all files of the product."""
    look = Look(told.words, styles.of(layer), languages[0])
    drawn = preview.picture(layer, look=look)
    return pages(told, languages, files=[ProductFile(name) for name in files], picture=drawn)


def _evidence(layer: LayerData, words: Words, languages: Sequence[Language]) -> dict[str, bytes]:
    """Write the report, and what was left out and changed."""
    facts = report.build(layer, words=words)
    further = registry.documents(layer.spec.slug)
    return {
        **(further(layer, words, languages) if further else {}),
        **report.pages(facts, languages),
        **report.owners_reports(layer, words),
        "report.json": json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        "rejected.csv": report.rejected_csv(layer.ledger),
        "corrections.csv": report.corrections_csv(layer.ledger),
        **{f"{name}.csv": _csv(layer.tables[name]) for name in layer.spec.evidence if name in layer.tables},
    }


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\r\n", float_format="%.12g").encode("utf-8-sig")


def _log(product: Product, out: Path) -> None:
    """Leave what is true of this run only beside the product, not in it."""
    told = product.summary() | {
        "host": platform.node(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    path = out / product.data.spec.slug / f"build-log-{product.data.folder}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def product_of(slug: str, out: Path, edition: str | None) -> Path:
    """Find the published GeoPackage of a layer below an output folder; of a raster its GeoTIFF.

    Raises
    ------
    UsageError
        Nothing was published there.
    """
    spec = registry.spec(slug)
    name = edition or spec.edition(None).name
    path = out / slug / name / f"NA_{spec.name}_{name}.{'tif' if spec.geometry == 'Raster' else 'gpkg'}"
    if not path.is_file():
        raise UsageError(f"{path} does not exist; run: naatlas build {slug} --edition {name} --out {out}")
    return path


def read_previous(path: Path, slug: str) -> pd.DataFrame:
    """Read the features of an earlier product, to hand their ids over.

    Parameters
    ----------
    path
        Its GeoPackage, or the folder that holds it.
    """
    import pyogrio

    found = path if path.is_file() else next(iter(sorted(path.glob("NA_*.gpkg"))), None)
    if found is None:
        raise UsageError(f"{path}: no GeoPackage in it; --previous takes a product folder or its NA_*.gpkg")
    try:
        frame: pd.DataFrame = pyogrio.read_dataframe(found, layer=slug.replace("-", "_"), read_geometry=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise UsageError(f"{found}: is no product of layer {slug} ({error})") from error
    return frame
