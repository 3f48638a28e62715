"""From two files to populated places: each place once, in the state in which it lies.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from naatlas import framework
from naatlas.facts import Facts
from naatlas.framework.land import country_of
from naatlas.framework.placement import TOLERANCE_KM, placement
from naatlas.framework.places import normalize, resolve_state
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers import _features as features
from naatlas.ledger import State
from naatlas.model import Combined
from naatlas.spec import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Table, Work
    from naatlas.spec import LayerSpec

#: Two rows are one place when they stand this near, or farther apart under one name.
SAME_KM, SAME_NAME_KM = 1.0, 30.0

#: Territories that Natural Earth lists as countries, and the atlas with the United States.
TERRITORIES = {"PRI": "US-PR", "VIR": "US-VI"}

_POSITION = tuple(Pick(field=axis, column=axis) for axis in ("longitude", "latitude"))
#: Columns of the two files.
PICKS = {
    True: (
        Pick(field="name", column="name"),
        Pick(field="capital", column="capital", crosswalk="natural_earth/town"),
        Pick(field="population", column="population"),
        Pick(field="scale_rank", column="rank"),
        *_POSITION,
    ),
    False: (
        Pick(field="name", column="NAME"),
        Pick(field="name_en", column="NAME_EN"),
        Pick(field="name_fr", column="NAME_FR"),
        Pick(field="name_es", column="NAME_ES"),
        Pick(field="capital", column="FEATURECLA", crosswalk="natural_earth/capital"),
        Pick(field="population", column="POP_MAX"),
        Pick(field="scale_rank", column="SCALERANK"),
        Pick(
            field="geonames_id",
            column="GEONAMEID",
            parse=lambda text: (
                text.astype("string").str.removesuffix(".0").replace({"-1": pd.NA, "0": pd.NA})
            ),
            rule="-1 is no id",
        ),
        *_POSITION,
    ),
}


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Take each place once; what the newer file tells comes first."""
    present = [tables[name] for name in work.edition.sources if name in tables]
    told = {t.source.id: translate(t, PICKS[t.source.packaged], spec, work) for t in present}
    rows = pd.concat([_rows(t, told[t.source.id].frame) for t in present], ignore_index=True)
    rows = _placed(rows.assign(place=_places(rows)))
    rows["id"] = rows["place"].map(_ids(rows))
    _settle(rows, work)
    facts = Facts(work.edition.sources)
    for name, translated in told.items():
        translated.frame["population"] = translated.frame["population"].where(
            translated.frame["population"].gt(0)
        )
        facts.add_translated(translated, rows[rows["source"] == name].set_index("row")["id"].dropna())
    _derive(facts, rows, tables)
    frame, provenance = facts.winners(spec.key)
    return Combined(frame, provenance)


def _rows(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return source, row, name, position, and country and state as the file declares them."""
    rows = frame[["name", "longitude", "latitude"]].assign(source=table.source.id)
    if table.source.packaged:
        rows["state"] = table.frame["state"]
        rows["country"] = country_of(rows["state"].fillna(""))
    else:
        code = table.frame["ADM0_A3"]
        rows["country"] = code.replace(dict.fromkeys(TERRITORIES, "USA")).astype("string")
        rows["state"] = code.map(TERRITORIES).fillna(_declared(table.frame["ADM1NAME"], rows["country"]))
    return rows.reset_index()


def _declared(name: pd.Series, country: pd.Series) -> pd.Series:
    own = country.isin(COUNTRIES)
    return resolve_state(name[own], country[own]).reindex(name.index)


def _places(rows: pd.DataFrame) -> pd.Series:
    """Return the number of each place: a row of the later file that is one of the first takes its number."""
    number = pd.Series(np.arange(len(rows)), index=rows.index)
    first = rows.index[rows["source"] == rows["source"].iloc[0]]
    later = rows.index.difference(first)
    if later.empty:
        return number
    x, y = framework.project(rows["longitude"], rows["latitude"])
    points = np.asarray(shapely.points(x, y))
    tree = shapely.STRtree(points[first])
    (new, old), away = tree.query_nearest(points[later], all_matches=False, return_distance=True)
    same_name = rows["name"].map(normalize)
    alike = same_name[later[new]].to_numpy() == same_name[first[old]].to_numpy()
    one = (away <= SAME_KM * 1e3) | (alike & (away <= SAME_NAME_KM * 1e3))
    number[later[new[one]]] = first[old[one]]
    return number


def _placed(rows: pd.DataFrame) -> pd.DataFrame:
    """Put each place into the state in which it lies, or near whose outline it stands if the file declares it.

    Columns ``country`` and ``state`` become those of the place, missing where it is in none of the three;
    ``verdict`` tells how.
    """
    first = rows.drop_duplicates("place").set_index("place")
    told = placement(first["longitude"], first["latitude"], first["country"], first["state"])
    located = told["located_state"].notna()
    near = told["distance_to_state_km"].le(TOLERANCE_KM).fillna(value=False)
    state = (
        told["located_state"]
        .where(located, first["state"].where(near))
        .where(first["country"].isin(COUNTRIES))
    )
    verdict = located.map({True: "as_published", False: "within_tolerance"}).where(state.notna())
    place = pd.DataFrame(
        {"state": state, "country": country_of(state.fillna("")), "verdict": verdict}, dtype="string"
    )
    return rows.drop(columns=["country", "state"]).join(place, on="place")


def _ids(rows: pd.DataFrame) -> pd.Series:
    own = rows[rows["state"].notna()].drop_duplicates("place")
    points = np.asarray(shapely.points(own["longitude"], own["latitude"]))
    return features.place_ids("NA-PPL", points, own["state"]).set_axis(own["place"])


def _settle(rows: pd.DataFrame, work: Work) -> None:
    first = ~rows.duplicated("place")
    for source, part in rows.groupby("source"):
        inside = part["id"].notna()
        for state, chosen in ((State.PUBLISHED, inside & first), (State.MERGED, inside & ~first)):
            hit = part[chosen[part.index]]
            work.ledger.settle(str(source), hit["row"], state, hit["id"])
        work.ledger.settle(
            str(source), part.loc[~inside, "row"], State.OUT_OF_SCOPE, "in none of the three countries"
        )


def _derive(facts: Facts, rows: pd.DataFrame, tables: Mapping[str, Table]) -> None:
    """Add country, state and quality of the position, and that a place without a class is no capital."""
    own = rows[rows["id"].notna()].drop_duplicates("place")
    for source, part in own.groupby("source"):
        frame = tables[str(source)].frame.loc[part["row"]]
        position = frame["longitude"].str.cat(frame["latitude"], sep=", ")
        origin = features.Origin(str(source), frame.index, "longitude, latitude", position)
        for field, column in (("country", "country"), ("state", "state"), ("coordinate_quality", "verdict")):
            features.derive(
                facts, field, part["id"], part[column], origin, f"land within {TOLERANCE_KM:g} km"
            )
        name = features.Origin(str(source), frame.index, "name" if "name" in frame else "NAME", part["name"])
        features.derive(
            facts, "capital", part["id"], ["none"] * len(part), name, "the file calls it no capital"
        )
