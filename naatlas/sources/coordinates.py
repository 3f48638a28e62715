"""Coordinates from the notations that registers use; nothing is guessed, repairs are only named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from naatlas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from naatlas.spec import Country

    Floats = NDArray[np.float64]

Axis = Literal["lat", "lon"]

#: Degrees that hold each country with its islands: west, south, east, north. They only serve to name slips
#: of the pen, so they are generous; the declared state decides. The Aleutians beyond 180 degrees and
#: the oil platforms of the Grand Banks stand apart.
BOXES: dict[Country, tuple[tuple[float, float, float, float], ...]] = {
    "CAN": ((-141.1, 41.6, -52.5, 83.3), (-52.5, 43.0, -46.0, 49.0)),
    "USA": ((-180.0, 17.6, -64.5, 71.6), (172.0, 51.0, 180.0, 53.5)),
    "MEX": ((-118.6, 14.4, -86.6, 32.8),),
}

#: No angle is this large, however the decimal point slipped: these are metres.
_METRES = 10_000

#: Minutes in a degree, seconds in a minute.
_SIXTY = 60

#: Signs that stand for degree, minute and second in the registers, after which only these three are left.
_SIGNS = str.maketrans(
    dict.fromkeys("\u00ba\u00aa\u02da", "\u00b0")
    | dict.fromkeys("\u2032\u2019\u2018\u00b4`", "'")
    | dict.fromkeys("\u2033\u201d\u201c", '"')
    | dict.fromkeys("\u2212\u2013", "-")
)

_NUMBER = r"\d+(?:[.,]\d*)?|[.,]\d+"
_HEAD = r"^(?P<before>[NSEWO])?\s*(?P<sign>[-+])?\s*"
_TAIL = r"\s*(?P<after>[NSEWO])?$"
_DECIMAL = rf"{_HEAD}(?P<deg>(?:{_NUMBER})(?:[eE][-+]?\d+)?)\s*\u00b0?{_TAIL}"
_DMS = (
    rf"{_HEAD}(?P<deg>{_NUMBER})(?:\s*\u00b0\s*'?\s*|\s*:\s*|\s+)"
    rf"(?P<min>\d+)(?:\s*'\s*|\s*:\s*|\s+)(?P<sec>{_NUMBER})\s*[\"']?{_TAIL}"
)
_DM = rf"{_HEAD}(?P<deg>\d+)\s*\u00b0\s*(?P<min>{_NUMBER})\s*'?{_TAIL}"

#: Degrees behind a stray "0.": three digits, or two that cannot be the beginning of three (19 to 99).
_STRAY = r"^0\.(1[0-7]\d|180|19|[2-9]\d)$"


def parse(text: pd.Series, *, axis: Axis, positive_west: bool = False) -> pd.DataFrame:
    """Read angles from text.

    Parameters
    ----------
    text
        Cells as published.
    axis
        Which coordinate the column holds.
    positive_west
        The column counts west as positive; a cell with a minus sign means west all the same.

    Returns
    -------
    pandas.DataFrame
        Aligned with ``text``. ``degrees`` (float64, NaN where there is none; not clipped to the globe, see
        :func:`suspects`) and ``notation``: ``decimal``, ``decimal_comma``, ``dms``, ``dm``, ``ordinal``
        (written with an ordinal sign for the degree sign), ``stray_zero`` (0.109 for 109 degrees),
        ``projected`` (metres), ``missing`` (nothing, or marks only), ``unreadable``.
    """
    codes, distinct = pd.factorize(text.astype("string"), use_na_sentinel=False)
    cells = pd.Series(distinct, dtype="string").fillna("")
    told = _parse(cells, axis=axis, positive_west=positive_west)
    return told.iloc[codes].set_axis(text.index)


def _parse(cells: pd.Series, *, axis: Axis, positive_west: bool) -> pd.DataFrame:
    plain = cells.map(_normalise).astype("string")
    out = pd.DataFrame({"degrees": np.nan, "notation": pd.Series("unreadable", cells.index, dtype="string")})
    out.loc[~plain.str.contains("[0-9A-Za-z]"), "notation"] = "missing"
    # The later pattern never matches what an earlier one did, so that their order does not matter.
    for reader in (_read_decimal, _read_dms, _read_dm):
        part = reader(plain)
        # Adding zero turns the negative zero of a western 0 into a plain one.
        part["degrees"] = part["degrees"] * _signs(part, axis=axis, positive_west=positive_west) + 0.0
        out.loc[part.index, ["degrees", "notation"]] = part[["degrees", "notation"]]
    ordinal = cells.str.contains("[\u00ba\u00aa]") & out["notation"].isin(["dms", "dm", "decimal"])
    out.loc[ordinal, "notation"] = "ordinal"
    return out


def _normalise(cell: str) -> str:
    return " ".join(cell.translate(_SIGNS).replace("''", '"').split())


def _matches(plain: pd.Series, pattern: str) -> pd.DataFrame:
    found = plain.str.extract(pattern)
    return found[found["deg"].notna()].copy()


def _value(text: pd.Series) -> pd.Series:
    return text.str.replace(",", ".", regex=False).astype("float64")


def _read_decimal(plain: pd.Series) -> pd.DataFrame:
    part = _matches(plain, _DECIMAL)
    value = _value(part["deg"])
    metres = value >= _METRES
    part["degrees"] = value.mask(metres)
    part["notation"] = "decimal"
    part.loc[part["deg"].str.contains(","), "notation"] = "decimal_comma"
    part.loc[metres, "notation"] = "projected"
    return part


def _read_dms(plain: pd.Series) -> pd.DataFrame:
    part = _matches(plain, _DMS)
    whole = part["deg"].str.extract(_STRAY)[0]
    degrees, minutes, seconds = (_value(part[name]) for name in ("deg", "min", "sec"))
    part["notation"] = "dms"
    # Degrees with a fraction leave no room for minutes and seconds.
    fraction = part["deg"].str.contains("[.,]")
    part.loc[fraction & (minutes == 0) & (seconds == 0), "notation"] = "decimal"
    part.loc[fraction & ((minutes > 0) | (seconds > 0)), "notation"] = "unreadable"
    part.loc[whole.notna(), "notation"] = "stray_zero"
    # Sixty seconds come from rounding; sixty minutes do not occur.
    part.loc[(minutes >= _SIXTY) | (seconds > _SIXTY), "notation"] = "unreadable"
    degrees = degrees.mask(whole.notna(), whole.astype("float64"))
    part["degrees"] = (degrees + minutes / _SIXTY + seconds / _SIXTY**2).mask(
        part["notation"] == "unreadable"
    )
    return part


def _read_dm(plain: pd.Series) -> pd.DataFrame:
    part = _matches(plain, _DM)
    minutes = _value(part["min"])
    part["notation"] = "dm"
    part.loc[minutes >= _SIXTY, "notation"] = "unreadable"
    part["degrees"] = (_value(part["deg"]) + minutes / _SIXTY).mask(minutes >= _SIXTY)
    return part


def _signs(part: pd.DataFrame, *, axis: Axis, positive_west: bool) -> pd.Series:
    letter = part["before"].fillna(part["after"])
    minus = (part["sign"] == "-").fillna(value=False).astype(bool)
    west_or_south = letter.isin(["W", "O", "S"])
    negative = minus | west_or_south
    if positive_west and axis == "lon":
        negative |= letter.isna()
    return pd.Series(np.where(negative, -1.0, 1.0), index=part.index)


def utm(
    x: ArrayLike, y: ArrayLike, zone: int, *, datum: str = "WGS84", northern: bool = True
) -> tuple[Floats, Floats]:
    """Return longitude and latitude (WGS84, degrees) of UTM coordinates.

    Parameters
    ----------
    x, y
        Easting and northing in metres, any shape.
    zone
        1 to 60; it must be known, because the numbers do not tell it.
    datum
        ``WGS84``, ``NAD83`` or ``NAD27``.

    Raises
    ------
    InputError
        There is no such zone or datum.
    """
    if not 1 <= zone <= 60:  # noqa: PLR2004 - the zones of UTM
        raise InputError(f"UTM zone {zone}: zones are numbered 1 to 60")
    half = "north" if northern else "south"
    return projected(x, y, f"+proj=utm +zone={zone} +{half} +datum={datum} +units=m +type=crs")


def projected(x: ArrayLike, y: ArrayLike, crs: str) -> tuple[Floats, Floats]:
    """Return longitude and latitude (WGS84, degrees; NaN where there is none) of coordinates in any CRS.

    Raises
    ------
    InputError
        The CRS is not understood.
    """
    try:
        transformer = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise InputError(
            f"coordinate system {crs!r} is not understood; use a code such as EPSG:6372"
        ) from error
    lon, lat = transformer.transform(np.asarray(x, dtype="float64"), np.asarray(y, dtype="float64"))
    nowhere = ~(np.isfinite(lon) & np.isfinite(lat))
    return np.where(nowhere, np.nan, lon), np.where(nowhere, np.nan, lat)


def suspects(lon: pd.Series, lat: pd.Series, country: pd.Series | Country) -> pd.DataFrame:
    """Name the slip that would explain why a point lies outside its country.

    Nothing is repaired: the caller may use a candidate only when the declared state confirms it.

    Parameters
    ----------
    lon, lat
        Degrees, aligned, as parsed.
    country
        ``CAN``, ``USA`` or ``MEX``, by point or one for all.

    Returns
    -------
    pandas.DataFrame
        Aligned. ``suspicion`` (string): missing where the point lies in its country's box or is incomplete,
        else ``zero_zero``, ``sign_lost``, ``swapped``, ``swapped_and_signed``, ``decimal_shifted``, or
        ``outside`` when none of them brings it back; ``candidate_lon`` and ``candidate_lat`` (degrees, NaN
        without a candidate).
    """
    x, y = lon.to_numpy(dtype="float64"), lat.to_numpy(dtype="float64")
    home = np.broadcast_to(np.asarray(country, dtype=object), x.shape)
    name = np.full(x.shape, None, dtype=object)
    found_x, found_y = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    open_ = np.isfinite(x) & np.isfinite(y) & ~_inside(x, y, home)
    zero = open_ & (x == 0) & (y == 0)
    name[zero] = "zero_zero"
    open_ &= ~zero
    for slip, new_x, new_y in _repairs(x, y):
        hit = open_ & _inside(new_x, new_y, home)
        name[hit], found_x[hit], found_y[hit] = slip, new_x[hit], new_y[hit]
        open_ &= ~hit
    name[open_] = "outside"
    suspicion = pd.array(name, dtype="string")
    return pd.DataFrame(
        {"suspicion": suspicion, "candidate_lon": found_x, "candidate_lat": found_y}, index=lon.index
    )


def _repairs(x: Floats, y: Floats) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield the slips, the simplest first; a point is explained by the first one that brings it home."""
    yield "sign_lost", -np.abs(x), np.abs(y)
    yield "swapped", y, x
    yield "swapped_and_signed", -np.abs(y), np.abs(x)
    for power_y in range(6):
        for power_x in range(6):
            yield "decimal_shifted", x / 10**power_x, y / 10**power_y


def _inside(x: Floats, y: Floats, country: NDArray[np.object_]) -> NDArray[np.bool_]:
    inside = np.zeros(x.shape, dtype=bool)
    for code, boxes in BOXES.items():
        for west, south, east, north in boxes:
            inside |= (country == code) & (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside
