"""The columns of the layer of loadings by watershed, and which line of a register adds to which of them."""

from __future__ import annotations

from naatlas.layers._prtr.media import ON_SITE
from naatlas.spec import Field

#: Groups of toxic substances in kilograms: group of the substances -> column without its ending, shapefile column.
GROUPS = {
    "mercury": ("mercury", "Hg"),
    "lead": ("lead", "Pb"),
    "cadmium": ("cadmium", "Cd"),
    "chromium": ("chromium", "Cr"),
    "arsenic": ("arsenic", "As"),
    "nickel": ("nickel", "Ni"),
    "other_metals": ("other_metals", "Met"),
    "pahs": ("pahs", "PAH"),
    "pcbs": ("pcbs", "PCB"),
    # Dioxins and furans are in grams and in columns of their own: what is left of the group is one substance.
    "dioxins_furans_hcb": ("hexachlorobenzene", "HCB"),
    "ozone_depleting": ("ozone_depleting", "ODS"),
    "other": ("other_toxics", "Oth"),
}
#: Persistent, bioaccumulative and toxic: of whatever group, and in the columns of these too.
PBTS = ("pbts", "PBT")
#: Basis on which dioxins and furans are given -> column; they are never added to each other.
DIOXINS = {"mass": "dioxins_mass_g", "teq": "dioxins_teq_g", "not_stated": "dioxins_not_stated_g"}

#: Columns of toxic substances in kilograms that each line of the kind speaks of: all media, and each by itself.
WHOLE = ("releases_kg", *(f"{medium}_kg" for medium in ON_SITE))
#: Columns that are the sum of what facilities report: in balance at every level.
SUMS = (
    *WHOLE,
    *(f"{stem}{part}_kg" for stem, _ in (*GROUPS.values(), PBTS) for part in ("", "_water")),
    *DIOXINS.values(),
)

#: Upper limits of the classes of the map, kg to water on a km2 in a year; each is ten times the one before.
LIMITS = (0.0001, 0.001, 0.01, 0.1, 1.0)

_IN_BALLOON = frozenset({*WHOLE, "mercury_kg", "mercury_water_kg", "lead_kg", "lead_water_kg"})


def _kg(name: str, dbf: str) -> Field:
    return Field(name=name, dtype="real", dbf=dbf, low=0.0, decimals=3, balloon=name in _IN_BALLOON)


def _grams(name: str, dbf: str) -> Field:
    return Field(name=name, dtype="real", dbf=dbf, unit="gram", low=0.0, decimals=4)


def _per(name: str, dbf: str, unit: str) -> Field:
    return Field(name=name, dtype="real", dbf=dbf, unit=unit, low=0.0, decimals=6, balloon=True)


def _text(name: str, dbf: str, classes: str | None = None, *, shown: bool = False) -> Field:
    return Field(
        name=name, dtype="text", dbf=dbf, classes=classes, balloon=shown, required=classes is not None
    )


FIELDS: tuple[Field, ...] = (
    Field(name="atlas_id", dtype="text", dbf="AtlasID", required=True),
    Field(name="level", dtype="integer", dbf="Level", required=True, low=1, high=4, balloon=True),
    *(_text(f"name_{lang}", f"NAME_{lang.upper()}") for lang in ("en", "fr", "es")),
    _text("parent", "Parent"),
    # Not ``country``: what is released in a watershed is not what the country releases in which most of it lies.
    Field(name="main_country", dtype="text", dbf="MainCountr", classes="country", balloon=True),
    Field(name="countries", dtype="text", dbf="Countries"),
    Field(name="states", dtype="text", dbf="States"),
    Field(name="area_km2", dtype="real", dbf="Area_km2", required=True, low=0.0, balloon=True),
    _text("water_class", "WatClass", "loading_class", shown=True),
    _text("loading_status", "LoadStatus", "loading_status", shown=True),
    Field(
        name="register_percent", dtype="real", dbf="RegPct", unit="percent", low=0.0, high=100.0, balloon=True
    ),
    Field(name="facilities", dtype="integer", dbf="Facilities", required=True, low=0, balloon=True),
    Field(name="reporting", dtype="integer", dbf="Reporting", required=True, low=0, balloon=True),
    _kg("releases_kg", "Release_kg"),
    *(_kg(f"{medium}_kg", dbf) for medium, dbf in ON_SITE.items()),
    *(_kg(f"{stem}_kg", f"{dbf}_kg") for stem, dbf in (*GROUPS.values(), PBTS)),
    *(_kg(f"{stem}_water_kg", f"{dbf}Wat_kg") for stem, dbf in (*GROUPS.values(), PBTS)),
    _grams("dioxins_mass_g", "DioxMass_g"),
    _grams("dioxins_teq_g", "DioxTEQ_g"),
    _grams("dioxins_not_stated_g", "DioxUnst_g"),
    _per("releases_kg_per_km2", "RelPerKm2", "kilogram/kilometer**2"),
    _per("water_kg_per_km2", "WatPerKm2", "kilogram/kilometer**2"),
    Field(name="population", dtype="real", dbf="Population", unit="count", low=0.0, decimals=0, balloon=True),
    _text("population_status", "PopStatus", "population_status"),
    _per("releases_kg_per_person", "RelPerPers", "kilogram"),
    _per("water_kg_per_person", "WatPerPers", "kilogram"),
    Field(name="year", dtype="integer", dbf="Year", required=True, low=1987, high=2100, balloon=True),
)
