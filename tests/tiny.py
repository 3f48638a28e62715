"""A layer of three small files, one a country and one a format, for tests of the whole flow."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from naatlas import product, registry, styles
from naatlas.facts import Facts
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers._places import add_places
from naatlas.layers._points import add_points
from naatlas.layers.renewable_capacity import SPEC as MODEL
from naatlas.ledger import State
from naatlas.metadata import words
from naatlas.model import Combined
from naatlas.spec import Csv, Edition, Excel, LayerSpec, Option
from tests.sources_kit import source, workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from naatlas.model import Table, Work

SLUG = "tiny-plants"
HEADERS = ("Code", "Name", "State", "Fuel", "Capacity", "Unit", "Year", "Lat", "Lon")
ROWS = {
    "can": [
        ("1", "Rivière-des-Prairies", "Québec", "Hydroelectric", "54", "MW", "1929", "45.59", "-73.66"),
        ("2", "Kent Hills", "New Brunswick", "Wind", "96", "MW", "2008", "45.70", "-65.00"),
    ],
    "usa": [
        ("3", "Hoover Dam", "Arizona", "Hydroelectric", "2079", "MW", "1936", "36.02", "-114.73"),
        ("4", "Alta", "CA", "Wind", "1548000", "kW", "2011", "35.03", "-118.34"),
    ],
    "mex": [
        ("5", "El Cajón", "Nayarit", "Hydroelectric", "750", "MW", "2007", "21.43", "-104.45"),
        ("6", "Los Azufres", "Michoacán", "Geothermal", "225", "MW", "1982", "19.78", "-100.66"),
    ],
}
FILES = {"can": "canada/plants.csv", "usa": "usa/plants.xlsx", "mex": "mexico/centrales.csv"}
_LAYOUTS = {
    "can": Csv(),
    "usa": Excel(sheet="Plant", header_row=2),
    "mex": Csv(encoding="cp1252", delimiter=";"),
}

PICKS = (
    Pick(field="name", column="Name"),
    Pick(field="renewable_mw", column="Capacity", unit_column="Unit"),
    Pick(field="primary_renewable", column="Fuel", crosswalk="energy_source/nacei"),
    Pick(field="year_online", column="Year"),
    Pick(field="latitude", column="Lat"),
    Pick(field="longitude", column="Lon"),
)
SPEC = LayerSpec(
    slug=SLUG,
    name="TinyPlants",
    geometry="Point",
    key="atlas_id",
    fields=MODEL.fields,
    sources=tuple(
        dataclasses.replace(
            source(path, _LAYOUTS[nation], HEADERS, name=f"{nation}-list"), country=nation.upper()
        )
        for nation, path in FILES.items()
    ),
    editions=(Edition(name="2023", sources=tuple(f"{nation}-list" for nation in FILES), default=True),),
    options=(Option(name="min_mw", dtype="real", default=1.0, help="Smallest.", suffix="min{}mw", low=0.0),),
)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Put the three lists together: one feature a code."""
    facts = Facts(work.edition.sources)
    for name, table in tables.items():
        _add(name, table, facts, work)
    frame, provenance = facts.winners(SPEC.key)
    small = frame.loc[~frame["renewable_mw"].astype("float64").ge(float(work.options["min_mw"])), SPEC.key]
    for name in tables:
        work.ledger.restate(name, small, State.OUT_OF_SCOPE, "below the threshold")
    out = set(small)
    return Combined(frame[~frame[SPEC.key].isin(out)], provenance[~provenance[SPEC.key].isin(out)])


def _add(name: str, table: Table, facts: Facts, work: Work) -> None:
    rows = translate(table, PICKS, SPEC, work)
    country = str(table.source.country)
    entity = country + "-" + table.frame["Code"]
    doubled = entity.index[entity.duplicated()]
    work.ledger.settle(name, doubled, State.REJECTED, "code stands twice")
    entity = entity.drop(doubled)
    state = add_places(facts, table, entity, country=country, state_column="State", work=work)
    point = add_points(facts, rows, entity, country=country, state=state, work=work)
    entity = entity[point.index]
    facts.add_translated(rows, entity, fields=[p.field for p in PICKS[:4]])
    facts.add(
        "reference_period", entity, pd.Series("2023", index=entity.index), source=name, row=entity.index,
        column="(file)", national=pd.Series("2023", index=entity.index),
    )  # fmt: skip
    work.ledger.settle(name, entity.index, State.PUBLISHED, entity)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make naatlas know the layer, with the words and looks of the layer it is modelled on."""
    load_words, load_style = words.load, styles.load
    known = {**registry._modules(), SLUG: "tests.tiny"}
    monkeypatch.setattr(registry, "_modules", lambda: known)
    registry.load.cache_clear()
    model = dataclasses.replace(load_words(MODEL.slug), slug=SLUG, own=())
    monkeypatch.setattr(words, "load", lambda slug: model if slug == SLUG else load_words(slug))
    style = dataclasses.replace(load_style(MODEL.slug), slug=SLUG)
    monkeypatch.setattr(styles, "load", lambda slug: style if slug == SLUG else load_style(slug))


def write(folder: Path, rows: Mapping[str, list[tuple[str, ...]]] = ROWS) -> Path:
    """Write the three files as their publishers would."""
    for nation, path in FILES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if nation == "usa":
            workbook(target, [("Plants of 2023",), HEADERS, *rows[nation]])
        else:
            layout = _LAYOUTS[nation]
            lines = [layout.delimiter.join(row) for row in (HEADERS, *rows[nation])]
            target.write_bytes(("\r\n".join(lines) + "\r\n").encode(layout.encoding))
    return folder


def build(out: Path) -> Path:
    """Build the layer from its three files and publish it below a folder; return the folder of the product."""
    with pytest.MonkeyPatch.context() as patch:
        install(patch)
        return product.build(SLUG, data=write(out / "data"), out=out / "out").folder


def changed(nation: str, row: int, **cells: str) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows with some cells of one row replaced."""
    told = {name: list(rows) for name, rows in ROWS.items()}
    record = dict(zip(HEADERS, told[nation][row], strict=True)) | cells
    told[nation][row] = tuple(record.values())
    return told
