"""From the land coverage to boundary lines, with the lines at sea and the claims of the data folder.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from naatlas import framework
from naatlas.facts import Facts
from naatlas.framework.base import boundaries
from naatlas.framework.land import country_of
from naatlas.framework.placement import OFFSHORE_KM
from naatlas.framework.vertices import map_xy
from naatlas.harmonize.translate import Pick, translate
from naatlas.layers import _features as features
from naatlas.layers import _land as land
from naatlas.ledger import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from naatlas.model import Combined, Table, Work
    from naatlas.spec import LayerSpec

PICKS = (
    Pick(field="kind", column="featurecla", crosswalk="natural_earth/boundary"),
    Pick(field="basis", column="featurecla", crosswalk="natural_earth/basis"),
)

#: A line at sea lies between the two countries whose land is nearest to its middle, but a claim or the limit of
#: a zone lies off one country only.
_ONE_SIDED = ("claim", "nautical_miles_200")

#: Land without a code that is smaller is an islet that the countries lack, and hides the land behind it.
LEAST_UNNAMED_KM2 = 1000.0


def assemble(spec: LayerSpec, tables: Mapping[str, Table], work: Work) -> Combined:
    """Take the lines between pieces of land, which share its vertices, and then the files that the folder has."""
    table = tables[spec.sources[0].id]
    pieces = land.coverage(table)
    facts = Facts(work.edition.sources)
    lines = _on_land(pieces)
    _add_land(facts, lines, table)
    _settle_land(lines, table, work)
    more = [tables[source.id] for source in spec.sources[1:] if source.id in tables]
    whole = pd.concat([lines, *(_at_sea(t, pieces, facts, spec, work) for t in more)], ignore_index=True)
    return features.combined(facts, spec, whole.set_index("id")["geometry"].to_dict())


def _on_land(pieces: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the lines of the coverage: id, kind, sides (codes), countries, row of side a, geometry."""
    told = boundaries(pieces)
    rows = pd.Series(pieces.index, index=pieces["code"])
    sides = told[["code_a", "code_b"]].astype("string").to_numpy()
    lines = pd.DataFrame(np.sort(sides, axis=1), columns=["side_a", "side_b"], dtype="string")
    lines["kind"] = told["kind"].map({"country": "international", "state": "state"}).astype("string")
    lines["id"] = "NA-BND-" + lines["side_a"].replace("", "OTHER") + "_" + lines["side_b"]
    lines["row"] = lines["side_b"].map(rows)  # side a may be land without a code
    lines["geometry"] = told.geometry.to_numpy()
    return lines


def _add_land(facts: Facts, lines: pd.DataFrame, table: Table) -> None:
    code = table.frame["code"].reindex(lines["row"])
    origin = features.Origin(table.source.id, lines["row"], "code", code)
    features.derive(facts, "kind", lines["id"], lines["kind"], origin, "countries of the two sides")
    _add_sides(facts, lines, origin, "the land on either side")
    shape = features.Origin(
        table.source.id, lines["row"], "geometry", table.frame["geometry"].reindex(lines["row"])
    )
    length = features.length_km(lines["geometry"])
    features.derive(facts, "length_km", lines["id"], length, shape, "measured on the WGS84 ellipsoid")


def _add_sides(facts: Facts, lines: pd.DataFrame, origin: features.Origin, rule: str) -> None:
    """Add both sides, their countries and their names; ``country`` only where it is one."""
    sides = [lines[side].mask(lines[side].eq("")) for side in ("side_a", "side_b")]
    a, b = (country_of(side.fillna("")) for side in sides)
    listed = [", ".join(sorted({c for c in pair if pd.notna(c)})) for pair in zip(a, b, strict=True)]
    shown = [land.country(side.fillna("")) for side in sides]
    one = shown[0].where(shown[0].eq(shown[1]) | sides[1].isna())
    told = {
        "side_a": sides[0],
        "side_b": sides[1],
        "countries": pd.Series([text or None for text in listed], dtype="string"),
        "country": one,
    }
    for field, values in told.items():
        features.derive(facts, field, lines["id"], values, origin, rule)
    left, right = land.names(sides[0]), land.names(sides[1])
    for field in left:
        both = left[field].str.cat(right[field], sep=" / ")
        features.derive(facts, field, lines["id"], both, origin, land.NAMED_BY)


def _settle_land(lines: pd.DataFrame, table: Table, work: Work) -> None:
    """Each piece of land goes into the first of its lines; islands have none."""
    long = lines.melt(["id"], ["side_a", "side_b"], value_name="code").sort_values("id", kind="stable")
    into = table.frame["code"].fillna("").map(long.drop_duplicates("code").set_index("code")["id"])
    known = into.dropna()
    work.ledger.settle(table.source.id, known.index, State.AGGREGATED, known)
    work.ledger.settle(
        table.source.id, into.index[into.isna()], State.OUT_OF_SCOPE, "has no boundary on land"
    )


def _at_sea(
    table: Table, pieces: gpd.GeoDataFrame, facts: Facts, spec: LayerSpec, work: Work
) -> pd.DataFrame:
    """Add one file of lines that are no part of the coverage, each row a feature."""
    told = translate(table, PICKS, spec, work)
    lines = told.frame.reset_index()
    lines["geometry"] = features.on_grid(features.shapes_of(table))
    lines["id"] = features.place_ids("NA-BND", lines["geometry"], lines["kind"])
    near = _nearest(lines["geometry"].to_numpy(), pieces)
    lines["side_a"] = near[:, 0]
    lines["side_b"] = np.where(lines["basis"].isin(_ONE_SIDED).fillna(value=False), "", near[:, 1])
    facts.add_translated(told, lines.set_index("row")["id"])
    shape = features.Origin(table.source.id, lines["row"], "geometry", table.frame["geometry"])
    _add_sides(
        facts, lines.astype({"side_a": "string", "side_b": "string"}), shape, "land nearest to its middle"
    )
    length = features.length_km(lines["geometry"])
    features.derive(facts, "length_km", lines["id"], length, shape, "measured on the WGS84 ellipsoid")
    if "name" in table.frame:
        name = table.frame["name"]
        facts.add(
            "name_en", lines["id"], name, source=table.source.id, row=name.index, column="name", national=name
        )
    work.ledger.settle(table.source.id, table.frame.index, State.PUBLISHED, lines["id"])
    return lines


def _nearest(lines: NDArray[Any], pieces: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the codes of the nearest land of the two nearest countries, (n, 2), by distance in the framework.

    Land without a code counts where it is a country's main land; "" also stands where no land is within reach.
    """
    parts = pieces[["code", "country", "geometry"]].explode(ignore_index=True)
    flat = map_xy(parts.geometry.to_numpy(), framework.project)
    known = (parts["code"] != "").to_numpy() | (shapely.area(flat) > LEAST_UNNAMED_KM2 * 1e6)
    middle = map_xy(shapely.line_interpolate_point(lines, 0.5, normalized=True), framework.project)
    away = shapely.distance(middle[:, None], flat[known][None, :])
    ranked = pd.DataFrame({"line": np.repeat(np.arange(len(lines)), known.sum()), "away": away.ravel()})
    for column in ("code", "country"):
        ranked[column] = np.tile(parts.loc[known, column].fillna("").to_numpy(dtype=object), len(lines))
    ranked["code"] = ranked["code"].where(ranked["away"] <= OFFSHORE_KM * 1e3, "")
    ranked = ranked.sort_values(["line", "away"], kind="stable").drop_duplicates(["line", "country"])
    ranked["nth"] = ranked.groupby("line").cumcount()
    best = ranked.pivot_table(index="line", columns="nth", values="code", aggfunc="first").reindex(
        columns=[0, 1]
    )
    return best.astype("string").fillna("").to_numpy(dtype=object)
