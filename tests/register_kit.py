"""A small register with everything that can be missing, for the tests of the store."""

from __future__ import annotations

import numpy as np
import pandas as pd

SUBSTANCES = ("50-00-0", "7439-97-6", "dioxins-and-furans")
MEDIA = ("air", "water", "transfer_sewage")
STATES = {"USA": ("US-IL", "US-OH"), "CAN": ("CA-ON", None), "MEX": ("MX-JAL",)}


def lines(rows: int, seed: int = 1) -> pd.DataFrame:
    """Draw a register: quantities from micrograms to megatonnes, some missing, some zero; text with é and empty."""
    rng = np.random.default_rng(seed)
    country = rng.choice(list(STATES), rows)
    facility = [f"{c}-{n:03d}" for c, n in zip(country, rng.integers(0, 12, rows), strict=True)]
    substance = rng.choice(SUBSTANCES, rows)
    amount = np.exp(rng.normal(0, 9, rows)) * rng.choice([1.0, 0.0, np.nan], rows, p=[0.8, 0.1, 0.1])
    in_grams = substance == "dioxins-and-furans"
    return pd.DataFrame(
        {
            "atlas_id": facility,
            "country": country,
            "year": rng.integers(2019, 2023, rows),
            "state": [rng.choice(np.array(STATES[c], dtype=object)) for c in country],
            "substance": substance,
            "group": pd.Series(substance).map({"7439-97-6": "mercure, composés"}).to_numpy(),
            "medium": rng.choice(MEDIA, rows),
            "on_site": rng.random(rows) < 0.5,
            "kg": np.where(in_grams, np.nan, amount),
            "g": np.where(in_grams, amount, np.nan),
            "basis": np.where(in_grams, rng.choice(np.array(["mass", "teq"], dtype=object), rows), None),
            "row": np.arange(2, rows + 2),
        }
    )


def by_basis(frame: pd.DataFrame) -> pd.DataFrame:
    """Part grams of toxic equivalent from grams of mass."""
    equivalent = frame["basis"] == "teq"
    return frame.assign(g=frame["g"].mask(equivalent), g_teq=frame["g"].where(equivalent))


def places(frame: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Give two facilities of three a point between the Rocky Mountains and Lake Michigan."""
    rng = np.random.default_rng(seed)
    ids = sorted(pd.Series(sorted(set(frame["atlas_id"]))).sample(frac=0.7, random_state=seed))
    lon, lat = rng.uniform(-100, -85, len(ids)).round(4), rng.uniform(42, 48, len(ids)).round(4)
    return pd.DataFrame({"atlas_id": ids, "longitude": lon, "latitude": lat})
