"""Under which terms the registers may be used, with the line that must be printed."""

from __future__ import annotations

from naatlas.spec import Licence

US_PUBLIC_DOMAIN = Licence(
    id="US-PD",
    name="Work of the United States government, not subject to copyright (17 U.S.C. 105)",
    attribution="Source: U.S. Energy Information Administration; U.S. Environmental Protection Agency.",
    url="https://www.usa.gov/government-works",
)
OGL_CANADA = Licence(
    id="OGL-Canada-2.0",
    name="Open Government Licence - Canada 2.0",
    attribution="Contains information licensed under the Open Government Licence - Canada.",
    url="https://open.canada.ca/en/open-government-licence-canada",
)
#: Three agencies, three licences: each covers its own country's rows, and the tables name none for the whole.
NACEI = Licence(
    id="OGL-Canada-2.0 AND Libre-Uso-MX AND US-PD",
    name="Open Government Licence - Canada 2.0 (Canada); Libre Uso MX (Mexico); work of the United States government",
    attribution="Source: North American Cooperation on Energy Information (NACEI): EIA, NRCan, SENER. "
    "Contains information licensed under the Open Government Licence - Canada.",
    url="https://open.canada.ca/en/open-government-licence-canada",
    checked=False,
)
LIBRE_USO_MX = Licence(
    id="Libre-Uso-MX",
    name="Libre Uso MX",
    attribution="Fuente: SEMARNAT, CRE, SENER; datos abiertos del Gobierno de México, Libre Uso MX.",
    url="https://datos.gob.mx/libreusomx",
    checked=False,
)
CC_BY_4_WRI = Licence(
    id="CC-BY-4.0",
    name="Creative Commons Attribution 4.0 International",
    attribution="Copyright 2018-2021 World Resources Institute and Data Contributors (CC BY 4.0).",
    url="https://creativecommons.org/licenses/by/4.0/",
)
