"""Write the starter inputs from the national files: a small table of public facts, each row with its source.

Usage: python scripts/make_starter.py DATA_FOLDER [LAYER ...]

Chosen are the largest plants of each energy source in each country, and those in ``TELLING``; the facilities with the
largest releases of each sector in each country, and those with a suspicious quantity. Of every register come the rows
that the full build puts into these features, and a few rows of every other fate (rejected, out of scope,
control only), so that the starter build shows what the full one does. Values are as published, errors included.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from naatlas import pipeline, registry, sources
from naatlas.ledger import INTO_A_FEATURE

if TYPE_CHECKING:
    from collections.abc import Callable

    from naatlas.model import LayerData
    from naatlas.spec import Edition, LayerSpec, Source

TARGET = Path(__file__).parents[1] / "naatlas" / "data" / "starter"

#: Plants a country from the top of each energy source.
LARGEST = {"USA": 4, "CAN": 7, "MEX": 9}

#: Plants that tell something: borders, islands, territories, several sources, one site with four rows, twins by name.
TELLING = (
    "Sand Point",
    "Bankhead Dam",
    "Barry",
    "DC Water CHP",
    "Falcon Dam & Power",
    "Amistad Dam & Power",
    "Robert Moses Niagara",
    "Agua Fria",
    "Moss Landing",
    "Lingan",
    "Lingan Wind",
    "Sir Adam Beck 1",
    "Cardinal Power",
    "Petty Harbour",
    "Crowsnest Pass ERG",
    "Savona ERG",
    "Cerro Prieto",
    "Ferrocarriles Suburbanos",
    "Annapolis Tidal",
)

#: Facilities a country from the top of each sector.
FACILITIES = {"USA": 2, "CAN": 2, "MEX": 2}

#: Rows a register of each fate that leads into no plant.
OTHERS = 2

#: No more rows of one register for one plant: a wind farm has hundreds of turbines.
ROWS_A_PLANT = 12


def chosen(layer: LayerData) -> set[str]:
    """Ids of the plants that go into the starter inputs."""
    frame = layer.frame.sort_values("capacity_mw", ascending=False, kind="stable")
    ids: set[str] = set(frame.loc[frame["name"].isin(TELLING), "atlas_id"])
    for country, count in LARGEST.items():
        own = frame[frame["country"] == country]
        ids |= set(own.groupby("primary_source").head(count)["atlas_id"])
    return ids


def chosen_facilities(layer: LayerData) -> set[str]:
    """Ids of the reporting facilities that go into the starter inputs."""
    frame = layer.frame.sort_values("releases_kg", ascending=False, kind="stable")
    ids: set[str] = set(frame.loc[frame["flags"].notna(), "atlas_id"])
    for country, count in FACILITIES.items():
        small = frame["substances"].fillna(0).le(ROWS_A_PLANT)
        own = frame[frame["country"].eq(country) & small]
        ids |= set(own.groupby("sector").head(count)["atlas_id"])
    return ids


#: Layers with starter inputs, and how their features are chosen.
CHOICES: dict[str, Callable[[LayerData], set[str]]] = {
    "power-plants": chosen,
    "prtr-facilities": chosen_facilities,
}


def rows_of(layer: LayerData, source_id: str, ids: set[str]) -> set[int]:
    """Rows of a register that went into the chosen plants, whole plants only, and a few of every other fate."""
    states = layer.ledger.states(source_id)
    inside = states["state"].isin([str(s) for s in INTO_A_FEATURE])
    own = states[inside & states["detail"].isin(ids)]
    small = own.groupby("detail")["state"].transform("size") <= ROWS_A_PLANT
    rest = states[~inside].groupby(["state", "detail"]).head(OTHERS)
    return set(own.index[small]) | set(rest.groupby("state").head(3 * OTHERS).index)


def write(source: Source, data: Path, rows: set[int]) -> None:
    """Write the chosen rows of one register with its declared columns, its source and the line of its licence."""
    table = sources.read(source, data)
    frame = table.frame.loc[
        sorted(rows & set(table.frame.index)), list(dict.fromkeys(source.columns))
    ].fillna("")
    frame["row_source"] = f"{source.publisher}, {source.title}, row " + frame.index.astype(str)
    frame["row_attribution"] = source.licence.attribution
    TARGET.mkdir(parents=True, exist_ok=True)
    frame.to_csv(
        TARGET / str(source.starter),
        index=False,
        encoding="utf-8",
        lineterminator="\n",
        quoting=csv.QUOTE_MINIMAL,
    )
    print(f"{source.starter}: {len(frame)} rows")


def from_the_package(spec: LayerSpec, edition: Edition) -> bool:
    """Tell whether an edition can be built from starter inputs."""
    return all(s.starter or s.optional for s in map(spec.source, edition.sources))


def main(data: Path, slug: str) -> None:
    """Write all starter inputs of a layer."""
    spec = registry.spec(slug)
    editions = [edition.name for edition in spec.editions if from_the_package(spec, edition)]
    layers = [pipeline.assemble(slug, data=data, edition=edition) for edition in editions]
    ids = set().union(*(CHOICES[slug](layer) for layer in layers))
    for source in spec.sources:
        wanted = [layer for layer in layers if source.id in layer.ledger.sources]
        if source.starter and wanted:
            write(source, data, set().union(*(rows_of(layer, source.id, ids) for layer in wanted)))
    counts = pd.concat(layer.frame for layer in layers).drop_duplicates("atlas_id")
    print(counts[counts["atlas_id"].isin(ids)].groupby("country").size().to_string())


if __name__ == "__main__":
    for name in sys.argv[2:] or CHOICES:
        main(Path(sys.argv[1]), name)
