"""A made-up pollutant register of three countries, as large as asked, written straight to a register store.

    python scripts/make_synthetic_register.py FOLDER [--rows 1000000] [--years 35] [--seed 1] [--facilities 60000]

Facilities, sectors, substances and media are those of the atlas; quantities are log-normal by substance and size of
the facility, and rounded as the countries publish them (pounds, tonnes, kilograms; dioxins in grams). The reporting
population grows over the years. Each country and year is drawn from a seed of its own: the same numbers come out
whatever else is drawn. ``facilities.parquet`` beside the partitions has the points.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from naatlas import register
from naatlas.layers._prtr.media import ON_SITE, TRANSFERS
from naatlas.layers._prtr.substances import substances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LAST_YEAR = 2023
#: Share of the rows, states with their weights, and the box that the industrial districts are drawn from.
COUNTRIES = {
    "CAN": (0.15, {"CA-ON": 4, "CA-AB": 5, "CA-QC": 3, "CA-BC": 2, "CA-SK": 1}, (-123.0, 45.0, -65.0, 56.0)),
    "MEX": (0.10, {"MX-MEX": 3, "MX-NLE": 3, "MX-JAL": 2, "MX-VER": 2, "MX-COA": 1}, (-112.0, 17.0, -92.0, 31.0)),
    "USA": (0.75, {"US-TX": 5, "US-OH": 4, "US-CA": 4, "US-IL": 3, "US-LA": 2}, (-120.0, 30.0, -75.0, 47.0)),
}  # fmt: skip
SECTORS = (
    "chemicals", "metals", "food", "electricity", "wood_paper", "refining", "machinery", "mining", "waste_water",
    "plastics",
)  # fmt: skip
MEDIA = (*ON_SITE, *TRANSFERS)
MEDIA_WEIGHTS = np.array([30, 8, 1, 3, 6, 16, 6, 10, 12, 6, 2], dtype=float)
#: Kilograms (grams for dioxins) of the unit of publication, and the decimals it is rounded to.
UNITS = {"CAN": ("tonnes", 1000.0, 3), "MEX": ("Kg", 1.0, 2), "USA": ("Pounds", 0.45359237, 0)}
SUSPECT = 0.01
SILENT = 0.02


@dataclass(frozen=True, slots=True)
class Facilities:
    """Those of a country: text and numbers by position."""

    country: str
    ids: NDArray[np.object_]
    state: NDArray[np.int64]
    sector: NDArray[np.int64]
    size: NDArray[np.float64]
    first: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


def facilities(country: str, count: int, years: int, seed: int) -> Facilities:
    """Draw the facilities of a country; a third reports from the first year, the others begin later."""
    rng = np.random.default_rng((seed, *country.encode()))
    _, states, (west, south, east, north) = COUNTRIES[country]
    weights = np.array(list(states.values()), dtype=float)
    district = rng.uniform((west, south), (east, north), (40, 2))
    point = district[rng.integers(0, 40, count)] + rng.normal(0, 0.3, (count, 2))
    return Facilities(
        country=country,
        ids=np.array([f"{country}-{number:08d}" for number in range(count)], dtype=object),
        state=rng.choice(len(weights), count, p=weights / weights.sum()),
        sector=rng.integers(0, len(SECTORS), count),
        size=rng.normal(0, 1.5, count),
        first=np.maximum(0, rng.integers(-years // 2, years, count)),
        lon=point[:, 0].round(5),
        lat=point[:, 1].round(5),
    )


def year_of(plants: Facilities, year: int, rows: int, years: int, seed: int) -> pa.Table:
    """Draw the lines of a country and year, sorted by facility and substance."""
    rng = np.random.default_rng((seed, *plants.country.encode(), year))
    active = np.flatnonzero(plants.first <= year - (LAST_YEAR - years + 1))
    plant = np.sort(rng.choice(active, rows, p=_weights(plants.size[active])))
    known = substances()
    order = np.stack([np.random.default_rng((seed, k)).permutation(len(known)) for k in range(len(SECTORS))])
    rank = np.minimum(rng.geometric(0.08, rows) - 1, len(known) - 1)
    substance = order[plants.sector[plant], rank]
    level = np.random.default_rng(seed).normal(5, 2.5, len(known))
    amount = np.exp(level[substance] + plants.size[plant] + rng.normal(0, 1.2, rows))
    medium = rng.choice(len(MEDIA), rows, p=MEDIA_WEIGHTS / MEDIA_WEIGHTS.sum())
    return _table(plants, plant, substance, medium, amount, year, rng)


def _weights(size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Large facilities have more lines."""
    weights = np.exp(size / 2)
    told: NDArray[np.float64] = weights / weights.sum()
    return told


def _table(
    plants: Facilities, plant: NDArray[np.int64], substance: NDArray[np.int64], medium: NDArray[np.int64],
    amount: NDArray[np.float64], year: int, rng: np.random.Generator,
) -> pa.Table:  # fmt: skip
    known, rows, country = substances(), len(plant), plants.country
    in_grams = known["unit"].eq("g").to_numpy()[substance]
    unit, factor, decimals = UNITS[country]
    factors = np.where(in_grams, 1.0, factor)
    published = np.where(in_grams, amount.round(4), (amount / factor).round(decimals))
    silent = rng.random(rows) < SILENT
    published[silent] = 0.0
    media = np.where(silent, len(MEDIA), medium)
    quantity = published * factors
    source = f"synthetic-{country.lower()}-{year}"
    return pa.table(
        {
            "atlas_id": _words(plant, plants.ids),
            "state": _words(plants.state[plant], list(COUNTRIES[country][1])),
            "sector": _words(plants.sector[plant], SECTORS),
            "substance": _words(substance, known.index),
            "kind": _words(substance, known["kind"]),
            "group": _words(substance, known["group"]),
            "medium": _words(media, [*MEDIA, "none"]),
            "on_site": media < len(ON_SITE),
            "kg": pa.array(quantity, mask=in_grams),
            "g": pa.array(quantity, mask=~in_grams),
            "basis": _words(np.where(in_grams, 0, -1), ["mass"]),
            "method": _words(np.zeros(rows, dtype=np.int64), ["reported"]),
            "flag": _words(np.where(rng.random(rows) < SUSPECT, 0, -1), ["far above its peers"]),
            "source": _words(np.zeros(rows, dtype=np.int64), [source]),
            "row": np.arange(2, rows + 2),
            "national_column": _words(media, [*(name.upper() for name in MEDIA), ""]),
            "amount": published,
            "national_unit": _words(np.where(in_grams, 1, 0), [unit, "Grams"]),
            "country": _words(np.zeros(rows, dtype=np.int64), [country]),
            "year": np.full(rows, year, dtype=np.int16),
        }
    )


def _words(codes: NDArray[np.int64], words: object) -> pa.DictionaryArray:
    index = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(list(words), pa.string()))  # type: ignore[call-overload]


def lines(rows: int, *, years: int, count: int, seed: int) -> Iterator[pa.Table]:
    """Draw the whole register, a country and year at a time; later years have more lines."""
    growth = np.linspace(0.6, 1.4, years)
    for country, (share, _, _) in COUNTRIES.items():
        plants = facilities(country, max(20, round(count * share)), years, seed)
        each = np.floor(rows * share * growth / growth.sum()).astype(int)
        each[-1] += round(rows * share) - each.sum()
        for year, size in zip(range(LAST_YEAR - years + 1, LAST_YEAR + 1), each, strict=True):
            yield year_of(plants, year, int(size), years, seed)


def points(*, years: int, count: int, seed: int) -> pd.DataFrame:
    """All facilities with their points: ``atlas_id``, ``longitude``, ``latitude`` (degrees, WGS84)."""
    drawn = [
        facilities(country, max(20, round(count * share)), years, seed)
        for country, (share, _, _) in COUNTRIES.items()
    ]
    frames = [pd.DataFrame({"atlas_id": one.ids, "longitude": one.lon, "latitude": one.lat}) for one in drawn]
    return pd.concat(frames, ignore_index=True)


def make(folder: Path, rows: int, *, years: int = 35, count: int = 60_000, seed: int = 1) -> None:
    """Write the register and its facilities."""
    register.write(lines(rows, years=years, count=count, seed=seed), folder)
    register.write_points(points(years=years, count=count, seed=seed), folder)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--years", type=int, default=35)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--facilities", type=int, default=60_000)
    asked = parser.parse_args()
    make(asked.folder, asked.rows, years=asked.years, count=asked.facilities, seed=asked.seed)
    size = sum(path.stat().st_size for path in asked.folder.rglob("*.parquet"))
    print(f"{asked.folder}: {asked.rows:,} lines, {size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
