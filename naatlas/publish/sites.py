"""The places of a guided tour: what is said of each, where the camera stands, how long it stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from naatlas.errors import UsageError
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.metadata.words import Text

#: What a list of sites writes where nobody could confirm that a site belongs to it.
UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """From where a place is looked at.

    Attributes
    ----------
    range_km
        Distance from the place.
    tilt, heading
        Degrees: 0 looks straight down, and north is up.
    """

    range_km: float = 30.0
    tilt: float = 45.0
    heading: float = 0.0

    def __post_init__(self) -> None:
        if not (self.range_km > 0 and 0 <= self.tilt <= 90 and -360 <= self.heading <= 360):  # noqa: PLR2004 - degrees
            raise ValueError(f"camera {self}: range_km above 0, tilt 0 to 90, heading in degrees")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of values by year, drawn from a file of the data folder.

    Attributes
    ----------
    file
        Path below the data folder, a CSV in UTF-8.
    year, value
        Its columns.
    """

    file: str
    year: str
    value: str
    title: Text
    axis: Text
    credit: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One stop of a tour.

    Attributes
    ----------
    id
        Lower case, digits and hyphens: goes into file names.
    lon, lat
        WGS84 degrees.
    place_source
        Where the coordinates are from.
    facts
        Lines of the table in the balloon, label and value; after the text.
    member_source
        Where it stands that the site belongs to the list; ``unconfirmed`` where that could not be found.
    dwell_s
        Seconds that the balloon is open.
    """

    id: str
    name: Text
    text: Text
    lon: float
    lat: float
    place_source: str
    facts: tuple[tuple[Text, Text], ...] = ()
    sources: tuple[str, ...] = ()
    member_source: str = ""
    camera: Camera = field(default_factory=Camera)
    dwell_s: float = 12.0
    chart: Chart | None = None

    def __post_init__(self) -> None:
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):  # noqa: PLR2004 - degrees
            raise ValueError(
                f"site {self.id}: {self.lon:g}, {self.lat:g} are not longitude, latitude in degrees"
            )
        if self.dwell_s <= 0:
            raise ValueError(f"site {self.id}: dwell_s is above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A guided tour.

    Attributes
    ----------
    vintage
        What time the list describes: YYYY, YYYY-MM or YYYY-MM-DD; empty where it says none.
    colour
        Of the marks, ``#rrggbb``.
    """

    slug: str
    name: str
    title: Text
    about: Text
    vintage: str
    colour: str
    sites: tuple[Site, ...]
    sources: tuple[str, ...] = ()

    @property
    def draft(self) -> bool:
        """A list with sites that nobody confirmed is for the eyes of those who work on it."""
        return any(site.member_source == UNCONFIRMED for site in self.sites)


def packaged() -> tuple[str, ...]:
    """Return the names of the tours in the package."""
    folder = resources.files("naatlas") / "publish" / "tours"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir()))


def load(name: str) -> Tour:
    """Read a list of sites.

    Parameters
    ----------
    name
        One of the package (:func:`packaged`), or the path of a YAML file.

    Raises
    ------
    UsageError
        There is no such list, or it is not laid out as lists of sites are; the place in the file is named.
    """
    own = resources.files("naatlas") / "publish" / "tours" / f"{name}.yaml"
    path = own if name in packaged() else Path(name)
    if not path.is_file():
        known = ", ".join(packaged())
        raise UsageError(f"no list of sites {name}: give a YAML file, or one in the package ({known})")
    try:
        return _tour(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UsageError(f"{path.name} is no list of sites: {told}; see naatlas/publish/tours") from error


def _tour(told: Mapping[str, Any]) -> Tour:
    charts = {
        name: Chart(**entry | {part: _text(entry[part]) for part in ("title", "axis", "credit")})
        for name, entry in (told.get("charts") or {}).items()
    }
    sites = tuple(_site(entry, charts) for entry in told["sites"])
    if not sites:
        raise ValueError("it has no sites")
    names = [site.id for site in sites]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"site {', '.join(doubled)} stands twice")
    return Tour(
        slug=str(told["slug"]),
        name=str(told["name"]),
        title=_text(told["title"]),
        about=_text(told["about"]),
        vintage=str(told["vintage"]),
        colour=str(told["colour"]).lower(),
        sites=sites,
        sources=tuple(map(str, told.get("sources") or ())),
    )


def _site(told: Mapping[str, Any], charts: Mapping[str, Chart]) -> Site:
    facts = tuple((_text(entry["label"]), _text(entry["value"])) for entry in told.get("facts") or ())
    return Site(
        id=str(told["id"]),
        name=_text(told["name"]),
        text=_text(told["text"]),
        lon=float(told["lon"]),
        lat=float(told["lat"]),
        place_source=str(told["place_source"]),
        facts=facts,
        sources=tuple(map(str, told.get("sources") or ())),
        member_source=str(told.get("member_source") or ""),
        camera=Camera(**told.get("camera") or {}),
        dwell_s=float(told.get("dwell_s", 12)),
        chart=charts[told["chart"]] if told.get("chart") else None,
    )


def _text(told: Any) -> Text:  # noqa: ANN401 - what a file holds
    """Return a text in all languages; one string is the same in all of them."""
    if isinstance(told, str | int | float):
        return dict.fromkeys(LANGUAGES, str(told))
    if lost := [language for language in LANGUAGES if not told.get(language)]:
        raise ValueError(f"a text without {', '.join(lost)}: {str(told)[:60]}")
    return {language: " ".join(str(told[language]).split()) for language in LANGUAGES}
