"""The linter of metadata records: our own records are sound, and each way to break them is one precise finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from naatlas.errors import InputError
from naatlas.metadata import fgdc, iso19139, lint
from naatlas.metadata.iso_parts import NAMESPACES
from naatlas.metadata.lint import tables
from naatlas.metadata.validate import validate_bytes, validate_record
from tests import metadata_samples as samples

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = samples.record()
ISO, FGDC = iso19139.write(RECORD), fgdc.write(RECORD)
BESIDE = lint.Beside(
    names=("NA_PowerPlants_2023",),
    columns=tuple(field.name for field in RECORD.fields),
    box=(RECORD.box.west, RECORD.box.south, RECORD.box.east, RECORD.box.north),
)

Break = tuple[str, str, str, str | None]

ROOT = "/gmd:MD_Metadata"
DATA = f"{ROOT}/gmd:identificationInfo/gmd:MD_DataIdentification"
CITED = f"{DATA}/gmd:citation/gmd:CI_Citation"
BOX = f"{DATA}/gmd:extent/gmd:EX_Extent/gmd:geographicElement[1]/gmd:EX_GeographicBoundingBox"
CONTACT = f"{ROOT}/gmd:contact/gmd:CI_ResponsibleParty"
ADDRESS = f"{CONTACT}/gmd:contactInfo/gmd:CI_Contact/gmd:address/gmd:CI_Address"
TIME = f"{DATA}/gmd:extent/gmd:EX_Extent/gmd:temporalElement/gmd:EX_TemporalExtent/gmd:extent/gml:TimePeriod"
SPREAD = f"{ROOT}/gmd:distributionInfo/gmd:MD_Distribution"
GIVER = f"{SPREAD}/gmd:distributor"
ONLINE = f"{SPREAD}/gmd:transferOptions/gmd:MD_DigitalTransferOptions/gmd:onLine[1]/gmd:CI_OnlineResource"
CRS = (
    f"{ROOT}/gmd:referenceSystemInfo/gmd:MD_ReferenceSystem/gmd:referenceSystemIdentifier/gmd:RS_Identifier/gmd:code"
    "/gco:CharacterString"
)
LEGAL = f"{DATA}/gmd:resourceConstraints/gmd:MD_LegalConstraints"

#: Rule, element that is changed, its new text (None: it is taken away; ``@``: its code), where the finding points
#: ("" where it is changed).
ISO_BREAKS: list[Break] = [
    ("element-missing", f"{DATA}/gmd:abstract", None, ""),
    ("element-missing", f"{ROOT}/gmd:dateStamp", None, ""),
    ("element-conditional", f"{DATA}/gmd:topicCategory", None, ""),
    ("element-conditional", f"{LEGAL}/gmd:otherConstraints", None, ""),
    ("nap-missing", f"{ROOT}/gmd:fileIdentifier", None, f"{ROOT}/gmd:fileIdentifier/gco:CharacterString"),
    ("nap-missing", GIVER, None, f"{GIVER}/gmd:MD_Distributor/gmd:distributorContact"),
    ("nap-value", f"{ROOT}/gmd:fileIdentifier/gco:CharacterString", "plants-1", ""),
    ("nap-value", CRS, "EPSG 9001", ""),
    ("code-unknown", f"{DATA}/gmd:status/gmd:MD_ProgressCode", "@Completed", ""),
    ("code-unknown", f"{DATA}/gmd:topicCategory[1]/gmd:MD_TopicCategoryCode", "Environment", ""),
    ("language-undeclared", f"{ROOT}/gmd:language", None, ""),
    ("language-lost", f"{DATA}/gmd:purpose/gco:CharacterString", None, ""),
    ("language-incomplete", f"{DATA}/gmd:purpose/gmd:PT_FreeText/gmd:textGroup[3]", None, f"{DATA}/gmd:purpose"),
    ("date-format", f"{ROOT}/gmd:dateStamp/gco:Date", "2023-02-30", ""),
    ("date-order", f"{CITED}/gmd:date[2]/gmd:CI_Date/gmd:date/gco:Date", "2001-05-04", ""),
    ("period-order", f"{TIME}/gml:beginPosition", "2031", TIME),
    ("box-number", f"{BOX}/gmd:westBoundLongitude/gco:Decimal", "141 W", ""),
    ("box-range", f"{BOX}/gmd:eastBoundLongitude/gco:Decimal", "3324076.3", BOX),
    ("box-order", f"{BOX}/gmd:southBoundLatitude/gco:Decimal", "83.1", BOX),
    ("box-differs", f"{BOX}/gmd:eastBoundLongitude/gco:Decimal", "-100", BOX),
    ("box-loose", f"{BOX}/gmd:southBoundLatitude/gco:Decimal", "-12", BOX),
    ("link-malformed", f"{ONLINE}/gmd:linkage/gmd:URL", "https://www.cec.org/north american atlas", ""),
    ("title-other-layer", f"{CITED}/gmd:title/gco:CharacterString", "North American Seagrasses Extent", ""),
    ("contact-role", f"{CONTACT}/gmd:role", None, ""),
    ("contact-reach", f"{CONTACT}/gmd:contactInfo", None, CONTACT),
    ("contact-email", f"{ADDRESS}/gmd:electronicMailAddress/gco:CharacterString", "info at cec", ""),
    ("placeholder", f"{DATA}/gmd:credit/gco:CharacterString", "TODO: whom to thank", ""),
    ("text-garbled", f"{DATA}/gmd:credit/gco:CharacterString", "MontrÃ©al, QuÃ©bec", ""),
    ("text-garbled", f"{DATA}/gmd:credit/gco:CharacterString", "Montr\ufffdal", ""),
]  # fmt: skip

ID, CITE = "/metadata/idinfo", "/metadata/idinfo/citation/citeinfo"
ATTR = "/metadata/eainfo/detailed/attr"
FGDC_BREAKS: list[Break] = [
    ("element-missing", f"{ID}/descript/purpose", None, ""),
    ("element-missing", f"{ID}/useconst", None, ""),
    ("element-missing", "/metadata/metainfo", None, ""),
    ("element-missing", f"{ATTR}[2]/attrdomv", None, ""),
    ("element-missing", "/metadata/distinfo/distliab", None, ""),
    ("code-unknown", f"{ID}/status/progress", "Done", ""),
    ("code-unknown", "/metadata/spdoinfo/direct", "point", ""),
    ("date-format", f"{CITE}/pubdate", "2023-11-30", ""),
    ("date-format", "/metadata/metainfo/metd", "November 2023", ""),
    ("period-order", f"{ID}/timeperd/timeinfo/rngdates/enddate", "1999", f"{ID}/timeperd/timeinfo/rngdates"),
    ("box-number", f"{ID}/spdom/bounding/westbc", "141 W", ""),
    ("box-range", f"{ID}/spdom/bounding/northbc", "4267264.5", f"{ID}/spdom/bounding"),
    ("box-order", f"{ID}/spdom/bounding/southbc", "83.1", f"{ID}/spdom/bounding"),
    ("box-differs", f"{ID}/spdom/bounding/southbc", "52.5", f"{ID}/spdom/bounding"),
    ("link-malformed", f"{CITE}/onlink", r"\\SERVER\gis\plants.shp", ""),
    ("link-malformed", f"{CITE}/onlink", "www.cec.org", ""),
    ("column-undocumented", f"{ATTR}[3]", None, ATTR),
    ("column-absent", f"{ATTR}[3]/attrlabl", "Shape_Lenght", f"{ATTR}[3]"),
    ("title-other-layer", f"{CITE}/title", "North American Seagrasses Extent", ""),
    ("contact-email", "/metadata/metainfo/metc/cntinfo/cntemail", "REQUIRED", ""),
    ("placeholder", f"{ID}/datacred", "REQUIRED: who is to be thanked.", ""),
    ("placeholder", f"{ID}/datacred", "Enter the credits here", ""),
    ("text-garbled", f"{ID}/datacred", "Secretaría de EnergÃ­a", ""),
    ("abstract-repeats", f"{ID}/descript/abstract", RECORD.title["en"], ""),
]  # fmt: skip


def _broken(root: etree._Element, path: str, text: str | None) -> None:
    for element in root.xpath(path, namespaces=NAMESPACES):
        if text is None:
            element.getparent().remove(element)
        elif text.startswith("@"):
            element.set("codeListValue", text[1:])
        else:
            element.text = text


def _found(content: bytes) -> list[tuple[str, str]]:
    return [(f.rule, f.where) for f in lint.judge(content, BESIDE).findings]


@pytest.mark.parametrize("content", [ISO, FGDC], ids=["iso", "fgdc"])
def test_our_own_records_are_sound(content: bytes):
    assert lint.judge(content, BESIDE).findings == ()


def _cases() -> list[object]:
    both = (("iso", ISO, ISO_BREAKS), ("fgdc", FGDC, FGDC_BREAKS))
    return [
        pytest.param(content, broken, id=f"{name}-{broken[0]}-{number}")
        for name, content, breaks in both
        for number, broken in enumerate(breaks)
    ]


@pytest.mark.parametrize(("content", "broken"), _cases())
def test_one_break_is_one_finding_at_its_place(content: bytes, broken: Break):
    rule, path, text, where = broken
    root = etree.fromstring(content)
    assert root.xpath(path, namespaces=NAMESPACES), "nothing to break"
    _broken(root, path, text)
    found = _found(etree.tostring(root))
    assert (rule, where or path) in found
    # a column whose line is renamed is also undocumented, and both are true
    aside = {"column-absent": "column-undocumented"}.get(rule)
    assert {code for code, _ in found} - {aside} == {rule}, found


@pytest.mark.parametrize(("content", "breaks"), [(ISO, ISO_BREAKS), (FGDC, FGDC_BREAKS)], ids=["iso", "fgdc"])
def test_all_breaks_at_once_are_all_found(content: bytes, breaks: list[Break]):
    root = etree.fromstring(content)
    done: list[Break] = []
    for broken in breaks:
        rule, path, text, where = broken
        # breaks that would undo one another are made once
        clash = any(path.startswith(other[1]) or other[1].startswith(path) for other in done)
        overruled = rule in {
            "box-range",
            "box-order",
            "box-differs",
            "box-loose",
            "abstract-repeats",
        }
        if not clash and not overruled and path != "/metadata/metainfo" and "attr[" not in path:
            _broken(root, path, text)
            done.append(broken)
    found = _found(etree.tostring(root))
    assert len(done) >= 10
    for rule, path, _, where in done:
        assert any(code == rule and _plain(place) == _plain(where or path) for code, place in found), (
            rule,
            path,
        )


def _plain(place: str) -> str:
    """Without the numbers of siblings, which change when one of two is taken away."""
    return "".join(part for part in place.replace("]", "[").split("[") if not part.isdigit())


def test_every_rule_is_broken_somewhere():
    elsewhere = {
        "nap-bilingual", "nap-not-claimed", "language-unknown", "language-same", "box-swapped", "encoding",
        "title-unrelated",
    }  # fmt: skip
    assert set(tables.rules()) - elsewhere == {broken[0] for broken in (*ISO_BREAKS, *FGDC_BREAKS)}


def test_every_finding_says_what_to_do():
    root = etree.fromstring(ISO)
    for _, path, text, _ in ISO_BREAKS:
        _broken(root, path, text)
    for finding in lint.judge(etree.tostring(root), BESIDE).findings:
        assert finding.advice
        assert finding.where.startswith("/gmd:MD_Metadata")
        assert finding.severity == tables.rules()[finding.rule].severity


# rules that need more than one element to break


def _iso(change: Callable[[str], str]) -> list[lint.Finding]:
    return list(lint.judge(change(ISO.decode()).encode(), BESIDE).findings)


def test_longitude_and_latitude_exchanged():
    box = "<bounding><westbc>19</westbc><eastbc>52</eastbc><northbc>-115</northbc><southbc>-170</southbc></bounding>"
    start, end = FGDC.index(b"<bounding>"), FGDC.index(b"</bounding>") + len(b"</bounding>")
    assert _found(FGDC[:start] + box.encode() + FGDC[end:]) == [("box-swapped", f"{ID}/spdom/bounding")]


@pytest.mark.parametrize(
    ("west", "east", "fine"),
    [(174, -52, True), (-52, -170, False), (178.2, -178.9, True), (150, -10, True), (-66, -125, False)],
)
def test_a_box_across_180_degrees_is_no_mistake(west: float, east: float, *, fine: bool):
    root = etree.fromstring(FGDC)
    _broken(root, "//westbc", str(west))
    _broken(root, "//eastbc", str(east))
    found = [f.rule for f in validate_bytes(etree.tostring(root))]
    assert found == ([] if fine else ["box-order"])


def test_a_title_without_french_fails_the_profile():
    path = "gmd:identificationInfo/*/gmd:citation/gmd:CI_Citation/gmd:title/gmd:PT_FreeText/gmd:textGroup[2]"
    root = etree.fromstring(ISO)
    element = root.find(path, NAMESPACES)
    element.getparent().remove(element)
    found = lint.judge(etree.tostring(root)).findings
    assert {(f.rule, f.message) for f in found} == {
        ("nap-bilingual", "title is not given in French"),
        ("language-incomplete", "title is not given in fra"),
    }


def test_a_translation_that_is_none_and_one_that_is_not_declared():
    purpose = RECORD.words.texts["purpose"]
    copied = _iso(lambda text: text.replace(purpose["fr"], purpose["en"]))
    assert [(f.rule, f.message) for f in copied] == [("language-same", "the text in fra is the one in eng")]
    group = f"{DATA}/gmd:purpose/gmd:PT_FreeText/gmd:textGroup[1]/gmd:LocalisedCharacterString"
    root = etree.fromstring(ISO)
    root.xpath(group, namespaces=NAMESPACES)[0].set("locale", "#deu")
    assert [(f.rule, f.where) for f in lint.judge(etree.tostring(root)).findings] == [
        ("language-incomplete", f"{DATA}/gmd:purpose"),
        ("language-unknown", group),
    ]


def test_a_record_that_does_not_claim_the_profile_is_told_so_once():
    root = etree.fromstring(ISO)
    for path in ("gmd:metadataStandardName", "gmd:fileIdentifier", "gmd:locale"):
        for element in root.findall(path, NAMESPACES):
            root.remove(element)
    found = [f for f in lint.judge(etree.tostring(root)).findings if not f.rule.startswith("language")]
    assert [(f.rule, f.severity) for f in found] == [("nap-not-claimed", "warning")]
    assert "an identifier, a UUID" in found[0].message
    assert "the exact name of the standard" in found[0].message


@pytest.mark.parametrize("rule", tables.table("nap"), ids=lambda rule: rule["path"][-60:])
def test_each_element_of_the_profile_is_missed(rule: dict[str, str]):
    root = etree.fromstring(ISO)
    for part in rule["path"].split("|"):
        for element in root.findall(part, NAMESPACES):
            element.getparent().remove(element)
    found = lint.judge(etree.tostring(root)).findings
    assert {f.severity for f in found} >= {"error"}
    assert {f.rule for f in found} <= {
        "nap-missing", "element-missing", "element-conditional", "contact-role", "language-undeclared", "language-lost",
        "language-unknown", "nap-bilingual",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "child"),
    [(rule["parent"], child) for rule in tables.table("fgdc") for child in rule["children"].split()],
)
def test_each_mandatory_element_of_fgdc_is_missed(parent: str, child: str):
    root = etree.fromstring(FGDC)
    for element in root.findall(child if parent == "metadata" else f".//{parent}/{child}"):
        element.getparent().remove(element)
    found = [f for f in validate_bytes(etree.tostring(root)) if f.rule == "element-missing"]
    assert found
    assert all(f.message.startswith(parent) and f"({child})" in f.message for f in found)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("2_01_1_bc_saltmarsh_2021", "title-other-layer"),
        ("NA_Roads_2020.shp", "title-other-layer"),
        ("NA_Seagrass_2021", None),
        ("herbiers-marins.shp", None),
        ("seagrasses_and_saltmarsh", None),
        ("metadata.txt", None),
        ("xyz_2021_v2", None),
        ("hybas_lake_na", "title-other-layer"),
        ("finalcat_info_v2-1", "title-unrelated"),
    ],
)
def test_the_title_belongs_to_the_file(name: str, rule: str | None):
    root = etree.fromstring(FGDC)
    _broken(root, f"{CITE}/title", "North American Seagrasses Extent")
    _broken(root, "//themekey", "seagrass")
    found = lint.judge(etree.tostring(root), lint.Beside(names=(name,))).findings
    assert [f.rule for f in found] == ([rule] if rule else [])


def test_the_nearest_name_that_says_something_counts():
    names = ("metadata.xml", "data", "2_01_1_bc_saltmarsh_2021", "roads")
    root = etree.fromstring(FGDC)
    _broken(root, f"{CITE}/title", "Salt marshes of North America")
    assert lint.judge(etree.tostring(root), lint.Beside(names=names)).findings == ()


def test_other_xml_and_no_xml_are_told_apart():
    assert [f.rule for f in validate_bytes(b"<kml/>")] == ["metadata-unknown"]
    assert [(f.rule, f.where[:5]) for f in validate_bytes(ISO[: len(ISO) // 2])] == [
        ("xml-not-well-formed", "line ")
    ]
    assert [f.rule for f in validate_bytes(b"")] == ["xml-not-well-formed"]
    assert [f.rule for f in validate_bytes(b"\xef\xbb\xbf \r\n")] == ["xml-not-well-formed"]


def test_entities_of_a_foreign_record_stay_closed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    bomb = f'<!DOCTYPE metadata [<!ENTITY x SYSTEM "{secret.as_uri()}">]><metadata><idinfo>&x;</idinfo></metadata>'
    found = validate_bytes(bomb.encode())
    assert found
    assert not any("secret" in f.message for f in found)


def test_a_file_is_read_and_a_missing_one_is_one_line(tmp_path):
    path = tmp_path / "record.xml"
    path.write_bytes(FGDC)
    assert validate_record(path) == ()
    with pytest.raises(InputError, match="cannot be read"):
        validate_record(tmp_path / "none.xml")


def test_tables_hold_what_their_headers_say():
    for name in (
        "rules",
        "reading",
        "minimum",
        "nap",
        "fgdc",
        "table_a1",
        "codelists",
        "themes",
        "csdgm_names",
    ):
        rows = tables.table(name)
        assert rows
        assert all(None not in row and None not in row.values() for row in rows), name
