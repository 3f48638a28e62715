"""Write a record as ISO 19115:2003 in the XML of ISO 19139, North American Profile, in three languages.

Free text stands in English as CharacterString and in all three languages as PT_FreeText beside it: without
the former many catalogues lose the text. Code lists are those of ISO, because clients read their values; the register
of the profile gives the same codes by number. The framework has no EPSG code, so that the reference system is written
as Proj4, which the profile allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from naatlas.metadata import iso_grid
from naatlas.metadata.graph import boxes, identifier
from naatlas.metadata.iso_lineage import lineage
from naatlas.metadata.iso_parts import (
    NAMESPACES,
    code,
    contact,
    date,
    formats,
    free,
    integer,
    keywords,
    online,
    string,
    thesaurus,
    truth,
)
from naatlas.metadata.iso_quality import reports
from naatlas.metadata.phrasing import join
from naatlas.metadata.terms import citation, terms
from naatlas.metadata.tree import as_bytes, put
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from naatlas.metadata.content import Box, Record
    from naatlas.metadata.words import Text

#: Exactly as the profile's validators want it, hyphens and all.
STANDARD_NAME: Text = {
    "en": "North American Profile of ISO 19115:2003 - Geographic information - Metadata",
    "fr": "Profil nord-américain de la norme ISO 19115:2003 - Information géographique - Métadonnées",
    "es": "Perfil de América del Norte de la norma ISO 19115:2003 - Información geográfica - Metadatos",
}
STANDARD_VERSION = "CAN/CGSB-171.100-2009"
#: Id of the locale in the document, which is its language code too, and the country whose form of the language it is.
LOCALES = {"eng": "CAN", "fra": "CAN", "spa": "MEX"}
#: How the standard calls what is neither points, lines nor polygons.
_KINDS = {"Raster": "grid", "None": "textTable"}


def write(record: Record) -> bytes:
    """Return the record as an ISO 19139 document."""
    root = etree.Element(f"{{{NAMESPACES['gmd']}}}MD_Metadata", nsmap=NAMESPACES)
    _header(root, record)
    _representation(root, record)
    _reference_system(root, record)
    _identification(put(root, "gmd:identificationInfo/gmd:MD_DataIdentification"), record)
    _content(put(root, "gmd:contentInfo/gmd:MD_FeatureCatalogueDescription"), record)
    if record.grid:
        iso_grid.coverage(put(root, "gmd:contentInfo/gmd:MD_CoverageDescription"), record)
    _distribution(put(root, "gmd:distributionInfo/gmd:MD_Distribution"), record)
    quality = put(root, "gmd:dataQualityInfo/gmd:DQ_DataQuality")
    code(put(quality, "gmd:scope/gmd:DQ_Scope"), "gmd:level", "MD_ScopeCode", "dataset")
    reports(quality, record)
    lineage(put(quality, "gmd:lineage/gmd:LI_Lineage"), record)
    return as_bytes(root)


def _header(root: etree._Element, record: Record) -> None:
    string(root, "gmd:fileIdentifier", record.identifier)
    string(root, "gmd:language", "eng; CAN")
    code(root, "gmd:characterSet", "MD_CharacterSetCode", "utf8")
    code(root, "gmd:hierarchyLevel", "MD_ScopeCode", "dataset")
    contact(root, "gmd:contact", record, role="pointOfContact")
    put(root, "gmd:dateStamp/gco:Date", record.date.isoformat())
    free(root, "gmd:metadataStandardName", STANDARD_NAME)
    string(root, "gmd:metadataStandardVersion", STANDARD_VERSION)
    string(root, "gmd:dataSetURI", identifier(record))
    for language, country in LOCALES.items():
        locale = put(root, "gmd:locale/gmd:PT_Locale")
        locale.set("id", language)
        code(locale, "gmd:languageCode", "LanguageCode", language)
        code(locale, "gmd:country", "Country", country)
        code(locale, "gmd:characterEncoding", "MD_CharacterSetCode", "utf8")


def _representation(root: etree._Element, record: Record) -> None:
    if record.grid:
        iso_grid.representation(root, record.grid)
        return
    kinds = {"Point": "point", "LineString": "curve", "Polygon": "surface"}
    if record.geometry not in kinds:
        return
    vector = put(root, "gmd:spatialRepresentationInfo/gmd:MD_VectorSpatialRepresentation")
    code(vector, "gmd:topologyLevel", "MD_TopologyLevelCode", "geometryOnly")
    objects = put(vector, "gmd:geometricObjects/gmd:MD_GeometricObjects")
    code(objects, "gmd:geometricObjectType", "MD_GeometricObjectTypeCode", kinds[record.geometry])
    if record.features:  # the standard asks for a positive number
        integer(objects, "gmd:geometricObjectCount", record.features)


def _reference_system(root: etree._Element, record: Record) -> None:
    system = put(root, "gmd:referenceSystemInfo/gmd:MD_ReferenceSystem")
    identifier = put(system, "gmd:referenceSystemIdentifier/gmd:RS_Identifier")
    authority = put(identifier, "gmd:authority/gmd:CI_Citation")
    free(authority, "gmd:title", record.words.texts["heading_crs"])
    date(authority, record.date.isoformat(), "publication")
    free(authority, "gmd:otherCitationDetails", record.words.texts["crs_note"])
    string(identifier, "gmd:code", "Proj4")
    string(identifier, "gmd:codeSpace", record.crs_proj4)
    string(identifier, "gmd:version", record.crs_name)


def _identification(parent: etree._Element, record: Record) -> None:
    told = record.words.texts
    _citation(put(parent, "gmd:citation/gmd:CI_Citation"), record)
    free(parent, "gmd:abstract", told["abstract"])
    free(parent, "gmd:purpose", told["purpose"])
    free(parent, "gmd:credit", told["credits"])
    code(parent, "gmd:status", "MD_ProgressCode", "completed")
    contact(parent, "gmd:pointOfContact", record, role="pointOfContact")
    upkeep = put(parent, "gmd:resourceMaintenance/gmd:MD_MaintenanceInformation")
    code(upkeep, "gmd:maintenanceAndUpdateFrequency", "MD_MaintenanceFrequencyCode", "annually")
    picture = put(parent, "gmd:graphicOverview/gmd:MD_BrowseGraphic")
    string(picture, "gmd:fileName", "preview.png")
    free(picture, "gmd:fileDescription", record.title)
    string(picture, "gmd:fileType", "PNG")
    _keywords(parent, record)
    _constraints(parent, record)
    code(
        parent,
        "gmd:spatialRepresentationType",
        "MD_SpatialRepresentationTypeCode",
        _KINDS.get(record.geometry, "vector"),
    )
    if record.grid:
        iso_grid.resolution(parent, record.grid)
    else:
        scale = put(parent, "gmd:spatialResolution/gmd:MD_Resolution/gmd:equivalentScale")
        integer(put(scale, "gmd:MD_RepresentativeFraction"), "gmd:denominator", record.scale)
    for language, country in LOCALES.items():
        string(parent, "gmd:language", f"{language}; {country}")
    code(parent, "gmd:characterSet", "MD_CharacterSetCode", "utf8")
    for topic in record.words.topics:
        put(parent, "gmd:topicCategory/gmd:MD_TopicCategoryCode", topic)
    _extent(parent, record)
    free(
        parent, "gmd:supplementalInformation", join((record.findings, *record.comparability, record.outliers))
    )


def _citation(cited: etree._Element, record: Record) -> None:
    free(cited, "gmd:title", record.title)
    date(cited, record.date.isoformat(), "creation")
    date(cited, record.date.isoformat(), "publication")
    string(cited, "gmd:edition", record.edition)
    identifier = put(cited, "gmd:identifier/gmd:MD_Identifier")
    string(identifier, "gmd:code", record.identifier)
    for agency in record.agencies:
        party = put(cited, "gmd:citedResponsibleParty/gmd:CI_ResponsibleParty")
        string(party, "gmd:organisationName", agency)
        code(party, "gmd:role", "CI_RoleCode", "originator")
    code(cited, "gmd:presentationForm", "CI_PresentationFormCode", "mapDigital")
    free(cited, "gmd:otherCitationDetails", citation(record))


def _keywords(parent: etree._Element, record: Record) -> None:
    told = record.words.keywords
    themes: list[Text] = [
        {"en": en, "fr": fr, "es": es} for en, fr, es in zip(told["en"], told["fr"], told["es"], strict=True)
    ]
    keywords(parent, themes, "theme")
    if record.words.subjects:
        thesaurus(keywords(parent, record.words.subjects, "theme"))
    keywords(parent, [record.words.texts["continent"], *record.words.classes["country"].values()], "place")


def _constraints(parent: etree._Element, record: Record) -> None:
    """Append all limits and terms under legal constraints: clients do not show limits that stand anywhere else."""
    told = record.words.texts
    legal = put(parent, "gmd:resourceConstraints/gmd:MD_LegalConstraints")
    limits = (*record.limits, record.absence, *record.gaps)
    for limit in (*limits, told["liability"], told["use_constraints"]):
        free(legal, "gmd:useLimitation", limit)
    code(legal, "gmd:accessConstraints", "MD_RestrictionCode", "otherRestrictions")
    code(legal, "gmd:useConstraints", "MD_RestrictionCode", "license")
    code(legal, "gmd:useConstraints", "MD_RestrictionCode", "otherRestrictions")
    for sentence in terms(record):
        free(legal, "gmd:otherConstraints", sentence)


def _extent(parent: etree._Element, record: Record) -> None:
    extent = put(parent, "gmd:extent/gmd:EX_Extent")
    free(extent, "gmd:description", record.words.texts["continent"])
    # catalogues read the first box only, and none that crosses 180 degrees: the widest part comes first
    parts = boxes(record.box) if record.box else ()
    for part in sorted(parts, key=lambda part: part.west - part.east):
        _box(put(extent, "gmd:geographicElement/gmd:EX_GeographicBoundingBox"), part)
    for country in (country for country, features in record.countries.items() if features):
        _country(put(extent, "gmd:geographicElement/gmd:EX_GeographicDescription"), country)
    time = put(extent, "gmd:temporalElement/gmd:EX_TemporalExtent/gmd:extent/gml:TimePeriod")
    time.set(f"{{{NAMESPACES['gml']}}}id", "period")
    put(time, "gml:beginPosition", str(record.period[0]))
    put(time, "gml:endPosition", str(record.period[1]))


def _box(parent: etree._Element, box: Box) -> None:
    sides = {"west": "westBoundLongitude", "east": "eastBoundLongitude"}
    sides |= {"south": "southBoundLatitude", "north": "northBoundLatitude"}
    for side, name in sides.items():
        put(parent, f"gmd:{name}/gco:Decimal", f"{getattr(box, side):.6f}")


def _country(parent: etree._Element, country: str) -> None:
    """Append a country that the layer has features in, by its code."""
    truth(parent, "gmd:extentTypeCode", value=True)
    named = put(parent, "gmd:geographicIdentifier/gmd:MD_Identifier")
    authority = put(named, "gmd:authority/gmd:CI_Citation")
    string(authority, "gmd:title", "ISO 3166-1:2020, alpha-3")
    date(authority, "2020", "publication")
    string(named, "gmd:code", country)


def _content(parent: etree._Element, record: Record) -> None:
    """Append where the fields and classes are defined: in the documents that go with the data."""
    told = record.words.texts
    for language, country in LOCALES.items():
        string(parent, "gmd:language", f"{language}; {country}")
    truth(parent, "gmd:includedWithDataset", value=True)
    put(parent, "gmd:featureTypes/gco:LocalName", record.slug)
    citation = put(parent, "gmd:featureCatalogueCitation/gmd:CI_Citation")
    free(citation, "gmd:title", join((record.title, told["heading_fields"], told["heading_classes"]), " - "))
    date(citation, record.date.isoformat(), "publication")
    files = [f"metadata/{record.slug}_{language}.html" for language in LANGUAGES]
    string(citation, "gmd:otherCitationDetails", ", ".join((*files, "metadata/fgdc.xml")))


def _distribution(parent: etree._Element, record: Record) -> None:
    for name, version in formats(record.geometry):
        entry = put(parent, "gmd:distributionFormat/gmd:MD_Format")
        string(entry, "gmd:name", name)
        string(entry, "gmd:version", version)
    contact(
        put(parent, "gmd:distributor/gmd:MD_Distributor"),
        "gmd:distributorContact",
        record,
        role="distributor",
    )
    transfer = put(parent, "gmd:transferOptions/gmd:MD_DigitalTransferOptions")
    for url in dict.fromkeys(record.words.texts["contact_url"].values()):
        online(put(transfer, "gmd:onLine"), url, record.title)
