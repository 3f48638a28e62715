"""What the records say beyond validity: the Canadian profile line by line, quality as numbers, the field dictionary."""

from __future__ import annotations

import dataclasses

import pytest
from lxml import etree

from naatlas.metadata import fgdc, iso19139, schemas
from naatlas.metadata import words as layer_words
from naatlas.metadata.iso_parts import NAMESPACES, THESAURUS
from tests import export_samples, metadata_layers
from tests import metadata_samples as samples

CITATION = "gmd:identificationInfo/*/gmd:citation/gmd:CI_Citation"
XLINK = f"{{{NAMESPACES['xlink']}}}href"


@pytest.fixture(scope="module")
def record():
    return samples.record()


@pytest.fixture(scope="module")
def iso(record):
    return etree.fromstring(iso19139.write(record))


@pytest.fixture(scope="module")
def csdgm(record):
    return etree.fromstring(fgdc.write(record))


@pytest.fixture(scope="module")
def lakes():
    return metadata_layers.record("lakes")


def said(element, language: str) -> str | None:
    """Return a text in a language: ``eng``, ``fra`` or ``spa``."""
    path = f".//gmd:LocalisedCharacterString[@locale='#{language}']"
    return element.findtext(path, namespaces=NAMESPACES)


def figures(record, name: str):
    return next(step.figures for step in record.steps if step.name == name)


def test_the_name_of_the_standard_stands_in_each_language_with_hyphens(iso):
    name = iso.find("gmd:metadataStandardName", NAMESPACES)
    assert (
        name.findtext("gco:CharacterString", namespaces=NAMESPACES)
        == said(name, "eng")
        == ("North American Profile of ISO 19115:2003 - Geographic information - Metadata")
    )
    assert said(name, "fra") == (
        "Profil nord-américain de la norme ISO 19115:2003 - Information géographique - Métadonnées"
    )


@pytest.mark.parametrize(
    "path",
    [
        f"{CITATION}/gmd:title",
        "gmd:identificationInfo/*/gmd:abstract",
        "gmd:contact/*/gmd:organisationName",
        "gmd:identificationInfo/*/gmd:pointOfContact/*/gmd:organisationName",
        ".//gmd:distributorContact/*/gmd:organisationName",
    ],
)
def test_title_abstract_and_organisation_stand_in_three_different_texts(iso, path):
    element = iso.find(path, NAMESPACES)
    assert len({said(element, language) for language in ("eng", "fra", "spa")}) == 3


def test_locales_have_language_country_and_character_set(iso):
    told = [
        [code.get("codeListValue") for code in locale.iterfind("*/*")]
        for locale in iso.iterfind("gmd:locale/gmd:PT_Locale", NAMESPACES)
    ]
    assert told == [["eng", "CAN", "utf8"], ["fra", "CAN", "utf8"], ["spa", "MEX", "utf8"]]


def test_each_layer_names_a_core_subject_that_both_standards_carry():
    for slug in metadata_layers.slugs():
        assert layer_words.load(slug).subjects, f"write subjects in naatlas/metadata/{slug}.yaml"
    record = metadata_layers.record("rivers")
    root = etree.fromstring(iso19139.write(record))
    groups = root.iterfind(".//gmd:MD_Keywords", NAMESPACES)
    (group,) = (g for g in groups if g.find("gmd:thesaurusName", NAMESPACES) is not None)
    title = group.find("gmd:thesaurusName/*/gmd:title", NAMESPACES)
    assert (said(title, "eng"), said(title, "fra")) == (THESAURUS["en"], THESAURUS["fr"])
    assert said(group.find("gmd:keyword", NAMESPACES), "fra") == "Fleuve / Rivière"
    themes = {theme.findtext("themekt"): theme.findtext("themekey") for theme in
              etree.fromstring(fgdc.write(record)).iter("theme")}  # fmt: skip
    assert (themes[THESAURUS["en"]], themes[THESAURUS["fr"]]) == ("Rivers", "Fleuve / Rivière")


def test_the_null_shift_is_told_beside_the_reference_system(iso):
    system = iso.find("gmd:referenceSystemInfo", NAMESPACES)
    note = system.find(".//gmd:otherCitationDetails", NAMESPACES)
    assert "null shift" in said(note, "eng")
    assert "décalage nul" in said(note, "fra")
    assert "desplazamiento nulo" in said(note, "spa")


def test_a_window_across_180_is_cut_and_the_widest_part_comes_first(iso, record):
    boxes = [
        [float(side.findtext("gco:Decimal", namespaces=NAMESPACES)) for side in box]
        for box in iso.iter(f"{{{NAMESPACES['gmd']}}}EX_GeographicBoundingBox")
    ]
    assert record.box.west > record.box.east
    assert boxes == [[-180, -73.9, 32.4, 52.7], [pytest.approx(174.1), 180, 32.4, 52.7]]


def test_countries_with_features_are_named_by_their_code(iso, record):
    path = ".//gmd:EX_GeographicDescription//gmd:MD_Identifier/gmd:code/gco:CharacterString"
    assert {code.text for code in iso.iterfind(path, NAMESPACES)} == {"CAN", "USA", "MEX"}
    less = dataclasses.replace(record, countries={"CAN": 2, "USA": 0, "MEX": 0})
    codes = etree.fromstring(iso19139.write(less)).iterfind(path, NAMESPACES)
    assert [code.text for code in codes] == ["CAN"]


def test_steps_point_at_the_sources_they_work_on(iso, record):
    ids = {source.get("id"): source for source in iso.iter(f"{{{NAMESPACES['gmd']}}}LI_Source")}
    assert len(ids) == len(record.inputs)
    steps = list(iso.iter(f"{{{NAMESPACES['gmd']}}}LI_ProcessStep"))
    for step, told in zip(steps, record.steps, strict=True):
        links = [source.get(XLINK).removeprefix("#") for source in step.iterfind("gmd:source", NAMESPACES)]
        codes = [
            ids[link].findtext(".//gmd:MD_Identifier/gmd:code/*", namespaces=NAMESPACES) for link in links
        ]
        assert codes == list(dict.fromkeys(told.sources))
    assert sum(bool(step.sources) for step in record.steps) > 2


def test_the_account_of_the_ledger_stands_as_numbers_in_both(iso, csdgm, record):
    reports = list(iso.iter(f"{{{NAMESPACES['gmd']}}}DQ_CompletenessOmission"))
    told = {
        said(report, "eng"): report.findtext(".//gco:Record", namespaces=NAMESPACES) for report in reports
    }
    combined = figures(record, "combine")
    assert told["Source records read"] == f"{combined['read']:.0f}"
    assert told["Source records: rejected"] == f"{combined['rejected']:.0f}"
    assert told["Features in the layer"] == "3"
    by_state = [float(value) for name, value in told.items() if name.startswith("Source records: ")]
    assert sum(by_state) == combined["read"] > 0
    assert f"Source records read: {combined['read']:.0f}" in csdgm.findtext("dataqual/complete")


def test_the_largest_displacement_stands_in_metres_for_shapes_and_no_number_for_points(lakes, iso, csdgm):
    largest = export_samples.FIGURES["displacement_max_mm"] * 10_000  # 1 mm at 1:10,000,000 is 10 km
    report = etree.fromstring(iso19139.write(lakes)).find(
        ".//gmd:DQ_AbsoluteExternalPositionalAccuracy", NAMESPACES
    )
    assert report.findtext(".//gco:Record", namespaces=NAMESPACES) == f"{largest:.0f}"
    assert report.find(".//gmd:valueUnit", NAMESPACES).get(XLINK).endswith("/metre")
    told = etree.fromstring(fgdc.write(lakes)).findtext("dataqual/posacc/horizpa/qhorizpa/horizpav")
    assert told == f"{largest:.0f}"
    assert iso.find(".//gmd:DQ_AbsoluteExternalPositionalAccuracy", NAMESPACES) is None
    assert csdgm.find("dataqual/posacc/horizpa/qhorizpa") is None
    assert csdgm.findtext("dataqual/posacc/horizpa/horizpar")


def test_distribution_names_formats_with_versions_a_distributor_and_a_page_in_each_language(iso, record):
    place = iso.find("gmd:distributionInfo/gmd:MD_Distribution", NAMESPACES)
    formats = [
        tuple(part.findtext("gco:CharacterString", namespaces=NAMESPACES) for part in told)
        for told in place.iterfind("gmd:distributionFormat/gmd:MD_Format", NAMESPACES)
    ]
    assert ("GeoPackage", "1.2") in formats
    assert all(version for _, version in formats)
    role = place.find("gmd:distributor//gmd:CI_RoleCode", NAMESPACES)
    assert role.get("codeListValue") == "distributor"
    pages = [url.text for url in place.iterfind(".//gmd:transferOptions//gmd:URL", NAMESPACES)]
    assert pages == list(record.words.texts["contact_url"].values())


def test_each_agency_is_an_originator_once(iso, csdgm, record):
    parties = iso.iterfind(f"{CITATION}/gmd:citedResponsibleParty/*/gmd:organisationName/*", NAMESPACES)
    assert [party.text for party in parties] == list(record.agencies)
    origins = [origin.text for origin in csdgm.iterfind("idinfo/citation/citeinfo/origin")]
    assert origins == [record.words.text("contact_organisation", "en"), *record.agencies]


def attributes(record):
    root = etree.fromstring(fgdc.write(record))
    return {attr.findtext("attrlabl"): attr for attr in root.iterfind("eainfo/detailed/attr")}


def test_every_attribute_has_definition_source_and_domain():
    for record in metadata_layers.records():
        told = attributes(record)
        assert list(told) == [field.name for field in record.fields]
        for name, attr in told.items():
            assert attr.findtext("attrdef"), name
            assert record.slug in attr.findtext("attrdefs")
            assert {part.tag for domain in attr.iterfind("attrdomv") for part in domain} <= {
                "edom", "rdom", "codesetd", "udom",
            }, name  # fmt: skip


def test_what_lies_beside_the_attributes_is_described_too(csdgm, record):
    others = [told.text for told in csdgm.iterfind("eainfo/overview/eaover")]
    assert [told.partition(":")[0] for told in others] == ["GeoPackage", "Provenance (Parquet)"]
    assert f"metadata/{record.slug}_en.html" in csdgm.findtext("eainfo/overview/eadetcit")


def test_each_kind_of_domain_is_written_as_its_own(record):
    told = attributes(record)
    codes = [edom.findtext("edomv") for edom in told["primary_source"].iterfind("attrdomv/edom")]
    assert codes == list(record.classes["energy_source"])
    assert told["state"].findtext("attrdomv/codesetd/codesetn") == "ISO 3166-2 country subdivision codes"
    latitude = told["latitude"].find("attrdomv/rdom")
    assert (latitude.findtext("rdommin"), latitude.findtext("rdommax")) == ("5", "84")
    capacity = next(field for field in record.fields if field.name == "capacity_mw")
    assert told["capacity_mw"].findtext("attrdomv/rdom/rdommax") == f"{capacity.high:.12g}"
    assert told["capacity_mw"].findtext("attrdomv/rdom/attrunit") == "MW"
    assert "Text" in told["name"].findtext("attrdomv/udom")


def test_yes_or_no_is_a_list_of_two_values_and_large_bounds_are_written_out(record):
    field = record.fields[0]
    small = (
        dataclasses.replace(field, name="linked", dtype="boolean", domain=None),
        dataclasses.replace(field, name="people", dtype="integer", domain=None, low=0, high=150_000_000),
    )
    told = attributes(dataclasses.replace(record, fields=small))
    assert [e.findtext("edomv") for e in told["linked"].iterfind("attrdomv/edom")] == ["true", "false"]
    assert told["people"].findtext("attrdomv/rdom/rdommax") == "150000000"


def test_the_sphere_and_the_projection_stand_in_fgdc(csdgm):
    plane = csdgm.find("spref/horizsys/planar/mapproj")
    assert plane.findtext("mapprojn") == "Lambert Azimuthal Equal Area"
    assert [plane.findtext(f"lamberta/{name}") for name in ("longpc", "latprjc")] == ["-100.0", "45.0"]
    assert float(csdgm.findtext("spref/horizsys/geodetic/semiaxis")) == 6_370_997
    assert csdgm.findtext("spref/horizsys/geodetic/denflat") == "INF"


@pytest.mark.parametrize(
    ("geometry", "kind", "form", "direct"),
    [
        ("Polygon", "vector", "vector digital data", "Vector"),
        ("Raster", "grid", "raster digital data", "Raster"),
        ("None", "textTable", "tabular digital data", None),
    ],
)
def test_the_kind_of_data_is_told_as_each_standard_names_it(record, geometry, kind, form, direct):
    told = dataclasses.replace(record, geometry=geometry)
    root, other = etree.fromstring(iso19139.write(told)), etree.fromstring(fgdc.write(told))
    code = root.find(".//gmd:MD_SpatialRepresentationTypeCode", NAMESPACES)
    assert code.get("codeListValue") == kind
    assert other.findtext("idinfo/citation/citeinfo/geoform") == form
    assert other.findtext("spdoinfo/direct") == direct
    assert schemas.check(root, "iso19139") == ()
    assert {finding.rule for finding in schemas.check(other, "fgdc")} <= {"schema-not-consulted"}


def test_both_records_show_the_map_and_the_layer_of_the_field_list(iso, csdgm, record):
    picture = iso.findtext(".//gmd:MD_BrowseGraphic/gmd:fileName/*", namespaces=NAMESPACES)
    assert picture == csdgm.findtext("idinfo/browse/browsen") == "preview.png"
    catalogue = iso.find("gmd:contentInfo/gmd:MD_FeatureCatalogueDescription", NAMESPACES)
    assert catalogue.findtext("gmd:featureTypes/gco:LocalName", namespaces=NAMESPACES) == record.slug
    assert "metadata/fgdc.xml" in catalogue.findtext(".//gmd:otherCitationDetails/*", namespaces=NAMESPACES)
