"""What every record must say in words, whatever it is written as, of every layer there is."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest
from lxml import etree, html

from naatlas import registry
from naatlas.metadata import fgdc, iso19139, page, statements
from naatlas.metadata import words as layer_words
from naatlas.metadata.phrasing import listed, lower_first, same
from naatlas.metadata.record import describe
from naatlas.metadata.terms import citation
from naatlas.model import Finding
from naatlas.spec import LANGUAGES, Gap, OutlierRule
from tests import metadata_samples as samples

SLUGS = registry.slugs()
WORDS = layer_words.load("power-plants")
#: What a reader must find, by statement: words that no true sentence on the matter does without.
MUST = {
    "limits": {
        "en": ("continental scale", "broad level", "must not be used for decisions about a single site"),
        "fr": (
            "à l'échelle du continent",
            "niveau général",
            "ni à des décisions visant un emplacement précis",
        ),
        "es": ("escala continental", "nivel general", "no debe utilizarse para decisiones sobre un sitio"),
    },
    "absence": {
        "en": ("Zero", "never means zero", "not reported", "not required to report"),
        "fr": ("Zéro", "ne signifie jamais zéro", "non déclaré", "déclaration non exigée"),
        "es": ("Cero", "nunca significa cero", "no reportado", "no obligado a reportar"),
    },
    "gaps": {"en": ("",), "fr": ("",), "es": ("",)},
    "comparability": {
        "en": ("compar", "one source"),
        "fr": ("compar", "même source"),
        "es": ("compar", "misma fuente"),
    },
    "outliers": {"en": ("outliers",), "fr": ("valeurs aberrantes",), "es": ("valores atípicos",)},
    "crs": {
        "en": ("without a datum transformation (a null shift)",),
        "fr": ("sans transformation de système de référence géodésique (décalage nul)",),
        "es": ("sin transformación de datum (desplazamiento nulo)",),
    },
}
#: Of these one of the words is enough.
ANY = {"comparability"}


@pytest.fixture(scope="module", params=SLUGS)
def record(request):
    return samples.of_layer(request.param)


def _plain(text):
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def _said(content):
    return _plain(" ".join(str(text) for text in etree.fromstring(content).itertext()))


def test_every_layer_says_what_it_must_in_three_languages(record):
    assert set(record.statements) == set(MUST)
    for name, texts in record.statements.items():
        assert texts, name
        for lang in LANGUAGES:
            told = " ".join(text[lang] for text in texts)
            found = [word in told for word in MUST[name][lang]]
            assert any(found) if name in ANY else all(found), (name, lang, told)


def test_every_page_and_both_standards_carry_every_statement_and_the_citation(record):
    written = {
        lang: _plain(html.document_fromstring(page.write(record, lang)).text_content()) for lang in LANGUAGES
    }
    iso, csdgm = _said(iso19139.write(record)), _said(fgdc.write(record))
    said = [(name, text) for name, texts in record.statements.items() for text in texts]
    for name, text in [*said, ("citation", citation(record))]:
        for lang in LANGUAGES:
            told = _plain(text[lang])
            assert told in written[lang], (name, lang)
            assert told in iso, (name, lang)
            assert told in csdgm, (name, lang)


def test_the_citation_has_the_form_that_the_commission_uses(record):
    told = citation(record)["en"]
    begin = r'Commission for Environmental Cooperation \(CEC\)\. \d{4}\. "[^"]+"\. '
    kind = (
        r"Raster digital data \[.+\]" if record.geometry == "Raster" else r"Vector digital data \[1:[\d,]+\]"
    )
    form = begin + rf".+\. Ed\. [\w-]+, {kind}\."
    assert re.fullmatch(form, told)
    assert f'"{record.title["en"]}"' in told
    assert all(agency in told for agency in record.agencies)


def test_fields_that_tell_kinds_of_absence_apart_are_named():
    told = samples.record().absence
    fields = [f.name for f in samples.SPEC.fields if f.classes == "emission_status" and not f.gap]
    assert len(fields) > 5
    assert all(", ".join(fields) in text for text in told.values())
    assert "pm25_status" not in told["en"]


def test_a_country_without_features_or_values_is_named():
    features = samples.frame().iloc[:2]  # Canada and Mexico
    told = [gap["en"] for gap in describe(samples.layer(features=features), WORDS).gaps]
    assert "United States: the input files hold no feature of this layer for this country." in told
    assert any(gap.startswith("All countries: no value") and "Owner" in gap for gap in told)


def test_a_field_of_one_country_is_named_with_it_and_a_field_of_two_with_the_third():
    features = samples.frame()
    features["owner"] = pd.Series([None, "CFE", None], dtype="str")
    features["operator"] = pd.Series(["Hydro-Québec", "CFE", None], dtype="str")
    told = [gap["fr"] for gap in describe(samples.layer(features=features), WORDS).gaps]
    assert any("un seul pays (Mexique)" in gap and gap.endswith("Propriétaire.") for gap in told)
    assert any(gap.startswith("États-Unis : aucune valeur") and "Exploitant" in gap for gap in told)


def test_what_a_declared_gap_explains_is_not_told_twice():
    told = [gap["en"] for gap in samples.record().gaps]
    assert sum("Sulphur dioxide" in gap and "Canada" in gap for gap in told) == 1
    assert not any("SO2: year" in gap for gap in told)
    npri = next(gap for gap in told if "(NPRI)" in gap)
    assert npri.startswith("Canada: no data for Sulphur dioxide (SO2); Nitrogen oxides (NOx); Mercury (Hg).")


def test_comparability_is_told_by_quantity_and_country_with_years():
    features = samples.frame().assign(
        co2_t=[None, 5.0, 7.0], co2_year=[None, 2021, 2016], co2_comparability=[None, "limited", "limited"]
    )
    features["co2_year"] = features["co2_year"].astype("Int64")
    told = {
        lang: [t[lang] for t in describe(samples.layer(features=features), WORDS).comparability]
        for lang in LANGUAGES
    }
    assert (
        "Carbon dioxide (CO2) \u2013 Canada: no value; "
        "United States: comparable with limits (features: 1), data of 2016; "
        "Mexico: comparable with limits (features: 1), data of 2021." in told["en"]
    )
    assert any(
        "Mexique : comparable avec réserves (entités : 1), données de 2021." in text for text in told["fr"]
    )
    assert any(text.startswith("Capacity; Renewable capacity; ") for text in told["en"])


def test_the_search_for_outliers_is_told_with_what_the_build_found():
    found = Finding(rule="outlier", severity="warning", message="m", count=4)
    told = describe(dataclasses.replace(samples.layer(), findings=(found, found)), WORDS).outliers
    assert told["en"].endswith("Features listed: 8.")
    assert f"Scores above {OutlierRule.far:g}" in told["en"]
    assert f"fewer than {OutlierRule.least} values" in told["en"]
    assert "Oxydes d'azote (NOx) par puissance installée" in told["fr"]


def test_a_gap_without_words_stops_the_layer_and_names_the_place():
    from naatlas.metadata.gate import check_words

    spec = dataclasses.replace(samples.SPEC, gaps=(Gap(field="owner", country="MEX", why="nobody says"),))
    (finding,) = (f for f in check_words(WORDS, spec) if "gap_" in f.where)
    assert (finding.where, finding.severity) == ("texts.gap_owner_MEX", "error")
    told = describe(dataclasses.replace(samples.layer(), spec=dataclasses.replace(spec, gaps=())), WORDS)
    assert not any("nobody says" in gap["en"] for gap in told.gaps)


def test_labels_fit_into_sentences():
    assert lower_first(same("Wind"))["en"] == "wind"
    assert [lower_first(same(name))["es"] for name in ("CO2", "NOx", "PM10", "A")] == [
        "CO2",
        "NOx",
        "PM10",
        "a",
    ]
    assert listed((same("a"), same("b"))) == {"en": "a; b", "fr": "a\u00a0; b", "es": "a; b"}
    assert statements.gap_name(Gap(field="so2_t", country=None, why="w")) == "gap_so2_t_all"
