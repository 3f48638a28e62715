"""The land coverage as the layers of coast and boundaries take it: codes, countries and names.

No layer itself: the registry passes over files whose name begins with an underscore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from naatlas.framework.land import country_of
from naatlas.framework.places import country_names, state_names
from naatlas.layers._features import shapes_of
from naatlas.spec import COUNTRIES, LANGUAGES

if TYPE_CHECKING:
    from naatlas.model import Table

#: What the CEC writes as the country of land that is none of the three ("foreign").
FOREIGN = "FN"
NAMED_BY = "name of the code in naatlas/data/framework/places.csv"


def coverage(table: Table) -> gpd.GeoDataFrame:
    """Return the table of land as ``framework.base`` takes it: code, country, geometry; the index is the row."""
    code = table.frame["code"].fillna("").astype("string")
    frame = pd.DataFrame({"code": code, "country": country_of(code)})
    return gpd.GeoDataFrame(frame, geometry=shapes_of(table), crs="EPSG:4326")


def country(code: pd.Series) -> pd.Series:
    """Return CAN, USA or MEX for codes of states, FN for all other land."""
    told = country_of(code)
    return told.where(told.isin(COUNTRIES).fillna(value=False), FOREIGN)


def state(code: pd.Series) -> pd.Series:
    """Return the codes of states and provinces; missing for other land."""
    return code.where(code.str.contains("-").fillna(value=False))


def names(code: pd.Series) -> dict[str, pd.Series]:
    """Return names by language field for codes of states and countries; missing for land without a code."""
    return {f"name_{lang}": code.map({**state_names(lang), **country_names(lang)}) for lang in LANGUAGES}
