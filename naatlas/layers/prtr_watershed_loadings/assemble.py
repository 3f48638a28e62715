"""One frame of watersheds with what is released in them, and the tables that lead back to the facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from naatlas.findings import finding
from naatlas.layers import prtr_watershed_loadings as layer
from naatlas.layers.prtr_watershed_loadings import loads, reach, tables
from naatlas.layers.prtr_watershed_loadings.by_year import by_year
from naatlas.layers.prtr_watershed_loadings.classes import classes
from naatlas.layers.prtr_watershed_loadings.fields import SUMS
from naatlas.layers.prtr_watershed_loadings.locate import NEAREST, locate
from naatlas.layers.prtr_watershed_loadings.people import people
from naatlas.ledger import State
from naatlas.model import Combined
from naatlas.quality.account import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from naatlas.model import Finding, LayerData, Table, Work
    from naatlas.spec import LayerSpec

#: Fields of the watersheds, with their origin -> what they are called here.
_TAKEN = {
    "level": "level",
    "parent": "parent",
    "country": "main_country",
    "countries": "countries",
    "states": "states",
    "area_km2": "area_km2",
}
#: A watershed without a name is called by its ocean basin and its number.
_NUMBERED = {"en": "basin", "fr": "bassin", "es": "cuenca"}


def assemble(spec: LayerSpec, inputs: Mapping[str, Table], work: Work) -> Combined:
    """Locate the facilities, add up their lines by watershed, and prove that nothing is lost on the way."""
    facilities, watersheds = work.used[layer.FACILITIES], work.used[layer.WATERSHEDS]
    places = locate(facilities, watersheds)
    levels = [f"level_{number}" for number in sorted(watersheds.frame["level"].unique())]
    told = tables.facilities(facilities.frame, places, levels)
    lines = loads.reported(facilities.tables["releases"])
    work.unknown.extend(loads.strange(lines))
    lines = lines.join(told.set_index("facility")[["name", *levels]], on="atlas_id")
    amounts = loads.wide(lines)
    _settle(facilities, places, levels[-1], amounts, lines, work)
    frame = _frame(watersheds, told, lines, amounts, levels)
    frame = _normalised(frame.assign(**people(watersheds, inputs, work)), facilities, watersheds)
    frame["year"] = int(work.edition.name)
    further = tables.all_of(frame, told, lines, amounts, levels, facilities.tables["releases"])
    further |= by_year(work.used[layer.HISTORY], watersheds, levels)
    work.findings.extend(_findings(told, further["outside"]))
    sums = loads.origins(lines, amounts, levels, spec.key)
    parts = [
        _taken(watersheds, spec.key),
        sums,
        *_derived(sums, frame, spec.key),
        _counted(frame, work, spec.key),
    ]
    provenance = pd.concat(parts, ignore_index=True)
    return Combined(frame, provenance, further, watersheds.shapes.degrees)


def _settle(
    facilities: LayerData,
    places: pd.DataFrame,
    last: str,
    amounts: pd.DataFrame,
    lines: pd.DataFrame,
    work: Work,
) -> None:
    """Put the facilities and all they release on the books: in a watershed, or outside with the reason."""
    name, frame = layer.FACILITIES, facilities.frame
    work.ledger.open_rows(name, frame)
    sums = amounts.groupby(lines["atlas_id"].to_numpy(dtype=object)).sum()
    for field in SUMS:
        work.ledger.measure(name, field, frame["atlas_id"].map(sums[field]), ALL)
    inside = places[last].notna()
    work.ledger.settle(name, frame.index[inside], State.AGGREGATED, places.loc[inside, last])
    work.ledger.settle(name, frame.index[~inside], State.OUT_OF_SCOPE, places.loc[~inside, "location"])


def _frame(
    watersheds: LayerData,
    facilities: pd.DataFrame,
    lines: pd.DataFrame,
    amounts: pd.DataFrame,
    levels: Sequence[str],
) -> pd.DataFrame:
    """Return the watersheds with their sums and how many facilities these come from."""
    frame = watersheds.frame[["atlas_id", *_TAKEN]].rename(columns=_TAKEN).reset_index(drop=True)
    names = {f"name_{lang}": _name(watersheds.frame, lang) for lang in _NUMBERED}
    ids = frame["atlas_id"]
    sums = (
        loads.by_watershed(lines, amounts, levels).reindex(ids.to_numpy(dtype=object)).reset_index(drop=True)
    )
    counts = {
        "facilities": tables.count(facilities, "facility", levels),
        "reporting": tables.count(lines, "atlas_id", levels),
    }
    told = {name: ids.map(count).fillna(0).astype("Int64") for name, count in counts.items()}
    return frame.assign(**names, **told, **{field: sums[field] for field in SUMS})


def _name(frame: pd.DataFrame, lang: str) -> pd.Series:
    """Return the name in a language, or in English, or the number of the basin after the name of its ocean basin."""
    own = frame[f"name_{lang}"].fillna(frame["name_en"])
    ocean = frame["ocean"].map(frame[frame["level"].eq(1)].set_index("ocean")[f"name_{lang}"])
    number = frame["atlas_id"].str.replace(r"^NA-WSH\d-", "", regex=True)
    return own.fillna(ocean + ", " + _NUMBERED[lang] + " " + number).reset_index(drop=True)


def _normalised(frame: pd.DataFrame, facilities: LayerData, watersheds: LayerData) -> pd.DataFrame:
    """Add what follows from the sums: by km2 and by person, what an absence means, and the class of the map."""
    told = frame.copy()
    for field in ("releases_kg", "water_kg"):
        told[f"{field}_per_km2"] = told[field] / told["area_km2"]
        told[f"{field}_per_person"] = told[field] / told["population"].where(told["population"].gt(0))
    told["register_percent"] = reach.percent(watersheds, reach.states_with_releases(facilities.frame))
    most = told[list(SUMS)].max(axis=1)
    told["loading_status"] = reach.status(most, told["facilities"], told["register_percent"].to_numpy())
    covered = told["register_percent"].ge(reach.COVERED_PERCENT)
    told["water_class"] = classes(told["water_kg_per_km2"], told["loading_status"], covered)
    return told


def _taken(watersheds: LayerData, key: str) -> pd.DataFrame:
    origin = watersheds.provenance
    told = origin[origin["field"].isin(list(_TAKEN))].rename(columns={watersheds.spec.key: key})
    told = told.astype({"field": "str", "source": "str", "national_field": "str", "rule": "str"})
    return told.assign(field=told["field"].map(_TAKEN))


def _derived(sums: pd.DataFrame, frame: pd.DataFrame, key: str) -> list[pd.DataFrame]:
    """Give what is divided by area or people the origin of what was divided."""
    parts = []
    for divisor, by in (("km2", "area_km2"), ("person", "population")):
        for field in ("releases_kg", "water_kg"):
            name = f"{field}_per_{divisor}"
            there = frame.loc[frame[name].notna(), "atlas_id"]
            own = sums[sums["field"].eq(field) & sums[key].isin(there)]
            parts.append(own.assign(field=name, rule=f"derived: {field} divided by {by}"))
    return parts


def _counted(frame: pd.DataFrame, work: Work, key: str) -> pd.DataFrame:
    """Say of the people which grid they are counted from."""
    ids = frame.loc[frame["population"].notna(), "atlas_id"]
    told = {
        "field": "population",
        "source": next(iter(work.edition.sources)),
        "row": "all whose cell meets it",
        "national_field": next(iter(work.edition.sources)).rpartition("-")[2],
        "national_value": "people in each cell",
        "rule": "spread over the land in each cell by area",
        "score": np.nan,
    }
    return pd.DataFrame({key: ids.to_numpy(), **told})


def _findings(facilities: pd.DataFrame, outside: pd.DataFrame) -> list[Finding]:
    found = []
    if len(outside):
        ids = tuple(outside["facility"] + " " + outside["name"].fillna(""))
        found.append(
            finding(
                "outside-every-watershed",
                "warning",
                ids=ids,
                kg=float(outside["releases_kg"].sum()),
                water=float(outside["water_kg"].sum()),
            )
        )
    near = facilities[facilities["location"].eq(NEAREST)]
    if len(near):
        ids = tuple(near["facility"] + " " + near["name"].fillna(""))
        most = float(near["distance_km"].max())
        found.append(finding("nearest-watershed", "info", ids=ids, most=most))
    return found
