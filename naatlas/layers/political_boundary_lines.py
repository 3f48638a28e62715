"""Boundary lines: between countries, between states and provinces, at sea, and disputed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.layers import Build
from naatlas.layers._natural_earth import ATLAS_ID, LAND, LENGTH, edition, names, supplement
from naatlas.spec import Field, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.model import Combined, Table, Work

MARITIME = supplement(
    "admin_0_boundary_lines_maritime_indicator",
    title="Maritime boundary indicators",
    columns=("featurecla", "note"),
    theme="cultural",
)
DISPUTED = supplement(
    "admin_0_boundary_lines_disputed",
    title="Disputed boundary lines",
    columns=("featurecla", "name"),
    theme="cultural",
)

SPEC = LayerSpec(
    slug="political-boundary-lines",
    name="PoliticalBoundaryLines",
    geometry="LineString",
    key="atlas_id",
    group="framework",
    source_scale=10_000_000,
    generalize="lines",
    uses=("political-boundaries",),
    follows="political-boundaries",
    fields=(
        ATLAS_ID,
        Field(name="kind", dtype="text", dbf="Kind", required=True, classes="boundary_kind", balloon=True),
        Field(name="basis", dtype="text", dbf="Basis", classes="boundary_basis", balloon=True),
        Field(name="country", dtype="text", dbf="COUNTRY", classes="land", balloon=True),
        Field(name="countries", dtype="text", dbf="Countries", balloon=True),
        Field(name="side_a", dtype="text", dbf="SideA"),
        Field(name="side_b", dtype="text", dbf="SideB"),
        *names("NAME_{}"),
        LENGTH,
    ),
    sources=(LAND, MARITIME, DISPUTED),
    editions=edition(LAND, MARITIME, DISPUTED),
)

build = Build(SPEC)


def combine(tables: Mapping[str, Table], work: Work) -> Combined:
    """Take the lines between the pieces of the land coverage, and the lines at sea and claims from the data folder."""
    from naatlas.layers._boundary_lines import assemble  # keeps pandas out of ``naatlas list``

    return assemble(SPEC, tables, work)
