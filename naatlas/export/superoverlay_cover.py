"""What a superoverlay shows beside the raster: title, legend, view, and the document that holds the tiles together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from naatlas.export import document, legend
from naatlas.raster.source import to_degrees
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.export.look import Look
    from naatlas.model import LayerData
    from naatlas.raster.align import Raster

_PLAIN_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document id="document">\n'
    "<name>{name}</name><open>1</open><description>{about}</description>\n"
    "<LookAt><longitude>{lon:.4f}</longitude><latitude>{lat:.4f}</latitude><altitude>0</altitude><heading>0</heading>"
    "<tilt>0</tilt><range>{range:.0f}</range><altitudeMode>clampToGround</altitudeMode></LookAt>\n"
)


class Cover(NamedTuple):
    """What the reader sees beside the raster: the main document without its links, and the pictures that it shows."""

    name: str
    head: str
    pictures: Mapping[str, bytes]

    @classmethod
    def of(cls, data: LayerData, look: Look) -> Cover:
        """Take title, sources, view and legend of a layer."""
        sheet = document.Sheet(data, look)
        return cls(
            look.words.title(data.edition)[look.language], sheet.head() + sheet.overlays(), sheet.screen
        )

    @classmethod
    def plain(cls, raster: Raster, name: str, *, about: str = "", pictures: Mapping[str, bytes]) -> Cover:
        """Make one for any raster.

        Parameters
        ----------
        name, about
            Title and description, not yet escaped.
        pictures
            PNG by ``title`` and ``legend``.
        """
        rows, cols = raster.placed.shape
        lon, lat = (
            float(v[0]) for v in to_degrees(raster.placed, np.array([cols / 2]), np.array([rows / 2]))
        )
        away = min(2.2 * max(rows, cols) * _cell_m(raster), 9e6)
        head = _PLAIN_HEAD.format(name=escape(name), about=escape(about), lon=lon, lat=lat, range=away)
        paths = {legend.path(name): content for name, content in pictures.items()}
        return cls(
            name, head + document.screen_overlays(paths, {key: key.title() for key in pictures}), paths
        )


def _cell_m(raster: Raster) -> float:
    side = abs(raster.placed.transform.e)
    return side * math.radians(1) * 6_371_000 if raster.placed.period else side
