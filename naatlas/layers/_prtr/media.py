"""The media that all registers are brought to, and the quantities that the rows of a register add up to."""

from __future__ import annotations

#: Media on the site of the facility, with their shapefile columns.
ON_SITE = {
    "air": "Air_kg",
    "water": "Water_kg",
    "underground_injection": "Undergr_kg",
    "land": "Land_kg",
    "on_site_disposal": "SiteDsp_kg",
}
#: Transfers to other sites, by what becomes of them.
TRANSFERS = {
    "transfer_recycling": "TrRecyc_kg",
    "transfer_energy": "TrEnerg_kg",
    "transfer_treatment": "TrTreat_kg",
    "transfer_disposal": "TrDisp_kg",
    "transfer_sewage": "TrSewer_kg",
    "transfer_other": "TrOther_kg",
}
MEDIA = {**ON_SITE, **TRANSFERS}
#: What is told for all media of the site together: Canada's quantities of less than a tonne.
NOT_TOLD = "medium_not_told"

#: What each medium is compared as: the RETC tells all that goes into or onto the ground of the site in one column.
COMPARED = {medium: medium for medium in MEDIA} | dict.fromkeys(
    ("land", "underground_injection", "on_site_disposal"), "land"
)

#: Quantities that the rows of a register add up to; toxics by medium, what is kept apart from them in all media.
KEPT_APART = ("criteria_kg", "greenhouse_gases_kg", "dioxins_g")
QUANTITIES = (*(f"{medium}_kg" for medium in (*MEDIA, NOT_TOLD)), *KEPT_APART)
