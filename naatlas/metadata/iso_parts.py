"""Building blocks of ISO 19139: free text in three languages, code lists, contacts, dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naatlas.metadata.tree import put

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml import etree

    from naatlas.metadata.content import Record
    from naatlas.metadata.words import Text
    from naatlas.spec import Geometry, Language

NAMESPACES = {
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gco": "http://www.isotc211.org/2005/gco",
    "gml": "http://www.opengis.net/gml/3.2",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_CODELISTS = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml"
_ISO_639 = "http://www.loc.gov/standards/iso639-2/"
#: Name and version of the formats in which every layer is published.
FORMATS = (("GeoPackage", "1.2"), ("ESRI Shapefile", "1.0"), ("KML", "2.2"))
_RASTER_FORMATS = (("GeoTIFF", "1.1"), ("KML", "2.2"), ("CSV", "RFC 4180"))


def formats(geometry: Geometry) -> tuple[tuple[str, str], ...]:
    """Return name and version of the formats in which layers of a geometry are published."""
    return _RASTER_FORMATS if geometry == "Raster" else FORMATS


#: Exactly as the validators of the Canadian profile want it in English and French.
THESAURUS: Text = {
    "en": "Government of Canada Core Subject Thesaurus",
    "fr": "Thésaurus des sujets de base du gouvernement du Canada",
    "es": "Tesauro de temas básicos del Gobierno de Canadá",
}
_THESAURUS_KEEPER: Text = {
    "en": "Government of Canada; Library and Archives Canada",
    "fr": "Gouvernement du Canada; Bibliothèque et Archives Canada",
    "es": "Gobierno de Canadá; Biblioteca y Archivos de Canadá",
}
_LOCALES: dict[Language, str] = {"en": "#eng", "fr": "#fra", "es": "#spa"}


def string(parent: etree._Element, name: str, text: str) -> None:
    """Append a text that has no language, such as an identifier."""
    put(parent, f"{name}/gco:CharacterString", text)


def truth(parent: etree._Element, name: str, value: bool) -> None:  # noqa: FBT001 - the value itself
    """Append a truth value."""
    put(parent, f"{name}/gco:Boolean", "true" if value else "false")


def integer(parent: etree._Element, name: str, value: int) -> None:
    """Append a whole number."""
    put(parent, f"{name}/gco:Integer", str(value))


def free(parent: etree._Element, name: str, text: Text) -> etree._Element:
    """Append a text in the main language, and in all languages beside it."""
    element = put(parent, name)
    element.set(f"{{{NAMESPACES['xsi']}}}type", "gmd:PT_FreeText_PropertyType")
    put(element, "gco:CharacterString", text["en"])
    group = put(element, "gmd:PT_FreeText")
    for language, locale in _LOCALES.items():
        put(group, "gmd:textGroup/gmd:LocalisedCharacterString", text[language]).set("locale", locale)
    return element


def code(parent: etree._Element, name: str, code_list: str, value: str) -> None:
    """Append a value of an ISO code list."""
    element = put(parent, f"{name}/gmd:{code_list}", value)
    where = _ISO_639 if code_list == "LanguageCode" else f"{_CODELISTS}#{code_list}"
    element.set("codeList", where)
    element.set("codeListValue", value)


def date(parent: etree._Element, day: str, kind: str) -> None:
    """Append a date (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``) of a citation: creation, publication, ..."""
    element = put(parent, "gmd:date/gmd:CI_Date")
    put(element, "gmd:date/gco:Date", day)
    code(element, "gmd:dateType", "CI_DateTypeCode", kind)


def keywords(parent: etree._Element, texts: Iterable[Text], kind: str) -> etree._Element:
    """Append a group of keywords, theme or place, and return it: a thesaurus may follow."""
    group = put(parent, "gmd:descriptiveKeywords/gmd:MD_Keywords")
    for text in texts:
        free(group, "gmd:keyword", text)
    code(group, "gmd:type", "MD_KeywordTypeCode", kind)
    return group


def thesaurus(group: etree._Element) -> None:
    """Say of a group of keywords that they are terms of the thesaurus that the Canadian profile asks for."""
    citation = put(group, "gmd:thesaurusName/gmd:CI_Citation")
    free(citation, "gmd:title", THESAURUS)
    date(citation, "2004", "creation")
    date(citation, "2016-07-04", "publication")
    party = put(citation, "gmd:citedResponsibleParty/gmd:CI_ResponsibleParty")
    free(party, "gmd:organisationName", _THESAURUS_KEEPER)
    code(party, "gmd:role", "CI_RoleCode", "custodian")


def online(parent: etree._Element, url: str, name: Text | None = None) -> None:
    """Append an address on the web; a page of information, not the data themselves."""
    resource = put(parent, "gmd:CI_OnlineResource")
    put(resource, "gmd:linkage/gmd:URL", url)
    string(resource, "gmd:protocol", url.partition(":")[0].upper())
    if name:
        free(resource, "gmd:name", name)
    code(resource, "gmd:function", "CI_OnLineFunctionCode", "information")


def contact(parent: etree._Element, name: str, record: Record, *, role: str) -> None:
    """Append the responsible party of the Atlas."""
    told = record.words.texts
    party = put(parent, f"{name}/gmd:CI_ResponsibleParty")
    free(party, "gmd:organisationName", told["contact_organisation"])
    free(party, "gmd:positionName", told["contact_position"])
    details = put(party, "gmd:contactInfo/gmd:CI_Contact")
    string(put(details, "gmd:phone/gmd:CI_Telephone"), "gmd:voice", told["contact_phone"]["en"])
    address = put(details, "gmd:address/gmd:CI_Address")
    free(address, "gmd:deliveryPoint", told["contact_address"])
    string(address, "gmd:city", told["contact_city"]["en"])
    free(address, "gmd:administrativeArea", told["contact_region"])
    string(address, "gmd:postalCode", told["contact_postal_code"]["en"])
    free(address, "gmd:country", told["contact_country"])
    string(address, "gmd:electronicMailAddress", told["contact_email"]["en"])
    online(put(details, "gmd:onlineResource"), told["contact_url"]["en"])
    code(party, "gmd:role", "CI_RoleCode", role)
