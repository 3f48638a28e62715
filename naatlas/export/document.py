"""What a KML says before its features: title, sources, view, styles, title and legend on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from naatlas.export import legend, placemarks, strokes, symbols
from naatlas.export.folders import Folders, arrange
from naatlas.export.numbers import format_one
from naatlas.model import Points
from naatlas.text import escape, span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from naatlas.export.look import Look
    from naatlas.export.strokes import Strokes
    from naatlas.export.symbols import Symbols
    from naatlas.model import LayerData

#: Fields that tell from which year on a feature is there, and until when; the first that a layer has gets the time
#: slider.
SINCE = ("year_online", "year_established", "year_built", "first_year", "year")
UNTIL = ("last_year", "year")

_GX = ' xmlns:gx="http://www.google.com/kml/ext/2.2"'
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"{gx}>\n'
    '<Document id="document">\n'
    '<name>{name}</name><open>1</open><Snippet maxLines="1">{edition}</Snippet>\n'
    "<description><![CDATA[{about}]]></description>\n"
    "<LookAt>{time}<longitude>{lon:g}</longitude><latitude>{lat:g}</latitude><altitude>0</altitude><heading>0</heading>"
    "<tilt>0</tilt><range>{range:.0f}</range><altitudeMode>clampToGround</altitudeMode></LookAt>\n"
)
#: Longitude, latitude and metres from which one sees North America.
_CONTINENT = (-98.0, 46.0, 8_500_000.0)
TAIL = "</Document>\n</kml>\n"
#: Without it Google Earth would open at the first year, with most features not yet there.
_TIME = "<gx:TimeSpan><begin>{first:04}</begin><end>{last:04}</end></gx:TimeSpan>"
_OVERLAY = (
    '<ScreenOverlay id="{id}"><name>{name}</name><Icon><href>{href}</href></Icon>'
    '<overlayXY x="{x}" y="{y}" xunits="fraction" yunits="fraction"/>'
    '<screenXY x="{sx}" y="{sy}" xunits="fraction" yunits="fraction"/>'
    '<size x="0" y="{height}" xunits="fraction" yunits="fraction"/></ScreenOverlay>\n'
)
#: Where on the screen pictures stand, in fractions of it.
_PLACES = {
    "title": {"x": 0.5, "y": 1, "sx": 0.5, "sy": 0.99},
    "legend": {"x": 0, "y": 0, "sx": 0.01, "sy": 0.04},
}
_STYLE = (
    '<Style id="{id}-{state}"><IconStyle><scale>{scale}</scale><Icon><href>{icon}</href></Icon></IconStyle>'
    "<LabelStyle><scale>{label}</scale></LabelStyle><BalloonStyle><text>{balloon}</text></BalloonStyle></Style>\n"
)
STYLE_MAP = (
    '<StyleMap id="{id}"><Pair><key>normal</key><styleUrl>#{id}-normal</styleUrl></Pair>'
    "<Pair><key>highlight</key><styleUrl>#{id}-highlight</styleUrl></Pair></StyleMap>\n"
)


@dataclass(frozen=True)
class Sheet:
    """A layer in one language and all that its KML files share."""

    data: LayerData
    look: Look

    @cached_property
    def used(self) -> Symbols | Strokes:
        """The style of each feature."""
        if isinstance(self.data.geometry, Points):
            return symbols.assign(self.data.frame, self.look.style)
        return strokes.assign(self.data, self.look.style)

    @cached_property
    def writer(self) -> placemarks.Writer:
        """What writes the placemarks."""
        cut = self.used.cut if isinstance(self.used, strokes.Strokes) else None
        return placemarks.Writer(
            self.data, self.look, self._footer(), cut, self._year(SINCE), self._year(UNTIL)
        )

    @cached_property
    def folders(self) -> Folders:
        """The folders, and the order of the features in them."""
        return arrange(self.data, self.look)

    @cached_property
    def screen(self) -> Mapping[str, bytes]:
        """Title and legend, PNG by path inside the archive."""
        return legend.overlays(self.data, self.look)

    def pictures(self) -> dict[str, bytes]:
        """Return the pictures by path inside the archive."""
        return dict(sorted({**self.icons(), **self.screen}.items()))

    def icons(self) -> dict[str, bytes]:
        """Return the symbols of points by path inside the archive."""
        return self.used.icons() if isinstance(self.used, symbols.Symbols) else {}

    def head(self, *, large: bool = False) -> str:
        """Return the beginning of the main document, up to title and legend.

        Parameters
        ----------
        large
            Tell that not all features are shown at once.
        """
        data, look = self.data, self.look
        credit = dict.fromkeys(entry.source.licence.attribution for entry in data.inputs)
        items = "".join(f"<li>{escape(line)}</li>" for line in credit)
        count = format_one(len(data.frame), 0, look.language)
        more = f"<p>{look.phrase('pyramid', count)}</p>" if large else ""
        about = f"<p>{escape(look.text('abstract'))}</p>{more}<p><b>{look.phrase('sources')}</b></p><ul>{items}</ul>"
        time = self._time()
        told = {"gx": _GX if time else "", "time": time, "name": escape(look.title(data)), "about": about}
        lon, lat, away = look.view or _CONTINENT
        edition = escape(look.phrase("edition", span(data.folder)))
        return _HEAD.format(edition=edition, lon=lon, lat=lat, range=away, **told)

    def _year(self, names: tuple[str, ...]) -> str | None:
        whole = {field.name for field in self.data.spec.fields if field.dtype == "integer" and not field.gap}
        return next((name for name in names if name in whole), None)

    def _time(self) -> str:
        """Return the span of years that the time slider is set to at opening: all of them."""
        fields = [field for field in (self._year(SINCE), self._year(UNTIL)) if field]
        columns = [self.data.frame[field].dropna().to_numpy(dtype=np.int64) for field in fields]
        years = np.concatenate([*columns, np.empty(0, dtype=np.int64)])
        told = years[placemarks.is_date(years)]
        return _TIME.format(first=told.min(), last=told.max()) if len(told) else ""

    def _footer(self) -> str:
        """Return the line below the balloons: the layer, with a link to the page of the Atlas.

        The address is whole: Google Earth would look for a relative one inside the archive.
        """
        title, url = escape(self.look.title(self.data)), self.look.words.texts.get("contact_url")
        return f'<a href="{escape(url[self.look.language])}">{title}</a>' if url else title

    def styles(self) -> dict[str, str]:
        """Return the styles that some feature has, by id."""
        used = self.used
        if isinstance(used, strokes.Strokes):
            return {style: states + STYLE_MAP.format(id=style) for style, states in used.used()}
        return {style: _icon_style(style, kind, scale) for style, kind, scale in used.used()}

    def overlays(self) -> str:
        """Lay the title over the middle of the upper edge and the legend over the lower left corner."""
        return screen_overlays(self.screen, {name: self.look.phrase(name) for name in _PLACES})


def screen_overlays(pictures: Mapping[str, bytes], names: Mapping[str, str]) -> str:
    """Lay pictures over their places on the screen.

    Parameters
    ----------
    pictures
        PNG by path inside the archive.
    names
        Of ``title`` and ``legend``, or one of them.
    """
    return "".join(
        _OVERLAY.format(
            id=name,
            href=legend.path(name),
            name=escape(told),
            height=legend.share(pictures[legend.path(name)]),
            **_PLACES[name],
        )
        for name, told in names.items()
    )


def _icon_style(style_id: str, kind: int, scale: float) -> str:
    told = {"id": style_id, "icon": symbols.icon_path(kind), "balloon": placemarks.BALLOON}
    # Thousands of names would hide the map: a name shows when the pointer is on the symbol.
    normal = _STYLE.format(state="normal", scale=scale, label=0, **told)
    large = round(scale * symbols.HIGHLIGHT_GROWTH, 3)
    highlight = _STYLE.format(state="highlight", scale=large, label=1, **told)
    return normal + highlight + STYLE_MAP.format(id=style_id)
