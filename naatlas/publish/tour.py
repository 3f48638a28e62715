"""A guided tour for Google Earth: the camera flies from site to site, and each one tells what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import simplekml

from naatlas.export import legend, symbols, zips
from naatlas.export.phrases import PHRASES
from naatlas.metadata.marks import marked
from naatlas.publish import pictures
from naatlas.publish.mend import mended
from naatlas.publish.sites import UNCONFIRMED
from naatlas.publish.written import replaced
from naatlas.stamp import newest
from naatlas.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from naatlas.metadata.words import Text
    from naatlas.publish.sites import Site, Tour
    from naatlas.spec import Language

#: Folder of the tours below the output folder.
FOLDER = "tours"
#: Seconds of a flight between neighbours, of the first and the last one, and between balloon and departure.
_HOP_S, _FAR_S, _PAUSE_S = 6.0, 4.0, 1.0
#: What the camera sees at first and at last: all sites with so much room around them, in km.
_ROOM, _LEAST_KM, _KM_PER_DEGREE = 1.7, 300.0, 111.2
_ICON, _ICON_SCALE = "files/site.png", 0.8
_BALLOON = (
    "<![CDATA[<style>body{font-family:sans-serif;width:400px}h3{margin:0 0 6px}table{font-size:small}"
    "td{padding:2px 8px 2px 0;vertical-align:top}td:first-child{color:#5f6368}"
    "ul{color:#5f6368;font-size:x-small;padding-left:16px}img{max-width:100%}</style>$[description]]]>"
)
_WORDS: Mapping[str, Text] = {
    "sites": {"en": "Sites", "fr": "Sites", "es": "Sitios"},
    "tour": {"en": "Play the tour", "fr": "Lancer la visite", "es": "Iniciar el recorrido"},
    "below": {"en": "Guided tour, {} sites", "fr": "Visite guidée, {} sites", "es": "Recorrido guiado, {} sitios"},
    "sources": PHRASES["sources"],
    "place": {"en": "Position: {}", "fr": "Position\u00a0: {}", "es": "Posición: {}"},
    "member": {"en": "In the list", "fr": "Inscription à la liste", "es": "Pertenencia a la lista"},
    "unconfirmed": {"en": "not confirmed", "fr": "non confirmée", "es": "sin confirmar"},
    "title": PHRASES["title"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tour and its pictures: the maps are the same in all languages."""

    tour: Tour
    maps: Mapping[str, bytes]
    data: Path | None = None

    def charts(self, language: Language) -> dict[str, bytes]:
        """Draw the charts of the sites that have one and whose file is there; none without the data folder."""
        if self.data is None:
            return {}
        lost = missing(self.tour, self.data)
        charts = {
            site.id: site.chart for site in self.tour.sites if site.chart and site.chart.file not in lost
        }
        return {
            name: pictures.chart(told, self.data, self.tour.colour, language) for name, told in charts.items()
        }


def file_name(tour: Tour, language: Language) -> str:
    """Return the name of the file: ``NA_MonarchSisterSites_Tour_en.kmz``, with ``-draft`` where it is one."""
    return f"NA_{tour.name}_Tour{'-draft' if tour.draft else ''}_{language}.kmz"


def missing(tour: Tour, data: Path | None) -> tuple[str, ...]:
    """Return the files of charts that are not in the data folder; none where no folder was asked for."""
    files = dict.fromkeys(site.chart.file for site in tour.sites if site.chart)
    return tuple(file for file in files if data is not None and not (data / file).is_file())


def draw(tour: Tour, *, data: Path | None = None) -> Drawn:
    """Draw the maps of a tour; charts are drawn where ``data``, the folder with the national files, is given."""
    return Drawn(tour, pictures.locators(tour), data)


def publish(tour: Tour, out: Path, languages: Sequence[Language], *, data: Path | None = None) -> list[Path]:
    """Write a tour in some languages into the folder ``tours`` of an output folder; return the files.

    Parameters
    ----------
    data
        Folder with the national files, which charts are drawn from; no charts without it.

    Raises
    ------
    InputError
        A chart's file is not laid out as the list of sites says.
    ProductError
        The files cannot be written.
    """
    drawn, files = draw(tour, data=data), []
    for language in dict.fromkeys(languages):
        path = out / FOLDER / file_name(tour, language)
        with replaced(path) as private:
            write(drawn, private, language)
        files.append(path)
    return files


def write(drawn: Drawn, path: Path, language: Language) -> None:
    """Write the KMZ of a tour in one language, valid by the schemas of OGC and Google.

    The tour flies from an overview to each site, opens its balloon for ``dwell_s`` seconds and closes it. Sites are
    placemarks too, so that a viewer without tours shows them all. Same list, same bytes.

    Parameters
    ----------
    path
        A new file.
    """
    tour = drawn.tour
    charts = drawn.charts(language)
    heading = marked(tour.title, ("draft",) if tour.draft else ())[language]
    title = legend.title(heading, _WORDS["below"][language].format(len(tour.sites)))
    files = {_ICON: symbols.circle(tour.colour), legend.path("title"): title}
    files |= {_map(site): drawn.maps[site.id] for site in tour.sites}
    files |= {_chart(name): picture for name, picture in charts.items()}
    document = _document(tour, heading, language, frozenset(charts), legend.share(title))
    when = newest([tour.vintage] if tour.vintage else [])
    with zips.archive(path) as archive:
        zips.add_bytes(archive, "doc.kml", mended(document), when)
        for name, content in sorted(files.items()):
            zips.add_bytes(archive, name, content, when)


def _map(site: Site) -> str:
    return f"files/map-{site.id}.png"


def _chart(site_id: str) -> str:
    return f"files/chart-{site_id}.png"


def _document(
    tour: Tour, heading: str, language: Language, charts: frozenset[str], height: float
) -> simplekml.Kml:
    document = simplekml.Kml(name=escape(heading), open=1, description=_about(tour, language))
    document.document.lookat = _overview(tour)
    _lay_title(document, language, height)
    played = document.newgxtour(name=escape(_WORDS["tour"][language])).newgxplaylist()
    folder = document.newfolder(name=escape(_WORDS["sites"][language]), open=1)
    style = _style()
    _fly(played, _overview(tour), _FAR_S)
    for site in tour.sites:
        mark = folder.newpoint(name=escape(site.name[language]), coords=[(site.lon, site.lat)])
        mark.description = _balloon(site, language, chart=site.id in charts)
        mark.lookat, mark.style = _view(site), style
        _visit(played, site, mark.placemark.id)
    _fly(played, _overview(tour), _FAR_S)
    return document


def _style() -> simplekml.Style:
    style = simplekml.Style()
    style.iconstyle.icon.href, style.iconstyle.scale = _ICON, _ICON_SCALE
    style.labelstyle.scale = 0.9
    style.balloonstyle.text = _BALLOON
    return style


def _lay_title(document: simplekml.Kml, language: Language, height: float) -> None:
    """Lay the title over the middle of the upper edge, in fractions of the window."""
    overlay = document.newscreenoverlay(name=escape(_WORDS["title"][language]))
    overlay.icon.href = legend.path("title")
    fraction = {"xunits": "fraction", "yunits": "fraction"}
    overlay.overlayxy = simplekml.OverlayXY(x=0.5, y=1, **fraction)
    overlay.screenxy = simplekml.ScreenXY(x=0.5, y=0.99, **fraction)
    overlay.size = simplekml.Size(x=0, y=height, **fraction)


def _visit(played: simplekml.GxPlaylist, site: Site, mark: str) -> None:
    _fly(played, _view(site), _HOP_S)
    _open(played, mark, shown=True)
    played.newgxwait(gxduration=site.dwell_s)
    _open(played, mark, shown=False)
    played.newgxwait(gxduration=_PAUSE_S)


def _fly(played: simplekml.GxPlaylist, view: simplekml.LookAt, seconds: float) -> None:
    played.newgxflyto(gxduration=seconds, gxflytomode="bounce").lookat = view


def _open(played: simplekml.GxPlaylist, mark: str, *, shown: bool) -> None:
    """Open or close the balloon of a site."""
    told = f"<gx:balloonVisibility>{int(shown)}</gx:balloonVisibility>"
    update = played.newgxanimatedupdate(gxduration=0)
    update.update.change = f'<Placemark targetId="{mark}">{told}</Placemark>'


def _view(site: Site) -> simplekml.LookAt:
    camera = site.camera
    return _look_at(site.lon, site.lat, camera.range_km, tilt=camera.tilt, heading=camera.heading)


def _overview(tour: Tour) -> simplekml.LookAt:
    """Return the view of all sites, the middle of their box; none of the tours crosses 180 degrees."""
    lon, lat = np.array([site.lon for site in tour.sites]), np.array([site.lat for site in tour.sites])
    middle = float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2
    wide = float(np.ptp(lon)) * np.cos(np.radians(middle[1]))
    range_km = max(float(np.hypot(wide, np.ptp(lat))) * _KM_PER_DEGREE * _ROOM, _LEAST_KM)
    return _look_at(*middle, range_km)


def _look_at(
    lon: float, lat: float, range_km: float, *, tilt: float = 0.0, heading: float = 0.0
) -> simplekml.LookAt:
    return simplekml.LookAt(
        longitude=round(lon, 5),
        latitude=round(lat, 5),
        altitude=0,
        heading=heading,
        tilt=tilt,
        range=round(range_km * 1000),
        altitudemode="clampToGround",
    )


def _about(tour: Tour, language: Language) -> str:
    sources = _list(_WORDS["sources"][language], [_linked(line) for line in tour.sources])
    return f"<![CDATA[<p>{escape(tour.about[language])}</p>{sources}]]>"


def _balloon(site: Site, language: Language, *, chart: bool) -> str:
    rows = [(label[language], value[language]) for label, value in site.facts]
    if site.member_source:
        told = site.member_source
        rows.append((_WORDS["member"][language], _WORDS[told][language] if told == UNCONFIRMED else told))
    table = "".join(f"<tr><td>{escape(label)}</td><td>{escape(value)}</td></tr>" for label, value in rows)
    images = [_map(site), *([_chart(site.id)] if chart else [])]
    place = escape(_WORDS["place"][language].format(site.place_source))
    return (
        f"<![CDATA[<h3>{escape(site.name[language])}</h3><p>{escape(site.text[language])}</p><table>{table}</table>"
        + "".join(f'<p><img src="{image}" width="400"/></p>' for image in images)
        + _list(_WORDS["sources"][language], [*map(_linked, site.sources), place])
        + "]]>"
    )


def _list(heading: str, items: list[str]) -> str:
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f"<p><b>{escape(heading)}</b></p><ul>{lines}</ul>" if items else ""


def _linked(source: str) -> str:
    """Return a source, escaped; an address at its end becomes a link."""
    told, scheme, address = source.rpartition("http")
    if not scheme or " " in address:
        return escape(source)
    url = escape(scheme + address)
    return f'{escape(told)}<a href="{url}">{url}</a>'
