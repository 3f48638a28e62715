"""The words of every layer: complete, in step between languages, and consistent between layers."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from importlib import resources

import pytest
import yaml

from naatlas import registry
from naatlas.errors import SpecError
from naatlas.export.phrases import PHRASES
from naatlas.metadata import glossary, words
from naatlas.metadata.gate import check_words

SLUGS = registry.slugs()
#: What one English term is called in sentences too: French, Spanish (beginnings of words).
PROSE = {
    "power plant": ("central", "central"),
    "emission": ("émission", "emisi"),
    "nameplate": ("nominale", "placa"),
    "pumped storage": ("pompage", "rebombeo"),
    "carbon dioxide": ("dioxyde de carbone", "bióxido de carbono"),
    "sulphur dioxide": ("dioxyde de soufre", "bióxido de azufre"),
    "nitrous oxide": ("oxyde nitreux", "óxido nitroso"),
    "threshold": ("seuil", "umbral"),
    "megawatt": ("mégawatt", "megawatt"),
    "tolerance": ("tolérance", "tolerancia"),
    "vertices": ("sommets", "vértices"),
    "crosswalk": ("correspondance", "correspondencia"),
    "reviewed table": ("table validée", "tabla revisada"),
    "reviewed decision": ("validée", "revisada"),
    "watersheds": ("bassin", "cuenca"),
    "generaliz": ("générali", "generaliz"),
    "ellipsoid": ("ellipsoïde", "elipsoide"),
    "data folder": ("dossier de données", "carpeta de datos"),
    "slivers": ("polygones parasites", "polígonos espurios"),
    "by location": ("position", "ubicación"),
    "by overlay": ("superposition", "superposición"),
    "sea ice": ("glace", "hielo marino"),
    "metric tons": ("tonnes", "toneladas"),
    "trilateral tables": ("tableaux trilatéraux", "cuadros trilaterales"),
    "coverage": ("couverture", "cobertura"),
    "scale rank": ("rang", "rango"),
    "inventory": ("inventaire", "inventario"),
}


def _texts(slug: str) -> dict[str, dict[str, str]]:
    told = words.load(slug)
    named = {f"texts.{name}": text for name, text in told.texts.items()}
    named |= {f"label.{name}": text for name, text in told.labels.items()}
    named |= {f"definition.{name}": text for name, text in told.definitions.items()}
    return named | {f"{g}.{c}": text for g, codes in told.classes.items() for c, text in codes.items()}


def _digits(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", re.sub(r"(?<=\d)[ ,.\u00a0](?=\d)", "", text)))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_words_fit_the_specification(slug):
    assert check_words(words.load(slug), registry.load(slug).SPEC) == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_figures_stand_in_all_languages(slug):
    apart = {
        name: text for name, text in _texts(slug).items() if len({str(_digits(t)) for t in text.values()}) > 1
    }
    assert not {name: text for name, text in apart.items() if "contact_" not in name}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_braces_stand_in_all_languages(slug):
    braces = {
        n: {str(sorted(re.findall(r"\{\w+\}", t))) for t in text.values()} for n, text in _texts(slug).items()
    }
    assert not {name: found for name, found in braces.items() if len(found) > 1}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_term_is_translated_in_one_way(slug):
    for name, text in _texts(slug).items():
        for term, (french, spanish) in PROSE.items():
            if term in text["en"].lower():
                assert french in text["fr"].lower(), (name, term)
                assert spanish in text["es"].lower(), (name, term)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_name_uses_the_terms_of_the_glossary(slug):
    assert glossary.findings(words.load(slug)) == ()


@pytest.mark.parametrize(
    ("english", "french", "spanish", "lost"),
    [
        ("Power plants", "Usines électriques", "Centrales eléctricas", [("power plant", "fr")]),
        ("Sea ice, cities", "Glaces de mer, villes", "Hielos, ciudades", [("sea ice", "es")]),
        (
            "International boundaries",
            "Frontières internationales",
            "Bordes",
            [("international boundary", "es")],
        ),
        ("Emissions by country", "Émissions par pays", "Emisiones por país", []),
        ("Coastlines", "Côtes", "Líneas de costa", [("coastline", "fr")]),
        ("Methane", "Methane", "Metano", [("methane", "fr")]),
    ],
)
def test_the_glossary_sees_what_is_called_otherwise(english, french, spanish, lost):
    found = glossary.departures({"en": english, "fr": french, "es": spanish})
    assert [(term.said["en"][0], lang) for term, lang in found] == lost


def test_a_departure_is_a_warning_with_the_usual_word():
    told = words.load("railroads")
    title = {"en": "Railroads", "fr": "Voies ferrées", "es": "Vías férreas"}
    (found,) = glossary.findings(dataclasses.replace(told, texts={**told.texts, "title": title}))
    assert (found.severity, found.where) == ("warning", "texts.title")
    assert '"railroad" is called "chemin de fer" in fr elsewhere; here: "Voies ferrées"' in found.message


def test_the_glossary_has_each_term_once_and_none_in_vain():
    english = [term.said["en"][0] for term in glossary.terms()]
    assert len(english) == len(set(english)) > 80
    assert all(term.domain and term.source and all(term.said.values()) for term in glossary.terms())
    named = {text["en"].casefold() for slug in SLUGS for _, text in glossary.labels(words.load(slug))}
    stems = " | ".join(" ".join(glossary._stems(name)) for name in named)
    assert not [term for term in english if " ".join(glossary._stems(term)) not in stems]


def test_equal_names_are_equal_in_all_languages_and_everywhere():
    called = defaultdict(set)
    for slug in SLUGS:
        for _, text in glossary.labels(words.load(slug)):
            called[text["en"].casefold()].add((text["fr"].casefold(), text["es"].casefold()))
    assert not {name: told for name, told in called.items() if len(told) > 1}


def _short_texts():
    """All words of the program that are names rather than sentences: of the metadata, the report, the pictures."""
    report = yaml.safe_load(
        (resources.files("naatlas") / "report" / "words.yaml").read_text(encoding="utf-8")
    )
    told = [(f"report.{name}", text) for name, text in report.items()]
    told += [(f"phrases.{name}", text) for name, text in PHRASES.items()]
    told += [(f"{slug}.{name}", text) for slug in SLUGS for name, text in _texts(slug).items()]
    return [(name, text) for name, text in told if len(text["en"]) < 45]


def test_equal_words_are_equal_in_report_pictures_and_metadata():
    """French and Spanish words may agree with another noun."""
    called = defaultdict(lambda: defaultdict(list))
    for name, text in _short_texts():
        said = tuple(" ".join(glossary._stems(text[lang])) for lang in ("fr", "es"))
        called[text["en"].casefold().strip(":. ")][said].append(name)
    assert not {english: dict(said) for english, said in called.items() if len(said) > 1}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_name_is_the_english_one_only_where_the_glossary_has_it_so(slug):
    for where, text in glossary.labels(words.load(slug)):
        for lang in ("fr", "es"):
            if text[lang].casefold() == text["en"].casefold() and re.search(r"[a-z]{3}", text["en"]):
                stems = glossary._stems(text["en"])
                alike = [t for t in glossary.terms() if t.stems("en")[0] == stems and stems in t.stems(lang)]
                assert alike, (where, lang, text)


@pytest.mark.parametrize("slug", SLUGS)
def test_accents_are_whole_and_french_puts_a_space_before_high_signs(slug):
    for name, text in _texts(slug).items():
        assert not re.search("[ÃÂ]|\ufffd|&[a-z]+;", "".join(text.values())), name
        assert not re.search(r"\w[;!?»](\s|$)", text["fr"]), name
        assert not re.search(r"\w:(\s|$)", text["fr"]), name
        assert '"' not in text["fr"] + text["es"], name
        assert text["fr"].count("«") == text["fr"].count("»") == text["fr"].count("« "), name
        assert not re.search(r"« | »|\s[;:?!]", text["es"]), name
        assert not re.search(r"  |\s[,.)]|\(\s", "".join(text.values())), name


def test_a_field_is_called_the_same_in_all_layers():
    called = defaultdict(set)
    for slug in SLUGS:
        for field in registry.load(slug).SPEC.fields:
            called[field.name].add(str(words.load(slug).labels[field.name]))
    assert not {name: labels for name, labels in called.items() if len(labels) > 1}


def test_a_pattern_names_one_field_for_each_code():
    told = words.load("power-plants")
    assert told.label("wind_mw", "fr") == "Puissance : Éolien"
    assert told.label("hg_method", "es") == "Mercurio: método"
    assert "PM2,5" in told.definition("pm25_year", "fr")


def test_what_is_missing_is_empty_until_the_gate_names_it(monkeypatch):
    read = words._read
    own = read("power-plants")
    own["texts"]["abstract"].pop("es")
    del own["texts"]["title"], own["keywords"]["fr"]
    monkeypatch.setattr(words, "_read", lambda slug: own if slug == "power-plants" else read(slug))
    told = words.load.__wrapped__("power-plants")
    assert (told.text("abstract", "es"), told.texts["title"], told.keywords["fr"]) == ("", words.HOLE, ())
    assert told.text("abstract", "fr")


def test_a_text_without_languages_is_refused(monkeypatch):
    read = words._read
    own = read("power-plants")
    own["texts"]["abstract"] = "Power plants."
    monkeypatch.setattr(words, "_read", lambda slug: own if slug == "power-plants" else read(slug))
    with pytest.raises(
        SpecError, match=r"power-plants\.yaml.*texts\.abstract: write a text for each language"
    ):
        words.load.__wrapped__("power-plants")


def test_a_pattern_without_its_table_is_refused(monkeypatch):
    read = words._read
    own = read("power-plants")
    del own["names"]
    monkeypatch.setattr(words, "_read", lambda slug: own if slug == "power-plants" else read(slug))
    with pytest.raises(SpecError, match=r"patterns\.\{pollutant\}_year"):
        words.load.__wrapped__("power-plants")


def test_a_layer_without_words_is_told_which_file_to_write():
    with pytest.raises(SpecError, match=r"write naatlas/metadata/no-such-layer\.yaml"):
        words.load("no-such-layer")
