"""How findings say how many and which."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_SHOWN = 3
_LARGE = 1000


def features(mask: pd.Series | NDArray[np.bool_], *, verb: str = "have") -> str:
    """Count the features of a mask: "1 feature has", "7 features have"; without a verb, only the count."""
    count = int(mask.sum())
    noun = f"{count:,} feature" + ("" if count == 1 else "s")
    return f"{noun} {'has' if count == 1 and verb == 'have' else verb}".strip()


def short(value: float) -> str:
    """Write a number for a sentence: whole with separators when large, four digits when small."""
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.4g}"


def examples(texts: Iterable[str]) -> str:
    """Join the first three texts, with an ellipsis when there are more."""
    first = list(islice(texts, _SHOWN + 1))
    return ", ".join(first[:_SHOWN]) + (", ..." if len(first) > _SHOWN else "")
