"""Limits between the classes of a quantity, found once and then stated in the style."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np

from naatlas.errors import UsageError
from naatlas.styles.style import Breaks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Scheme = Literal["manual", "quantiles", "fisher_jenks", "equal_interval"]
#: Schemes that find limits, by their name in mapclassify.
SCHEMES: dict[str, str] = {
    "quantiles": "Quantiles",
    "fisher_jenks": "FisherJenks",
    "equal_interval": "EqualInterval",
}
#: The exact search for natural breaks takes the square of the number of values in time and memory.
MOST_VALUES = 2_000


def find(values: ArrayLike, scheme: Scheme, classes: int, *, digits: int = 3) -> Breaks:
    """Find the limits of so many classes.

    Parameters
    ----------
    values
        Numbers of any unit; NaN and infinite ones are left out.
    scheme
        ``quantiles`` (as many values in each), ``fisher_jenks`` (natural breaks) or ``equal_interval``.
    digits
        Significant digits of the limits: a reader remembers 1,200, not 1,187.4.

    Returns
    -------
    Breaks of at most ``classes`` classes: limits that fall together are one.

    Raises
    ------
    UsageError
        mapclassify is not installed, the scheme is no such, or there are fewer distinct values than classes.

    Notes
    -----
    Of more than 2,000 values natural breaks are those of 2,000 quantiles: always the same, and close to exact.
    """
    if scheme not in SCHEMES:
        raise UsageError(f"no such scheme to find breaks: {scheme}; there are {', '.join(SCHEMES)}")
    numbers = np.asarray(values, dtype=np.float64)
    numbers = np.sort(numbers[np.isfinite(numbers)])
    distinct = len(np.unique(numbers))
    if not 1 < classes <= distinct:
        raise UsageError(f"{classes} classes of {distinct} distinct values: ask for 2 to {distinct}")
    with warnings.catch_warnings():  # that limits fall together is said above
        warnings.filterwarnings("ignore", "Not enough unique values", UserWarning)
        bins = _classifier(scheme)(_thinned(numbers, scheme), k=classes).bins
    found = dict.fromkeys(float(f"{limit:.{digits}g}") for limit in bins[:-1])
    return Breaks(tuple(sorted(limit for limit in found if numbers[0] <= limit < numbers[-1])), scheme)


def _classifier(scheme: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a class of an untyped library
    try:
        import mapclassify
    except ImportError:
        raise UsageError(
            "breaks are found by mapclassify; install it with: pip install 'naatlas[breaks]'"
        ) from None
    return getattr(mapclassify, SCHEMES[scheme])


def _thinned(numbers: np.ndarray, scheme: str) -> np.ndarray:
    if scheme != "fisher_jenks" or len(numbers) <= MOST_VALUES:
        return numbers
    return numbers[np.linspace(0, len(numbers) - 1, MOST_VALUES).round().astype(np.int64)]
