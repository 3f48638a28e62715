"""Real clients read our records back: OWSLib parses both standards, pycsw loads, searches and finds them."""

from __future__ import annotations

import sqlite3

import pytest
from lxml import etree

from naatlas.metadata import fgdc, iso19139
from naatlas.metadata import words as layer_words
from naatlas.metadata.graph import identifier
from naatlas.metadata.iso_parts import THESAURUS
from naatlas.spec import LANGUAGES
from tests import metadata_layers
from tests import metadata_samples as samples

# pycsw comes with an older OWSLib and SQLAlchemy; all three warn of what is new in what they stand on
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{what}")
    for what in (":DeprecationWarning", ":FutureWarning", ":ResourceWarning", "pkg_resources:UserWarning")
]

WORDS = layer_words.load("power-plants")
OGC = 'xmlns:ogc="http://www.opengis.net/ogc" xmlns:gml="http://www.opengis.net/gml"'
BBOX = (
    "<ogc:BBOX><ogc:PropertyName>ows:BoundingBox</ogc:PropertyName>"
    '<gml:Envelope srsName="EPSG:4326"><gml:lowerCorner>{south} {west}</gml:lowerCorner>'
    "<gml:upperCorner>{north} {east}</gml:upperCorner></gml:Envelope></ogc:BBOX>"
)
LIKE = (
    '<ogc:PropertyIsLike wildCard="%" singleChar="_" escapeChar="!"><ogc:PropertyName>csw:AnyText'
    "</ogc:PropertyName><ogc:Literal>%{text}%</ogc:Literal></ogc:PropertyIsLike>"
)


@pytest.fixture(scope="module")
def record():
    return samples.record()


@pytest.fixture
def iso(record):
    from owslib.iso import MD_Metadata

    return MD_Metadata(etree.fromstring(iso19139.write(record)))


@pytest.fixture
def csdgm(record):
    from owslib.fgdc import Metadata

    return Metadata(etree.ElementTree(etree.fromstring(fgdc.write(record))))


def test_owslib_reads_the_header_of_iso_back(iso, record):
    assert (iso.identifier, iso.dataseturi) == (record.identifier, identifier(record))
    assert (iso.language, iso.charset, iso.hierarchy) == ("eng; CAN", "utf8", "dataset")
    assert (iso.datestamp, iso.stdname) == (record.date.isoformat(), iso19139.STANDARD_NAME["en"])
    assert [(place.id, place.languagecode) for place in iso.locales] == [
        (c, c) for c in ("eng", "fra", "spa")
    ]
    assert (iso.referencesystem.code, iso.referencesystem.codeSpace) == ("Proj4", record.crs_proj4)
    assert iso.contact[0].email == WORDS.text("contact_email", "en")


def test_owslib_reads_what_the_iso_record_describes_back(iso, record):
    found = iso.identificationinfo[0]
    assert (found.title, found.abstract) == (record.title["en"], WORDS.text("abstract", "en"))
    assert {day.type: day.date for day in found.date} == dict.fromkeys(
        ("creation", "publication"), record.date.isoformat()
    )
    assert (found.temporalextent_start, found.temporalextent_end) == ("2016", "2023")
    assert (found.denominators, found.topiccategory) == (["10000000"], list(WORDS.topics))
    limits = [limit["en"] for limit in (*record.limits, record.absence, *record.gaps)]
    assert found.uselimitation[: len(limits)] == limits


def test_owslib_reads_the_keywords_of_iso_back_with_their_thesaurus(iso):
    theme, subject, place = iso.identificationinfo[0].keywords
    assert theme["keywords"] == list(WORDS.keywords["en"])
    assert subject["keywords"] == [term["en"] for term in WORDS.subjects]
    assert subject["thesaurus"]["title"] == THESAURUS["en"]
    assert (subject["thesaurus"]["date"], subject["thesaurus"]["datetype"]) == ("2004", "creation")
    assert (place["keywords"][0], place["type"]) == ("North America", "place")


def test_owslib_reads_a_window_that_crosses_180_as_its_widest_part(iso, record):
    box = iso.identificationinfo[0].bbox
    assert (record.box.west, record.box.east) == pytest.approx((174.1, -73.9))
    assert [float(side) for side in (box.minx, box.maxx, box.miny, box.maxy)] == [-180, -73.9, 32.4, 52.7]


def test_owslib_reads_lineage_fields_and_formats_of_iso_back(iso, record):
    assert iso.dataquality.lineage == WORDS.text("lineage", "en")
    (catalogue,) = iso.contentinfo
    assert (catalogue.featuretypenames, catalogue.includedwithdataset) == ([record.slug], True)
    assert catalogue.language == ["eng; CAN", "fra; CAN", "spa; MEX"]
    assert [page.url for page in iso.distribution.online] == list(WORDS.texts["contact_url"].values())
    assert iso.distribution.distributor[0].contact.role == "distributor"


def test_owslib_reads_the_fgdc_record_back(csdgm, record):
    cite = csdgm.idinfo.citation.citeinfo
    assert (cite["title"], cite["pubdate"]) == (record.title["en"], f"{record.date:%Y%m%d}")
    assert cite["origin"] == WORDS.text("contact_organisation", "en")
    assert csdgm.idinfo.descript.abstract == WORDS.text("abstract", "en")
    dates = csdgm.idinfo.timeperd.timeinfo.rngdates
    assert (dates.begdate, dates.enddate) == ("2016", "2023")
    box = csdgm.idinfo.spdom.bbox
    assert [float(side) for side in (box.minx, box.maxx, box.miny, box.maxy)] == [174.1, -73.9, 32.4, 52.7]
    assert csdgm.metainfo.metstdn == fgdc.STANDARD_NAME


def test_owslib_reads_the_keywords_of_fgdc_back_in_three_languages(csdgm):
    themes = csdgm.idinfo.keywords.theme
    assert themes[0]["themekey"] == list(WORDS.topics)
    assert [theme["themekey"] for theme in themes[1:4]] == [list(WORDS.keywords[lang]) for lang in LANGUAGES]
    assert [theme["themekt"] for theme in themes[4:]] == [THESAURUS[lang] for lang in LANGUAGES]
    assert "centrales eléctricas" in themes[3]["themekey"]
    assert len(csdgm.idinfo.keywords.place) == 3  # OWSLib counts the places and loses their names


class Catalogue:
    """A catalogue of pycsw on a file, without a server: its loader, its store and its filters."""

    def __init__(self, folder) -> None:
        from pycsw.core import admin, config, repository

        self.file = folder / "catalogue.db"
        self.context = config.StaticContext()
        admin.setup_db(f"sqlite:///{self.file}", "records", str(folder))
        self.store = repository.Repository(f"sqlite:///{self.file}", self.context, table="records")

    def load(self, content: bytes) -> None:
        from pycsw.core import metadata

        (entry,) = metadata.parse_record(self.context, etree.fromstring(content), self.store)
        self.store.insert(entry, "local", entry.insert_date)

    def find(self, condition: str):
        from pycsw.ogc.fes import fes1

        query = etree.fromstring(f"<ogc:Filter {OGC}>{condition}</ogc:Filter>")
        where, values = fes1.parse(
            query, self.store.queryables["_all"], self.store.dbtype, self.context.namespaces, "sqlalchemy",
            {"639_code": "es", "text": "spanish"}, fts=False,
        )  # fmt: skip
        total, found = self.store.query({"where": where, "values": values}, maxrecords=100)
        assert int(total) == len(found)
        return found


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    told = Catalogue(tmp_path_factory.mktemp("pycsw"))
    for entry in metadata_layers.records():
        told.load(iso19139.write(entry))
        told.load(fgdc.write(entry))
    yield told
    told.store.session.close()
    told.store.engine.dispose()


def slugs(found) -> set[str]:
    """Return the layers of the ISO records among what was found, by their titles."""
    titles = {entry.title["en"]: entry.slug for entry in metadata_layers.records()}
    return {titles[row.title] for row in found if row.typename == "gmd:MD_Metadata"}


def test_pycsw_loads_every_record_of_both_standards(catalogue):
    with sqlite3.connect(catalogue.file) as base:
        told = base.execute("select typename, count(*) from records group by typename").fetchall()
    base.close()
    count = len(metadata_layers.records())
    assert dict(told) == {"gmd:MD_Metadata": count, "fgdc:metadata": count}


def test_pycsw_keeps_title_dates_scale_and_links(catalogue):
    (plants,) = (
        entry for entry in metadata_layers.records() if entry.title["en"].endswith("Power Plants, 2023")
    )
    (row,) = (row for row in catalogue.find(LIKE.format(text=plants.identifier)) if row.crs)
    assert (row.identifier, row.title) == (plants.identifier, plants.title["en"])
    assert row.date_publication == row.date_creation == plants.date.isoformat()
    assert (row.time_begin, row.time_end) == tuple(map(str, plants.period))
    assert (row.denominator, row.crs, row.topicategory) == ("10000000", "Proj4", "utilitiesCommunication")
    assert "Electric power stations" in row.keywords
    assert row.links.count("http://www.cec.org/") == 3


@pytest.mark.parametrize(
    ("window", "plants"),
    [
        ({"west": -116, "east": -115, "south": 32, "north": 33}, True),  # the border of California
        ({"west": -76, "east": -75, "south": 45, "north": 46}, True),  # Ottawa
        ({"west": 10, "east": 11, "south": 50, "north": 51}, False),  # Europe
        ({"west": -116, "east": -115, "south": -20, "north": -10}, False),  # the South Pacific
    ],
)
def test_pycsw_finds_the_records_by_window(catalogue, window, plants):
    assert ("power-plants" in slugs(catalogue.find(BBOX.format(**window)))) is plants


def test_pycsw_does_not_find_a_layer_on_the_other_side_of_the_earth(catalogue):
    """The rivers of the samples cross 180 degrees, which catalogues take for the rest of the world."""
    assert "rivers" in slugs(catalogue.find(BBOX.format(west=-111, east=-110, south=50, north=51)))
    assert "rivers" not in slugs(catalogue.find(BBOX.format(west=10, east=11, south=50, north=51)))


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("centrales eléctricas", {"power-plants", "renewable-capacity", "thermal-plant-releases"}),
        ("Energía renovable", {"power-plants", "renewable-capacity"}),
        ("Cuenca hidrológica", {"watersheds"}),
        ("Centrale électrique", {"power-plants", "renewable-capacity", "thermal-plant-releases"}),
        ("Railway networks", {"railroads"}),
        ("ningún registro dice esto", set()),
    ],
)
def test_pycsw_finds_the_records_by_words_of_each_language_with_their_accents(catalogue, text, layers):
    assert slugs(catalogue.find(LIKE.format(text=text))) == layers


def test_pycsw_finds_by_window_and_spanish_word_at_once(catalogue):
    both = BBOX.format(west=-116, east=-115, south=32, north=33) + LIKE.format(text="centrales eléctricas")
    found = catalogue.find(f"<ogc:And>{both}</ogc:And>")
    assert "power-plants" in slugs(found)
    assert {row.title.rpartition(" - ")[2].rpartition(",")[0] for row in found} == {
        "Power Plants", "Renewable Electricity Capacity", "Pollutant Releases of Coal- and Oil-Fired Power Plants",
    }  # fmt: skip
