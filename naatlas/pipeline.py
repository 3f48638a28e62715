"""The whole flow: read, correct, combine, check, describe, write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from naatlas import framework, registry, sources
from naatlas.errors import UnknownTermsError
from naatlas.findings import finding
from naatlas.harmonize import corrections, ids
from naatlas.ledger import Ledger, State
from naatlas.metadata import words as layer_words
from naatlas.model import Cells, Combined, Finding, LayerData, Shapes, Work
from naatlas.quality import account, checks, comparability, outliers, placement
from naatlas.shaping import shape
from naatlas.sources import known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame

    from naatlas.model import InputFile, Scale, Table
    from naatlas.shaping import Shaped
    from naatlas.spec import Edition, LayerSpec

    #: Layers by slug, edition, scale and data folder.
    Shelf = dict[tuple[str, str, Scale, Path | None], LayerData]


def assemble(
    slug: str,
    *,
    data: Path | None = None,
    edition: str | None = None,
    options: Mapping[str, float | str] | None = None,
    scale: Scale = "10M",
    previous: pd.DataFrame | None = None,
    shelf: Shelf | None = None,
) -> LayerData:
    """Build a layer in memory: everything but describing and writing.

    Parameters
    ----------
    data
        Folder with the national files; None for the starter inputs.
    previous
        The layer as it was published before, to hand ids over from.
    shelf
        Keeps the layers that others stand on from one call to the next, so that a run builds each of them once.

    Raises
    ------
    UsageError, InputError, UnknownTermsError, LinkageError, AccountError
        Nothing of the layer exists then.
    """
    layer = registry.load(slug)
    spec, chosen = layer.SPEC, layer.SPEC.edition(edition)
    shelf = {} if shelf is None else shelf
    if not options and previous is None and (slug, chosen.name, scale, data) in shelf:
        return shelf[slug, chosen.name, scale, data]
    used = _used(spec, chosen, data=data, scale=scale, shelf=shelf)
    work = Work(chosen, Ledger(), options=spec.choose(options or {}), used=used)
    tables = _read(spec, work, data)
    spec = _without_filled_gaps(spec, tables)
    inputs = _inputs(tables, chosen, used)
    combined = _combine(layer, tables, work)
    if previous is not None:
        combined = _hand_over(combined, previous, spec, work.ledger)
    shaped = shape(combined, spec, scale, work.used)
    provenance = _account(combined.provenance, shaped, spec, work.ledger)
    work.findings += [*shaped.findings, *_check(shaped.frame, spec, inputs)]
    return _finished(spec, work, shaped, provenance, inputs=inputs, tables=combined.tables, scale=scale)


def _used(
    spec: LayerSpec, chosen: Edition, *, data: Path | None, scale: Scale, shelf: Shelf
) -> dict[str, LayerData]:
    """Build the layers that this one stands on, each in its edition, or take them from the shelf."""
    keys = {name: (name, chosen.of(name), scale, data) for name in spec.uses}
    for name, key in keys.items():
        if key not in shelf:
            shelf[key] = assemble(name, data=data, edition=key[1], scale=scale, shelf=shelf)
    return {name: shelf[key] for name, key in keys.items()}


def _finished(
    spec: LayerSpec,
    work: Work,
    shaped: Shaped,
    provenance: pd.DataFrame,
    *,
    inputs: tuple[InputFile, ...],
    tables: Mapping[str, pd.DataFrame],
    scale: Scale,
) -> LayerData:
    return LayerData(
        spec=spec,
        edition=work.edition.name,
        frame=shaped.frame,
        geometry=shaped.geometry,
        provenance=provenance,
        ledger=work.ledger,
        inputs=inputs,
        findings=tuple(work.findings),
        tables=tables,
        variant=_variant(spec, work.options, scale),
        scale=scale,
        stands_on={name: layer.edition for name, layer in work.used.items()},
        restricted=next(filter(None, (spec.restricted, *(u.restricted for u in work.used.values()))), ""),
    )


def _variant(spec: LayerSpec, asked: Mapping[str, float | str], scale: Scale) -> str:
    """Name what differs from the default product; a scale that the sources do not have is never named alone."""
    parts = [o.token(asked[o.name]) for o in spec.options if asked[o.name] != o.default]
    if scale != "10M":
        parts.append(scale)
        if spec.coarser_than(framework.SCALES[scale].denominator):
            parts.append(f"from{spec.source_scale / 1_000_000:g}M")
    return "-".join(parts)


def _read(spec: LayerSpec, work: Work, data: Path | None) -> dict[str, Table]:
    """Read the files of an edition as published, open their account, and apply the reviewed corrections."""
    wanted = [spec.source(s) for s in work.edition.sources]
    tables = sources.read_all(wanted, data, bounds=_bounds(spec, work.edition))
    for table in tables.values():
        work.ledger.open(table)
    work.findings.extend([*_absent(spec, work.edition, tables, data), *_changed(tables)])
    return corrections.apply(tables, corrections.load(spec.slug), work.ledger)


def _without_filled_gaps(spec: LayerSpec, tables: Mapping[str, Table]) -> LayerSpec:
    """Return the specification as it holds for these files: an optional one that is there may fill a gap."""
    gaps = tuple(gap for gap in spec.gaps if not any(name in tables for name in gap.unless))
    return spec if gaps == spec.gaps else replace(spec, gaps=gaps)


def _bounds(spec: LayerSpec, edition: Edition) -> tuple[float, float, float, float] | None:
    """Return the frame of a raster layer: cells of a source outside of it are outside of the layer."""
    if spec.raster is None:
        return None
    rules = spec.rules(edition.name)
    return framework.GRIDS[rules.grid].coarser(rules.cell_m).bounds


def _absent(
    spec: LayerSpec, edition: Edition, tables: Mapping[str, Table], data: Path | None
) -> list[Finding]:
    """Name the files that are not there; what has no starter rows is not missed among them: they are a selection."""
    return [
        finding(
            "source-absent",
            "warning",
            where=name,
            title=spec.source(name).title,
            path=spec.source(name).path,
            page=spec.source(name).landing_page,
        )
        for name in edition.sources
        if name not in tables and (data is not None or spec.source(name).starter)
    ]


def _changed(tables: Mapping[str, Table]) -> list[Finding]:
    """Tell of files that are not those that the specifications were written for."""
    return [
        finding("source-changed", "warning", where=name, path=table.input.name, vintage=table.source.vintage)
        for name, table in tables.items()
        if known.changed(table.input)
    ]


def _combine(layer: registry.Layer, tables: dict[str, Table], work: Work) -> Combined:
    try:
        combined = layer.combine(tables, work)
    except Exception as error:
        # A step behind may stumble over the terms that a step before could not translate: the terms are the news.
        if work.unknown:
            raise UnknownTermsError(dict.fromkeys(work.unknown)) from error
        raise
    if work.unknown:
        raise UnknownTermsError(dict.fromkeys(work.unknown))
    return combined


def _hand_over(combined: Combined, previous: pd.DataFrame, spec: LayerSpec, ledger: Ledger) -> Combined:
    """Give features the ids they had in an earlier product, wherever a row is linked to it."""
    handed = ids.hand_over(_linkable(previous, spec), _linkable(combined.frame, spec))
    changed = {str(old): str(new) for old, new in handed.ids.items() if old != new}
    ledger.rename(changed)

    def renamed(table: pd.DataFrame) -> pd.DataFrame:
        if spec.key not in table:
            return table
        return table.assign(**{spec.key: table[spec.key].map(changed).fillna(table[spec.key])})

    tables = {name: renamed(table) for name, table in combined.tables.items()}
    return Combined(
        renamed(combined.frame),
        renamed(combined.provenance),
        {**tables, "ids": handed.report},
        combined.geometry,
    )


def _linkable(frame: pd.DataFrame, spec: LayerSpec) -> pd.DataFrame:
    return frame.rename(columns={"primary_source": "energy_source"}).set_index(spec.key)


def _account(provenance: pd.DataFrame, shaped: Shaped, spec: LayerSpec, ledger: Ledger) -> pd.DataFrame:
    """Close the account and balance it; return the provenance of what is left at the map scale."""
    dropped = shaped.dropped
    for source in ledger.sources:
        ledger.restate(source, dropped, State.OUT_OF_SCOPE, "smaller than the smallest feature at this scale")
    ledger.merge(shaped.merged)
    gone = {*dropped, *shaped.merged}
    left = provenance[~provenance[spec.key].isin(gone)] if gone else provenance
    ledger.close()
    account.balance(ledger, shaped.frame, left, spec)
    return corrections.mark(left, ledger)


def _inputs(
    tables: Mapping[str, Table], edition: Edition, used: Mapping[str, LayerData]
) -> tuple[InputFile, ...]:
    """List each file once, those of the layer first: several layers that it uses may stand on one file.

    The vintage of what comes from another edition, such as that of all years, is not that of the layer.
    """
    own = (replace(t.input, lookup=name in edition.lookups) for name, t in tables.items())
    below = (
        replace(entry, lookup=entry.lookup or layer.edition != edition.name)
        for layer in used.values()
        for entry in layer.inputs
    )
    entries = (*own, *below)
    return tuple({entry.source.id: entry for entry in reversed(entries)}.values())[::-1]


def _check(frame: pd.DataFrame, spec: LayerSpec, inputs: tuple[InputFile, ...]) -> list[Finding]:
    found = checks.check(frame, spec, layer_words.load(spec.slug))
    if spec.geometry == "Point":
        found += placement.check_placement(frame, key=spec.key)[0]
    found += outliers.findings(outliers.outliers(frame, spec.outliers, key=spec.key), key=spec.key)
    return found + comparability.check_vintages([i for i in inputs if not i.lookup], frame, spec)


def geodataframe(data: LayerData) -> GeoDataFrame:
    """Make the frame that users get: all columns, and the geometry in the framework CRS; of a raster its table."""
    import geopandas as gpd

    if isinstance(data.geometry, Cells):
        return gpd.GeoDataFrame(data.frame)

    shapes = isinstance(data.geometry, Shapes)
    geometry = data.shapes.metres if shapes else gpd.points_from_xy(data.points.x, data.points.y)
    return gpd.GeoDataFrame(data.frame, geometry=geometry, crs=framework.crs())


__all__ = ["assemble", "geodataframe"]
