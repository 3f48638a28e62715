"""The files of the Toxics Release Inventory: one a state and year, in two layouts; no heavy imports."""

from __future__ import annotations

from dataclasses import dataclass

from naatlas.layers._licences import US_PUBLIC_DOMAIN
from naatlas.spec import Csv, Source

#: 2019 was not to be had.
ILLINOIS_YEARS = (*range(2010, 2019), 2020, 2021, 2022, 2023)
CALIFORNIA_YEARS = (1987, 1997, 2017)

#: Years of which the package holds starter rows.
_STARTER = (2015,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Headers of a basic data file; ``amounts`` are all with quantities, totals such as ``on_site`` among them."""

    vocabulary: str
    facility: str
    name: str
    city: str
    state: str
    latitude: str
    longitude: str
    sector: str
    naics: str
    substance: str
    form: str
    unit: str
    on_site: str
    amounts: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        head = (self.facility, self.name, self.city, self.state, self.latitude, self.longitude, self.sector)
        return (*head, self.naics, self.substance, self.form, self.unit, *self.amounts)


#: Layout of 122 columns with ordinals, since 2010.
_AMOUNTS_122 = (
    "51. 5.1 - FUGITIVE AIR",
    "52. 5.2 - STACK AIR",
    "53. 5.3 - WATER",
    "54. 5.4 - UNDERGROUND",
    "55. 5.4.1 - UNDERGROUND CL I",
    "56. 5.4.2 - UNDERGROUND C II-V",
    "57. 5.5.1 - LANDFILLS",
    "58. 5.5.1A - RCRA C LANDFILL",
    "59. 5.5.1B - OTHER LANDFILLS",
    "60. 5.5.2 - LAND TREATMENT",
    "61. 5.5.3 - SURFACE IMPNDMNT",
    "62. 5.5.3A - RCRA SURFACE IM",
    "63. 5.5.3B - OTHER SURFACE I",
    "64. 5.5.4 - OTHER DISPOSAL",
    "65. ON-SITE RELEASE TOTAL",
    "66. 6.1 - POTW - TRNS RLSE",
    "67. 6.1 - POTW - TRNS TRT",
    "68. POTW - TOTAL TRANSFERS",
    "69. 6.2 - M10",
    "70. 6.2 - M41",
    "71. 6.2 - M62",
    "72. 6.2 - M40 METAL",
    "73. 6.2 - M61 METAL",
    "74. 6.2 - M71",
    "75. 6.2 - M81",
    "76. 6.2 - M82",
    "77. 6.2 - M72",
    "78. 6.2 - M63",
    "79. 6.2 - M66",
    "80. 6.2 - M67",
    "81. 6.2 - M64",
    "82. 6.2 - M65",
    "83. 6.2 - M73",
    "84. 6.2 - M79",
    "85. 6.2 - M90",
    "86. 6.2 - M94",
    "87. 6.2 - M99",
    "88. OFF-SITE RELEASE TOTAL",
    "89. 6.2 - M20",
    "90. 6.2 - M24",
    "91. 6.2 - M26",
    "92. 6.2 - M28",
    "93. 6.2 - M93",
    "94. OFF-SITE RECYCLED TOTAL",
    "95. 6.2 - M56",
    "96. 6.2 - M92",
    "97. OFF-SITE ENERGY RECOVERY T",
    "98. 6.2 - M40 NON-METAL",
    "99. 6.2 - M50",
    "100. 6.2 - M54",
    "101. 6.2 - M61 NON-METAL",
    "102. 6.2 - M69",
    "103. 6.2 - M95",
    "104. OFF-SITE TREATED TOTAL",
    "105. 6.2 - UNCLASSIFIED",
    "106. 6.2 - TOTAL TRANSFER",
    "107. TOTAL RELEASES",
    "108. 8.1 - RELEASES",
    "109. 8.1A - ON-SITE CONTAINED",
    "110. 8.1B - ON-SITE OTHER",
    "111. 8.1C - OFF-SITE CONTAIN",
    "112. 8.1D - OFF-SITE OTHER R",
    "113. 8.2 - ENERGY RECOVER ON",
    "114. 8.3 - ENERGY RECOVER OF",
    "115. 8.4 - RECYCLING ON SITE",
    "116. 8.5 - RECYCLING OFF SIT",
    "117. 8.6 - TREATMENT ON SITE",
    "118. 8.7 - TREATMENT OFF SITE",
    "119. PRODUCTION WSTE (8.1-8.7)",
    "120. 8.8 - ONE-TIME RELEASE",
)

#: Older layout of 110 columns without ordinals.
_AMOUNTS_110 = (
    "5.1_FUGITIVE_AIR",
    "5.2_STACK_AIR",
    "5.3_WATER",
    "5.4_UNDERGROUND",
    "5.4.1_UNDERGROUND_CLASS_I",
    "5.4.2_UNDERGROUND_CLASS_II-V",
    "5.5.1_LANDFILLS",
    "5.5.1A_RCRA_C_LANDFILLS",
    "5.5.1B_OTHER_LANDFILLS",
    "5.5.2_LAND_TREATMENT",
    "5.5.3_SURFACE_IMPOUNDMENT",
    "5.5.3A_RCRA_C_SURFACE_IMP.",
    "5.5.3B_Other_SURFACE_IMP.",
    "5.5.4_OTHER_DISPOSAL",
    "ON-SITE_RELEASE_TOTAL",
    "6.1_POTW-TRANSFERS_FOR_RELEASE",
    "6.1_POTW-TRANSFERS_FOR_TREATM.",
    "6.1_POTW-TOTAL_TRANSFERS",
    "6.2_M10",
    "6.2_M41",
    "6.2_M62",
    "6.2_M71",
    "6.2_M81",
    "6.2_M82",
    "6.2_M72",
    "6.2_M63",
    "6.2_M66",
    "6.2_M67",
    "6.2_M64",
    "6.2_M65",
    "6.2_M73",
    "6.2_M79",
    "6.2_M90",
    "6.2_M94",
    "6.2_M99",
    "OFF-SITE_RELEASE_TOTAL",
    "6.2_M20",
    "6.2_M24",
    "6.2_M26",
    "6.2_M28",
    "6.2_M93",
    "OFF-SITE_RECYCLED_TOTAL",
    "6.2_M56",
    "6.2_M92",
    "OFF-SITE_RECOVERY_TOTAL",
    "6.2_M40",
    "6.2_M50",
    "6.2_M54",
    "6.2_M61",
    "6.2_M69",
    "6.2_M95",
    "OFF-SITE_TREATED_TOTAL",
    "TOTAL_RELEASES",
    "8.1_RELEASES",
    "8.1A_ON-SITE_CONTAINED_REL.",
    "8.1B_ON-SITE_OTHER_RELEASES",
    "8.1C_OFF-SITE_CONTAINED_REL.",
    "8.1D_OFF-SITE_OTHER_RELEASES",
    "8.2_ENERGY_RECOVERY_ON-SITE",
    "8.3_ENERGY_RECOVERY_OFF-SITE",
    "8.4_RECYCLING_ON-SITE",
    "8.5_RECYCLING_OFF-SITE",
    "8.6_TREATMENT_ON-SITE",
    "8.7_TREATMENT_OFF-SITE",
    "PROD._WASTE_(8.1_THRU_8.7)",
    "8.8_ONE-TIME_RELEASE",
)

LAYOUT_122 = Layout(
    vocabulary="tri-122",
    facility="2. TRIFD",
    name="4. FACILITY NAME",
    city="6. CITY",
    state="8. ST",
    latitude="12. LATITUDE",
    longitude="13. LONGITUDE",
    sector="23. INDUSTRY SECTOR",
    naics="30. PRIMARY NAICS",
    substance="39. TRI CHEMICAL/COMPOUND ID",
    form="49. FORM TYPE",
    unit="50. UNIT OF MEASURE",
    on_site="65. ON-SITE RELEASE TOTAL",
    amounts=_AMOUNTS_122,
)
LAYOUT_110 = Layout(
    vocabulary="tri-110",
    facility="TRI_FACILITY_ID",
    name="FACILITY_NAME",
    city="CITY",
    state="ST",
    latitude="LATITUDE",
    longitude="LONGITUDE",
    sector="INDUSTRY_SECTOR",
    naics="PRIMARY_NAICS",
    substance="CAS_#/COMPOUND_ID",
    form="FORM_TYPE",
    unit="UNIT_OF_MEASURE",
    on_site="ON-SITE_RELEASE_TOTAL",
    amounts=_AMOUNTS_110,
)


def layout(source: Source) -> Layout:
    """Headers of a file of the register."""
    return LAYOUT_122 if LAYOUT_122.facility in source.columns else LAYOUT_110


def _source(state: str, name: str, year: int, columns: tuple[str, ...]) -> Source:
    return Source(
        id=f"usa-tri-{state}-{year}",
        country="USA",
        title=f"Toxics Release Inventory {year}, basic data file, {name}",
        publisher="U.S. Environmental Protection Agency",
        landing_page="https://www.epa.gov/toxics-release-inventory-tri-program",
        licence=US_PUBLIC_DOMAIN,
        vintage=str(year),
        path=f"prtr/raw/us_tri/tri_{year}_{state}.csv.gz",
        layout=Csv(encoding="utf-8"),
        columns=columns,
        starter=f"usa_tri_{state}_{year}.csv" if state == "il" and year in _STARTER else None,
    )


TRI = (
    *(_source("il", "Illinois", year, LAYOUT_122.columns) for year in ILLINOIS_YEARS),
    *(_source("ca", "California", year, LAYOUT_110.columns) for year in CALIFORNIA_YEARS),
)
