"""``naatlas validate FILE.kmz``: ours and others' KML, each fault by code, place and advice, never a traceback."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from naatlas import validation
from naatlas.cli import main
from naatlas.errors import InputError, UsageError
from naatlas.validation.kml import CODES

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.validation import Verdict

GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document id="d">
<name>Dams</name>
<Style id="s"><IconStyle><Icon><href>files/dot.png</href></Icon></IconStyle></Style>
<StyleMap id="m"><Pair><key>normal</key><styleUrl>#s</styleUrl></Pair>
<Pair><key>highlight</key><styleUrl>#s</styleUrl></Pair></StyleMap>
<Schema id="fields" name="fields"><SimpleField name="mw" type="double"/></Schema>
<ScreenOverlay><name>legend</name><Icon><href>files/dot.png</href></Icon></ScreenOverlay>
<GroundOverlay><name>cover</name><Icon><href>files/dot.png</href></Icon>
<LatLonBox><north>50</north><south>40</south><east>-90</east><west>-100</west></LatLonBox></GroundOverlay>
<NetworkLink><name>more</name><Region><LatLonAltBox><north>50</north><south>40</south><east>-90</east><west>-100</west>
</LatLonAltBox><Lod><minLodPixels>64</minLodPixels><maxLodPixels>1024</maxLodPixels></Lod></Region>
<Link><href>more/a.kml</href></Link></NetworkLink>
<Placemark id="p1"><name>Dam</name><description><![CDATA[<p>A <b>dam</b> <img src="files/dot.png"></p>]]></description>
<TimeSpan><begin>1984</begin><end>2023-05</end></TimeSpan><styleUrl>#m</styleUrl>
<ExtendedData><SchemaData schemaUrl="#fields"><SimpleData name="mw">12.5</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>-100,45,0</coordinates></Point></Placemark>
<Placemark id="p2"><name>Lake</name><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 9,0 9,9 0,9 0,0</coordinates>
</LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>2,2 2,4 4,4 4,2 2,2</coordinates></LinearRing>
</innerBoundaryIs></Polygon></Placemark>
<Placemark id="p3"><name>River</name><LineString>
<coordinates>-100,45 -99,45 -98,46</coordinates></LineString></Placemark>
<gx:Tour><name>Round</name><gx:Playlist><gx:FlyTo><gx:duration>3</gx:duration><LookAt><longitude>-100</longitude>
<latitude>45</latitude><altitude>0</altitude><range>9000</range></LookAt></gx:FlyTo></gx:Playlist></gx:Tour>
</Document></kml>"""
MORE = '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>x</name><Point><coordinates>1,2</coordinates></Point></Placemark></kml>'

ICON = "<Icon><href>{}</href></Icon></IconStyle>"
OWN_ICON = ICON.format("files/dot.png")
WIDTH = "<east>-90</east><west>-100</west></LatLonBox>"
REGION = "<north>50</north><south>40</south><east>-90</east><west>-100</west>\n"
#: Code, what is replaced by what, and words that must be said.
BROKEN = [
    ("ids", 'id="p2"', 'id="p1"', "'p1' stands twice"),
    ("ids", 'id="p2"', 'id="2"', "does not start with a letter"),
    ("ids", 'id="p2"', 'id="a:b"', "'a:b'"),
    ("styles", "<styleUrl>#m</styleUrl>", "<styleUrl>#wind</styleUrl>", "#wind leads nowhere"),
    ("styles", "<styleUrl>#m</styleUrl>", "<styleUrl>m</styleUrl>", "it lacks #"),
    ("styles", "<styleUrl>#m</styleUrl>", "<styleUrl>other.kml#m</styleUrl>", "there is no such file"),
    ("styles", "<styleUrl>#m</styleUrl>", "<styleUrl>more/a.kml#m</styleUrl>", "more/a.kml#m leads nowhere"),
    ("style maps", "<key>highlight</key>", "<key>normal</key>", "not normal and highlight"),
    ("style maps", "<key>highlight</key><styleUrl>#s</styleUrl>", "<key>highlight</key>", "names no style"),
    ("swapped coordinates", "-100,45,0", "45,-100,0", "'45,-100,0' is not longitude,latitude"),
    ("coordinates", "-100,45,0", "-1648087.6,715066.3", "in degrees"),
    ("coordinates", "-100,45,0", "-100, 45, 0", "no blank after a comma"),
    ("coordinates", "-100,45,0", "nan,nan", "'nan,nan'"),
    ("coordinates", "-100,45,0", "-100", "'-100'"),
    ("coordinates", "-100,45,0", "", "there are no coordinates"),
    ("coordinates", "-100,45,0", "1,1 2,2", "a point has 2 positions"),
    ("coordinates", "-100,45 -99,45 -98,46", "-100,45", "a line has two points at least"),
    ("coordinates", "-100,45 -99,45 -98,46", "-100,45,1 -99,45", "some positions have a height"),
    ("coordinates", "-99,45 -98,46", "179,45", "spans more than half the globe"),
    ("rings", "0,9 0,0", "0,9 0,1", "a ring is not closed"),
    ("rings", "0,0 9,0 9,9 0,9 0,0", "0,0 9,0 0,0", "fewer than four points"),
    ("overlays", "<name>legend</name><Icon><href>files/dot.png</href></Icon>", "<name>legend</name>",
     "neither Icon nor color"),
    ("boxes", "<south>40</south><east>-90</east><west>-100</west></LatLonBox>",
     "<south>60</south><east>-90</east><west>-100</west></LatLonBox>", "north 50 is not above south 60"),
    ("boxes", WIDTH, "<east>-100</east><west>-90</west></LatLonBox>", "two boxes"),
    ("boxes", WIDTH, "<east>200</east><west>-100</west></LatLonBox>", "leaves the globe"),
    ("boxes", REGION, REGION.replace("50", "n"), "north of a box is no number"),
    ("level of detail", "<minLodPixels>64<", "<minLodPixels>2048<", "from 2048 to 1024 pixels is never"),
    ("times", "<begin>1984</begin>", "<begin>2024</begin>", "begins 2024, after its end 2023-05"),
    ("times", "<begin>1984</begin>", "<begin>May 1984</begin>", "'May 1984' is no date"),
    ("times", "<begin>1984</begin>", "<begin>1984-13</begin>", "'1984-13' is no date"),
    ("links", "<Link><href>more/a.kml</href></Link>", "<Link/>", "NetworkLink more leads nowhere"),
    ("files inside", OWN_ICON, ICON.format("files/gone.png"),
     "files/gone.png is not in the archive"),
    ("files inside", OWN_ICON, ICON.format("Files/Dot.png"),
     "there is files/dot.png, and capital letters count"),
    ("files inside", '<img src="files/dot.png">', '<img src="files/photo.jpg">', "files/photo.jpg"),
    ("paths", "<Link><href>more/a.kml", r"<Link><href>C:\maps\a.kml", "path of one machine"),
    ("pictures", OWN_ICON, ICON.format("more/a.kml"),
     "more/a.kml is no picture"),
    ("schema data", '<SimpleData name="mw">', '<SimpleData name="MW">', "'MW' is not declared in Schema fields"),
    ("schema data", 'schemaUrl="#fields"', 'schemaUrl="#Fields"', "#Fields leads to no Schema"),
    ("scripts", "<b>dam</b>", "<script>alert(1)</script>", "<script>"),
    ("scripts", "<b>dam</b>", '<b onclick="x()">dam</b>', "onclick of <b>"),
    ("scripts", "<b>dam</b>", '<a href="JavaScript:x()">dam</a>', "javascript: in <a>"),
    ("tours", "<gx:duration>3<", "<gx:duration>-3<", "'-3' is no number of seconds"),
    ("tours", "<gx:Playlist>", "<gx:Playlist/><gx:Playlist>", "Round has no gx:Playlist"),
    ("namespace", "http://www.opengis.net/kml/2.2", "http://earth.google.com/kml/2.1", "begin with <kml xmlns="),
    ("namespace", ' xmlns="http://www.opengis.net/kml/2.2"', "", "no namespace"),
]  # fmt: skip
#: The same for what is accepted with a warning.
UNWISE = [
    ("names", "<name>River</name>", "", "a Placemark has no name"),
    ("ring direction", "0,0 9,0 9,9 0,9 0,0", "0,0 0,9 9,9 9,0 0,0", "runs clockwise"),
    ("ring shape", "0,0 9,0 9,9 0,9 0,0", "0,0 9,9 9,0 0,9 0,0", "intersection at 4.5 4.5"),
    ("ring shape", "2,2 2,4 4,4 4,2 2,2", "20,2 20,4 40,4 40,2 20,2", "outside shell"),
    ("schema types", ">12.5<", ">twelve<", "'twelve' of field 'mw' is no double"),
    ("files outside", "<Link><href>more/a.kml", "<Link><href>http://example.org/a.kml", "fetched from the web"),
    ("files outside", "<styleUrl>#m</styleUrl>", "<styleUrl>http://a.org/a.kml#m</styleUrl>", "from the web"),
    ("old links", "<Link><href>more/a.kml</href></Link>", "<Url><href>more/a.kml</href></Url>", "has an Url"),
]  # fmt: skip


def picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    return stream.getvalue()


def kmz(path: Path, text: str | bytes, name: str = "doc.kml") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
        archive.writestr("files/dot.png", picture())
        if name.endswith(".kml"):
            archive.writestr("more/a.kml", MORE)
    return path


def told(verdict: Verdict, result: str = "failed") -> dict[str, str]:
    return {p.check: f"{p.told} -> {p.advice}" for p in verdict.points if p.result == result}


def test_good_kmz_and_kml_pass_without_a_warning(tmp_path: Path):
    verdict = validation.validate(kmz(tmp_path / "a.kmz", GOOD))
    assert verdict.passed, verdict.text()
    assert told(verdict, "warning") == {}
    assert "valid by the OGC schema" in verdict.text()
    (tmp_path / "a.kml").write_text(GOOD, encoding="utf-8")
    alone = validation.validate(tmp_path / "a.kml")
    assert alone.passed
    assert list(told(alone, "warning")) == ["files beside"]


@pytest.mark.parametrize(
    ("code", "old", "new", "words"), BROKEN, ids=[f"{b[0]}-{i}" for i, b in enumerate(BROKEN)]
)
def test_broken_in_one_way_fails_in_that_point_alone(
    tmp_path: Path, code: str, old: str, new: str, words: str
):
    assert old in GOOD
    verdict = validation.validate(kmz(tmp_path / "a.kmz", GOOD.replace(old, new)))
    assert not verdict.passed, verdict.text()
    assert list(told(verdict)) == [code]
    assert words in told(verdict)[code]
    assert not told(verdict)[code].endswith("-> "), "no advice"
    assert all(", line " in p.where for p in verdict.points if p.result == "failed")


@pytest.mark.parametrize(
    ("code", "old", "new", "words"), UNWISE, ids=[f"{b[0]}-{i}" for i, b in enumerate(UNWISE)]
)
def test_unwise_is_warned_of_alone(tmp_path: Path, code: str, old: str, new: str, words: str):
    assert old in GOOD
    verdict = validation.validate(kmz(tmp_path / "a.kmz", GOOD.replace(old, new)))
    assert list(told(verdict, "warning")) == [code]
    assert words in told(verdict, "warning")[code]
    assert set(told(verdict)) <= {"schema-invalid"}  # the standard has no Url any more


def test_every_code_is_proved_by_a_case():
    elsewhere = {"encoding", "doc.kml", "perhaps swapped", "files beside"}
    assert {case[0] for case in (*BROKEN, *UNWISE)} | elsewhere == set(CODES)


CHANGE = """<gx:AnimatedUpdate><Update><targetHref/>
<Change><Placemark targetId="p1"><visibility>0</visibility></Placemark>
<ScreenOverlay targetId="legend"><visibility>0</visibility></ScreenOverlay></Change><Create><Folder targetId="f">
<Placemark><name>{}</name><Point><coordinates>-99,45</coordinates></Point></Placemark></Folder></Create></Update>
</gx:AnimatedUpdate></gx:Playlist>"""


@pytest.mark.parametrize(("name", "warned"), [("New dam", []), ("", ["names"])])
def test_what_a_tour_changes_is_no_feature_and_what_it_creates_is_one(
    tmp_path: Path, name: str, warned: list[str]
):
    text = GOOD.replace("</gx:Playlist>", CHANGE.format(name))
    text = text.replace("</Document>", '<Folder id="f"><name>new ones</name></Folder></Document>')
    text = text.replace("<ScreenOverlay>", '<ScreenOverlay id="legend">')
    verdict = validation.validate(kmz(tmp_path / "a.kmz", text))
    assert (list(told(verdict)), list(told(verdict, "warning"))) == ([], warned)
    assert told(verdict, "note")["features"].startswith("placemarks: 5, ")


def test_places_are_lines_and_paths_by_name(tmp_path: Path):
    text = GOOD.replace("<name>River</name>", "").replace("-100,45,0", "45,-100,0")
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    where = {p.check: p.where for p in validation.validate(tmp_path / "a.kml").points}
    line = 1 + text[: text.index("45,-100,0")].count("\n")
    assert where["swapped coordinates"] == f"line {line}, /kml/Document/Placemark[1]/Point/coordinates"
    assert where["names"].endswith("/kml/Document/Placemark[3]")


def test_many_faults_of_a_kind_are_counted(tmp_path: Path):
    marks = "".join(f'<Placemark id="{n}"><name>n</name></Placemark>' for n in range(250))
    verdict = validation.validate(kmz(tmp_path / "a.kmz", GOOD.replace("<gx:Tour>", f"{marks}<gx:Tour>")))
    ids = [p for p in verdict.points if p.check == "ids"]
    assert len(ids) == 101
    assert ids[-1].told == "and 150 more of the same"


def test_the_schema_is_told_by_place_and_not_beside_other_faults(tmp_path: Path):
    late = GOOD.replace(
        "<Point>", "<Point><coordinates>1,1</coordinates></Point><name>too late</name><Point>", 1
    )
    verdict = validation.validate(kmz(tmp_path / "a.kmz", late))
    assert "name" in told(verdict)["schema-invalid"]
    both = validation.validate(kmz(tmp_path / "b.kmz", late.replace('id="p2"', 'id="2"')))
    assert list(told(both)) == ["ids"]
    assert "not consulted: correct what is named above first" in both.text()


def test_faults_in_any_file_of_the_archive_are_found(tmp_path: Path):
    path = kmz(tmp_path / "a.kmz", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "more/b.kml",
            MORE.replace("1,2", "1,200").replace(
                "<name>x</name>", "<name>x</name><styleUrl>../doc.kml#m</styleUrl>"
            ),
        )
    points = [p for p in validation.validate(path).points if p.result == "failed"]
    assert [(p.check, p.where.split(",")[0]) for p in points] == [("coordinates", "more/b.kml")]


def test_what_would_lie_in_north_america_if_it_were_swapped(tmp_path: Path):
    """Ottawa, Hermosillo, Halifax, latitude first: within range, and south of everything."""
    marks = "".join(
        f"<Placemark><name>n</name><Point><coordinates>{lat},{lon}</coordinates></Point></Placemark>"
        for lat, lon in ((45.4, -75.7), (29.1, -80.9), (44.6, -63.6))
    )
    text = MORE[: MORE.index("<Placemark>")] + f"<Document><name>n</name>{marks}</Document></kml>"
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    warned = told(validation.validate(tmp_path / "a.kml"), "warning")
    assert warned["perhaps swapped"].startswith(
        "3 of 3 positions lie off Antarctica; swapped, in North America"
    )


@pytest.mark.parametrize("space", ["http://earth.google.com/kml/2.0", "http://earth.google.com/kml/2.1", ""])
def test_older_and_nameless_kml_is_judged_on(tmp_path: Path, space: str):
    head = f'<kml xmlns="{space}">' if space else "<kml>"
    text = f"""{head}<Document><name>Old</name><NetworkLink><name>n</name><Url><href>http://example.org/</href></Url>
    </NetworkLink><Placemark id="7"><name>x</name><Point><coordinates>1,95</coordinates></Point></Placemark>
    </Document></kml>"""
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    verdict = validation.validate(tmp_path / "a.kml")
    assert set(told(verdict)) == {"namespace", "ids", "swapped coordinates"}
    assert set(told(verdict, "warning")) == {"old links", "files outside"}


def test_latin_1_is_read_and_told(tmp_path: Path):
    text = GOOD.replace("UTF-8", "ISO-8859-1").replace("Dams", "Présas Ñ")
    verdict = validation.validate(kmz(tmp_path / "a.kmz", text.encode("latin-1")))
    assert verdict.passed, verdict.text()
    assert "ISO-8859-1" in told(verdict, "warning")["encoding"]


def test_main_file_in_a_folder_is_told(tmp_path: Path):
    flat = GOOD.replace("files/dot.png", "../files/dot.png").replace("more/a.kml", "../more/a.kml")
    verdict = validation.validate(kmz(tmp_path / "a.kmz", flat, name="inner/doc.kml"))
    assert verdict.passed, verdict.text()
    assert "doc.kml" in told(verdict, "warning")


def test_a_kmz_called_kml_and_the_other_way_round(tmp_path: Path):
    assert validation.validate(kmz(tmp_path / "a.kml", GOOD)).passed
    (tmp_path / "b.kmz").write_text(GOOD, encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.kmz: .*zip"):
        validation.validate(tmp_path / "b.kmz")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("doc.txt", GOOD, "no KML inside"),
        ("doc.kml", GOOD[:200], "cannot be read"),
        ("doc.kml", "", "cannot be read"),
        ("../doc.kml", GOOD, "climbs out"),
        ("doc.kml", " " * 80 * 2**20, "zip bomb"),
    ],
)
def test_kmz_that_cannot_be_opened(tmp_path: Path, name: str, text: str, words: str):
    with pytest.raises(InputError, match=words) as said:
        validation.validate(kmz(tmp_path / "a.kmz", text, name))
    assert "\n" not in str(said.value)


def test_entities_are_not_expanded(tmp_path: Path):
    lines = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(12))
    text = f'<!DOCTYPE kml [<!ENTITY a0 "ha">{lines}]><kml xmlns="http://www.opengis.net/kml/2.2"><name>&a12;</name></kml>'
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.kml: cannot be read \(.*entity"):
        validation.validate(tmp_path / "a.kml")


def judged_or_refused(path: Path) -> None:
    try:
        verdict = validation.validate(path)
    except (InputError, UsageError) as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right
    else:
        assert verdict.text()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=400), st.sampled_from(["a.kml", "a.kmz"]))
def test_arbitrary_bytes_never_end_in_a_traceback(tmp_path: Path, content: bytes, name: str):
    (tmp_path / name).write_bytes(content)
    judged_or_refused(tmp_path / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_kml_never_ends_in_a_traceback(tmp_path: Path, data: st.DataObject):
    """Pieces of a sound file taken out, doubled, or with other text in their place."""
    parts = GOOD.replace("<", "\x00<").replace(">", ">\x00").split("\x00")
    at = data.draw(st.integers(3, len(parts) - 4))
    new = data.draw(st.sampled_from(["", parts[at] * 2, "<name/>", "9e999,1", "-", "<Point/>", "<!-- x -->", "<?p x?>"])
                    | st.text(st.characters(codec="utf-8", exclude_characters="<&"), max_size=9))  # fmt: skip
    (tmp_path / "a.kml").write_text("".join([*parts[:at], new, *parts[at + 1 :]]), encoding="utf-8")
    judged_or_refused(tmp_path / "a.kml")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.characters(codec="utf-8", exclude_characters="<&\x00", exclude_categories=("Cc", "Cs")),
        max_size=40,
    )
)
def test_no_text_of_coordinates_ends_in_a_traceback(tmp_path: Path, text: str):
    for old in ("-100,45,0", "0,0 9,0 9,9 0,9 0,0", "1984", "64", "12.5", "40"):
        (tmp_path / "a.kml").write_text(GOOD.replace(f">{old}<", f">{text}<"), encoding="utf-8")
        judged_or_refused(tmp_path / "a.kml")


def test_the_report_on_a_broken_file_can_be_read(tmp_path: Path):
    text = GOOD
    for number in (1, 3, 7, 9, 19, 26, 31, 39):
        text = text.replace(*BROKEN[number][1:3])
    run = CliRunner().invoke(main, ["validate", str(kmz(tmp_path / "dams.kmz", text))])
    assert run.exit_code == 1
    assert run.stdout.startswith("dams.kmz: KML\nok   well-formed: XML, ")
    lines = run.stdout.splitlines()
    fails = [line for line in lines if line.startswith("FAIL")]
    assert len(fails) == int(lines[-1].split("not accepted: ")[1].split()[0]) >= 8
    assert all(len(line) <= 130 for line in lines)
    first = lines.index(fails[0])
    assert lines[first + 1].startswith("       at doc.kml, line ")
    assert lines[first + 2].startswith("       -> ")
