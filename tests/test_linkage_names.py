"""Names made comparable: what is thrown away, and what must stay."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naatlas.harmonize.names import normal, relation, split_company, take_apart


def _one(name: str) -> str:
    return str(normal(pd.Series([name])).iloc[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C.C.C. Pdte. Benito Juárez", "Ciclo Combinado Presidente Benito Juarez"),
        ("Central Hidroeléctrica Ing. Fernando Hiriart", "C.H. Fernando Hiriart"),
        ("Parc éolien de la Côte-de-Beaupré", "Côte-de-Beaupré Wind Farm"),
        ("Stipa Nayaa, S. A. P. I. De C. V.", "STIPA NAYAA"),
        ("Compañía de Generación Valladolid, S. de R. L. de C. V.", "Compañia de Generacion Valladolid"),
        ("Tembec Inc", "Tembec Ltée"),
        ("C.E. Oaxaca Uno", "Parque Eólico Oaxaca I"),
        ("St-Léon", "Saint Leon"),
        ("Ste. Marguerite", "Sainte-Marguerite"),
        ("E.B. Campbell GS", "E B Campbell Generating Station"),
        ("L'Anse-à-Valleau", "Anse Valleau"),
        ("Auld's Mountain", "Auld\N{RIGHT SINGLE QUOTATION MARK}s Mountain"),
        ("Kingsbridge I Wind Power", "Kingsbridge 1 wind farm"),
        ("Sarnia LFG", "Sarnia Landfill Gas"),
        ("Gila River Power Block 1", "PB1 - Gila River"),
    ],
)
def test_two_spellings_of_a_name_become_one(one: str, other: str):
    assert sorted(_one(one).split()) == sorted(_one(other).split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lingan Generating Station coal", "Lingan Wind"),
        ("Bersimis-1", "Bersimis-2"),
        ("Cerro Prieto II", "Cerro Prieto III"),
        ("Mayo A", "Mayo B"),
        ("Upper Salmon", "Lower Salmon"),
        ("Belleville North", "Belleville South"),
        ("Eastmain-1", "Eastmain-1-A"),
        ("Salamanca", "Cogeneración Salamanca"),
        ("Presidente Juárez (Rosarito) (Vapor)", "Presidente Juárez (Rosarito) (CC)"),
        ("Summer Solar A2", "Summer Solar B2"),
    ],
)
def test_what_tells_two_plants_apart_stays(one: str, other: str):
    assert _one(one) != _one(other)


def test_brackets_and_slashes_give_alternatives():
    variants = take_apart(pd.Series(["Raúl J. Marsal (Comedero)", "Grand Falls / Grand Sault"])).variants
    assert {"comedero", "raul j marsal"} <= set(variants.loc[variants["position"] == 0, "core"])
    assert {"grand falls", "grand sault"} <= set(variants.loc[variants["position"] == 1, "core"])


def test_a_reversed_name_keeps_its_words():
    assert set(_one("Juárez, Benito (Samalayuca)").split()) == set(_one("Benito Juárez (Samalayuca)").split())


def test_marks_are_numbers_directions_and_closing_letters():
    names = pd.Series(
        ["Cerro Prieto I II III y IV", "Upper Bonnington", "Mayo A", "T-Bone Wind (10)", "St. Léon 1 / 2"]
    )
    assert take_apart(names).marks.tolist() == ["1 2 3 4", "upper", "a", "10", "1 2"]


def test_relation_of_marks():
    ours, theirs = ["1", "1 2", "1", "", ""], ["2", "2 3", "1", "1", ""]
    assert relation(ours, theirs).tolist() == [-1.0, 0.5, 1.0, 0.0, 1.0]
    assert relation(["upper 1"], ["1 lower"]).tolist() == [-1.0]


def test_company_and_plant_are_cut_where_no_legal_form_stands():
    text = pd.Series(
        [
            "FUERZA Y ENERGIA, S.A. DE C.V.,CENTRAL TUXPAN III",
            "ABENT 3T S.A.P.I DE C.V",
            "A, S. DE R.L.",
            None,
        ]
    )
    told = split_company(text)
    assert told["company"].tolist() == ["FUERZA Y ENERGIA", "ABENT 3T S.A.P.I DE C.V", "A", ""]
    assert told["plant"].tolist() == ["CENTRAL TUXPAN III", "ABENT 3T S.A.P.I DE C.V", "A", ""]


@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=8))
def test_any_text_has_a_normal_form_that_is_stable_and_plain(names: list[str | None]):
    told = normal(pd.Series(names, dtype="object"))
    assert len(told) == len(names)
    assert told.str.fullmatch(r"[0-9a-z ]*").all()
    assert normal(pd.Series(names, dtype="object")).tolist() == told.tolist()


@given(
    st.sampled_from(["Cerro Prieto", "Chute-des-Passes", "La Grande", "Summer Solar"]),
    st.integers(1, 12),
    st.integers(1, 12),
)
def test_numbers_are_never_lost(name: str, one: int, other: int):
    ours, theirs = take_apart(pd.Series([f"{name} {one}", f"{name}-{other}"])).marks
    assert (ours == theirs) == (one == other)
