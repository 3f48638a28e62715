"""Write a record as FGDC CSDGM (FGDC-STD-001-1998): English, with summaries in three languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from naatlas.framework.crs import RADIUS_M
from naatlas.metadata.fgdc_fields import dictionary, overviews
from naatlas.metadata.graph import identifier
from naatlas.metadata.iso_parts import THESAURUS, formats
from naatlas.metadata.measures import account, positions
from naatlas.metadata.terms import citation, terms
from naatlas.metadata.tree import as_bytes, put, put_all
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from naatlas.metadata.content import GridEntry, InputEntry, Record
    from naatlas.spec import Language

STANDARD_NAME = "FGDC Content Standard for Digital Geospatial Metadata"
STANDARD_VERSION = "FGDC-STD-001-1998"
_DAY = "%Y%m%d"
_FORMS = {"Raster": "raster digital data", "None": "tabular digital data"}
_SDTS = {"Point": "Entity point", "LineString": "String", "Polygon": "G-polygon"}


def write(record: Record) -> bytes:
    """Return the record as a CSDGM document."""
    root = etree.Element("metadata")
    _identification(put(root, "idinfo"), record)
    _quality(put(root, "dataqual"), record)
    _organization(root, record)
    _reference(put(root, "spref/horizsys"), record.grid)
    entities = put(root, "eainfo")
    dictionary(put(entities, "detailed"), record)
    overviews(entities, record)
    _distribution(put(root, "distinfo"), record)
    _about(put(root, "metainfo"), record)
    return as_bytes(root)


def _identification(parent: etree._Element, record: Record) -> None:
    told = record.words.texts
    _citation(put(parent, "citation/citeinfo"), record)
    descript = put(parent, "descript")
    put(descript, "abstract", told["abstract"]["en"])
    put(descript, "purpose", told["purpose"]["en"])
    notes = (*record.gaps, *record.comparability, record.outliers, told["crs_note"])
    others = [_summary(record, lang) for lang in LANGUAGES[1:]]
    put(descript, "supplinf", " ".join((*(note["en"] for note in notes), *others)))
    period = put(parent, "timeperd")
    dates = put(period, "timeinfo/rngdates")
    put(dates, "begdate", str(record.period[0]))
    put(dates, "enddate", str(record.period[1]))
    put(period, "current", "Data years of the input files, which differ by country")
    status = put(parent, "status")
    put(status, "progress", "Complete")
    put(status, "update", "Annually")
    if record.box:
        box = put(parent, "spdom/bounding")
        for side in ("west", "east", "north", "south"):
            put(box, f"{side}bc", f"{getattr(record.box, side):.6f}")
    _keywords(put(parent, "keywords"), record)
    put(parent, "accconst", "None")
    use = (told["use_constraints"], *record.limits, *terms(record))
    put(parent, "useconst", " ".join(text["en"] for text in use))
    _contact(put(parent, "ptcontac"), record)
    picture = put(parent, "browse")
    put(picture, "browsen", "preview.png")
    put(picture, "browsed", record.title["en"])
    put(picture, "browset", "PNG")
    put(parent, "datacred", told["credits"]["en"])
    put(parent, "native", f"naatlas {record.version}; {record.slug}, {record.edition}")


def _summary(record: Record, language: Language) -> str:
    """Say in another language what the layer is, and what every reader must be told: the standard knows one only."""
    said = [text for texts in record.statements.values() for text in texts]
    told = (record.title, record.words.texts["abstract"], *said, citation(record))
    return f"{told[0][language]}. " + " ".join(text[language] for text in told[1:])


def _citation(cite: etree._Element, record: Record) -> None:
    told = record.words.texts
    put_all(cite, "origin", (told["contact_organisation"]["en"], *record.agencies))
    put(cite, "pubdate", record.date.strftime(_DAY))
    put(cite, "title", record.title["en"])
    put(cite, "edition", record.edition)
    put(cite, "geoform", _FORMS.get(record.geometry, "vector digital data"))
    series = put(cite, "serinfo")
    put(series, "sername", told["atlas"]["en"])
    put(series, "issue", record.edition)
    publisher = put(cite, "pubinfo")
    put(
        publisher,
        "pubplace",
        ", ".join(told[f"contact_{part}"]["en"] for part in ("city", "region", "country")),
    )
    put(publisher, "publish", told["contact_organisation"]["en"])
    put(cite, "othercit", f"{citation(record)['en']} {identifier(record)}")
    put(cite, "onlink", told["contact_url"]["en"])


def _keywords(parent: etree._Element, record: Record) -> None:
    topics = put(parent, "theme")
    put(topics, "themekt", "ISO 19115 Topic Category")
    put_all(topics, "themekey", record.words.topics)
    for language in LANGUAGES:
        theme = put(parent, "theme")
        put(theme, "themekt", "None")
        put_all(theme, "themekey", record.words.keywords[language])
    for language in LANGUAGES if record.words.subjects else ():
        theme = put(parent, "theme")
        put(theme, "themekt", THESAURUS[language])
        put_all(theme, "themekey", (subject[language] for subject in record.words.subjects))
    for language in LANGUAGES:
        place = put(parent, "place")
        put(place, "placekt", "None")
        put(place, "placekey", record.words.texts["continent"][language])
        put_all(place, "placekey", (label[language] for label in record.words.classes["country"].values()))


def _contact(parent: etree._Element, record: Record) -> None:
    told = {name: text["en"] for name, text in record.words.texts.items() if name.startswith("contact_")}
    info = put(parent, "cntinfo")
    put(info, "cntorgp/cntorg", told["contact_organisation"])
    put(info, "cntpos", told["contact_position"])
    address = put(info, "cntaddr")
    put(address, "addrtype", "mailing and physical")
    put(address, "address", told["contact_address"])
    put(address, "city", told["contact_city"])
    put(address, "state", told["contact_region"])
    put(address, "postal", told["contact_postal_code"])
    put(address, "country", told["contact_country"])
    put(info, "cntvoice", told["contact_phone"])
    put(info, "cntemail", told["contact_email"])


def _quality(parent: etree._Element, record: Record) -> None:
    told = record.words.texts
    put(parent, "attracc/attraccr", f"{record.absence['en']} {record.findings['en']}.")
    put(parent, "logic", record.consistency["en"])
    totals = "; ".join(f"{name['en']}: {value:.0f}" for name, value in account(record))
    gaps = " ".join(gap["en"] for gap in record.gaps)
    put(parent, "complete", f"{told['limitations']['en']} {gaps} {totals}.")
    position = put(parent, "posacc/horizpa")
    put(position, "horizpar", record.accuracy["en"])
    for name, metres in positions(record):
        measure = put(position, "qhorizpa")
        put(measure, "horizpav", f"{metres:.0f}")
        put(measure, "horizpae", f"{name['en']}, in metres on the ground")
    lineage = put(parent, "lineage")
    for entry in record.inputs:
        _source(put(lineage, "srcinfo"), entry)
    for step in record.steps:
        process = put(lineage, "procstep")
        put(process, "procdesc", step.text["en"])
        put_all(process, "srcused", step.sources)
        put(process, "procdate", record.date.strftime(_DAY))


def _source(parent: etree._Element, entry: InputEntry) -> None:
    cite = put(parent, "srccite/citeinfo")
    day = entry.vintage.replace("-", "")
    put(cite, "origin", entry.publisher)
    put(cite, "pubdate", day)
    put(cite, "title", entry.title)
    put(cite, "othercit", f"{entry.licence.name}. {entry.licence.attribution}")
    put(cite, "onlink", entry.landing_page)
    put(parent, "typesrc", "online")
    time = put(parent, "srctime")
    put(time, "timeinfo/sngdate/caldate", day)
    put(time, "srccurr", "ground condition")
    put(parent, "srccitea", entry.source)
    # a layer made from another layer reads no records of its own
    records = f"{entry.records} records; " if entry.records else ""
    put(parent, "srccontr", f"{records}file {entry.file}, sha256 {entry.sha256}")


def _organization(root: etree._Element, record: Record) -> None:
    if record.geometry == "Raster":
        space = put(root, "spdoinfo")
        put(space, "direct", "Raster")
        _grid(put(space, "rastinfo"), record.grid)
    if record.geometry not in _SDTS:
        return
    space = put(root, "spdoinfo")
    put(space, "direct", "Point" if record.geometry == "Point" else "Vector")
    term = put(space, "ptvctinf/sdtsterm")
    put(term, "sdtstype", _SDTS[record.geometry])
    if record.features:  # the standard asks for a positive number
        put(term, "ptvctcnt", str(record.features))


def _grid(parent: etree._Element, grid: GridEntry | None) -> None:
    put(parent, "rasttype", "Grid Cell")
    if grid:
        put(parent, "rowcount", str(grid.rows))
        put(parent, "colcount", str(grid.cols))
        put(parent, "vrtcount", "1")


def _reference(parent: etree._Element, grid: GridEntry | None) -> None:
    planar = put(parent, "planar")
    projection = put(planar, "mapproj")
    put(projection, "mapprojn", "Lambert Azimuthal Equal Area")
    figures = put(projection, "lamberta")
    for name, value in (("longpc", "-100.0"), ("latprjc", "45.0"), ("feast", "0.0"), ("fnorth", "0.0")):
        put(figures, name, value)
    plane = put(planar, "planci")
    put(plane, "plance", "row and column" if grid else "coordinate pair")
    steps = put(plane, "coordrep")
    step = f"{grid.cell_m:g}" if grid else "0.001"
    put(steps, "absres", step)
    put(steps, "ordres", step)
    put(plane, "plandu", "meters")
    geodetic = put(parent, "geodetic")
    put(geodetic, "horizdn", "None: geographic coordinates are put on the sphere unchanged")
    put(geodetic, "ellips", "Sphere_ARC_INFO")
    put(geodetic, "semiaxis", f"{RADIUS_M:.1f}")
    # a sphere: the standard asks for a number above zero, and this is the true one
    put(geodetic, "denflat", "INF")


def _distribution(parent: etree._Element, record: Record) -> None:
    told = record.words.texts
    _contact(put(parent, "distrib"), record)
    put(parent, "resdesc", record.title["en"])
    put(parent, "distliab", told["liability"]["en"])
    order = put(parent, "stdorder")
    for name, version in formats(record.geometry):
        form = put(order, "digform")
        transfer = put(form, "digtinfo")
        put(transfer, "formname", name)
        put(transfer, "formvern", version)
        put(form, "digtopt/onlinopt/computer/networka/networkr", told["contact_url"]["en"])
    put(order, "fees", "None")


def _about(parent: etree._Element, record: Record) -> None:
    put(parent, "metd", record.date.strftime(_DAY))
    _contact(put(parent, "metc"), record)
    put(parent, "metstdn", STANDARD_NAME)
    put(parent, "metstdv", STANDARD_VERSION)
