"""The classes of the map: steps of what is released to water on a km2, and why there is no value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from naatlas.layers.prtr_watershed_loadings import reach
from naatlas.layers.prtr_watershed_loadings.fields import LIMITS


def classes(per_km2: pd.Series, status: pd.Series, covered: pd.Series) -> pd.Series:
    """Return the class of each watershed.

    A zero of facilities in one corner is no zero of a watershed of which the rest is not known.

    Parameters
    ----------
    per_km2
        Kilograms to water on a km2; missing where no facility reports.
    status
        What an absence means, as ``reach.status`` tells.
    covered
        Whether the registers reach the whole watershed.
    """
    steps = [f"step_{number}" for number in range(len(LIMITS) + 1)]
    told = pd.cut(per_km2, [0.0, *LIMITS, np.inf], labels=steps).astype("string")
    told = told.mask(per_km2.eq(0) & covered, "zero").mask(~covered & told.isna(), reach.NO_FILE)
    # Dioxins alone are told in grams and have no sum in kilograms.
    return told.fillna(status.where(status.eq(reach.NO_FACILITY), reach.SILENT))
