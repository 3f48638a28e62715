"""How large a KML may become before it is written as a pyramid, and what Google's own maps refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from naatlas.errors import UsageError
from naatlas.export.arrow import published
from naatlas.findings import finding
from naatlas.model import Points

if TYPE_CHECKING:
    from naatlas.model import Finding, LayerData

#: What the KML layer of the Google Maps API takes: features, bytes of KML before compression, network links.
MAPS_FEATURES, MAPS_BYTES, MAPS_LINKS = 1_000, 10_000_000, 10
#: What My Maps imports into one layer.
MY_MAPS_FEATURES = 2_000
#: Text of a placemark without its vertices: what is always there, and what each field adds, in bytes.
_PLACEMARK, _FIELD, _VERTEX = 900, 95, 19
_LEAST_FEATURES, _LEAST_MEGABYTES = 20, 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """What a viewer is given to hold at once.

    A layer within ``features`` and ``whole_bytes`` is one document, which every reader opens. A larger one is a
    pyramid.

    Attributes
    ----------
    features
        Placemarks that may be on a screen of 1920 by 1080 pixels at once.
    megabytes
        Size of each KML of a pyramid before compression, in 10^6 bytes.
    """

    features: int = MAPS_FEATURES
    megabytes: float = 1.0

    def __post_init__(self) -> None:
        if self.features < _LEAST_FEATURES:
            raise UsageError(f"--max-features {self.features}: give {_LEAST_FEATURES} or more")
        if not self.megabytes >= _LEAST_MEGABYTES:
            raise UsageError(f"--max-mb {self.megabytes:g}: give {_LEAST_MEGABYTES:g} or more")

    @property
    def file_bytes(self) -> int:
        """Largest KML of a pyramid."""
        return round(self.megabytes * 1e6)

    @property
    def whole_bytes(self) -> int:
        """Largest KML that is written as one document: what Google Maps takes, or more if the user says so."""
        return max(MAPS_BYTES, self.file_bytes)

    def fits(self, data: LayerData) -> bool:
        """Tell whether a layer is written as one document."""
        return len(data.frame) <= self.features and estimate(data) <= self.whole_bytes


def vertices(data: LayerData) -> int:
    """Count the vertices of lines and polygons."""
    return (
        0
        if isinstance(data.geometry, Points)
        else int(shapely.get_num_coordinates(data.shapes.degrees).sum())
    )


def estimate(data: LayerData) -> int:
    """Return about how many bytes of KML a layer makes as one document, in one language."""
    each = _PLACEMARK + _FIELD * len(published(data.spec.fields))
    return len(data.frame) * each + _VERTEX * vertices(data)


def findings(data: LayerData, limits: Limits) -> list[Finding]:
    """Note a layer that Google's own maps do not take; Google Earth does."""
    size = estimate(data)
    if len(data.frame) <= MAPS_FEATURES and size <= MAPS_BYTES and limits.fits(data):
        return []
    return [
        finding(
            "kml-beyond-google-maps",
            "info",
            count=1,
            features=len(data.frame),
            megabytes=size / 1e6,
            maps_features=MAPS_FEATURES,
            maps_megabytes=MAPS_BYTES / 1e6,
            maps_links=MAPS_LINKS,
            my_features=MY_MAPS_FEATURES,
        )
    ]
