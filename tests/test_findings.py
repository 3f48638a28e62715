"""Every rule has its words in three languages, and what raises it gives every value that they name."""

from __future__ import annotations

import ast
import string
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import naatlas
from naatlas.errors import SpecError
from naatlas.findings import Item, finding, marked, phrase, rules, tell
from naatlas.model import Finding
from naatlas.spec import LANGUAGES

ROOT = Path(naatlas.__file__).parent
RULES = sorted(rules())


@cache
def modules() -> dict[str, ast.Module]:
    paths = sorted(ROOT.rglob("*.py"))
    return {p.relative_to(ROOT).as_posix(): ast.parse(p.read_text(encoding="utf-8")) for p in paths}


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    told = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in told if isinstance(node.func, ast.Name) and node.func.id == name]


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def texts(rule: str) -> list[dict[str, str]]:
    entry = rules()[rule]
    return [entry["message"], entry["advice"], *entry.get("items", {}).values()]


def test_only_the_catalogue_words_findings():
    """The gate and the judges of records speak to the developer, in English: no report but that of a draft has them."""
    made = {path for path, tree in modules().items() if calls(tree, "Finding")}
    assert "findings/__init__.py" in made
    others = made - {"findings/__init__.py"}
    assert {path.split("/")[0] for path in others} == {"metadata"}
    assert "metadata/licensing.py" not in others


@cache
def raised() -> dict[str, set[str]]:
    """Rules that stand in the code as constants, and the values that calls with a constant rule give."""
    told: dict[str, set[str]] = {}
    for tree in modules().values():
        for call in calls(tree, "finding"):
            values = {k.arg or "*" for k in call.keywords}
            if isinstance(call.args[0], ast.Constant):
                told.setdefault(str(call.args[0].value), set()).update(values)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in rules():
                told.setdefault(str(node.value), {"*"})
    return told


def test_every_rule_that_is_raised_has_words_and_every_rule_with_words_is_raised():
    assert sorted(raised()) == RULES
    assert len(RULES) > 75


@pytest.mark.parametrize("rule", RULES)
def test_the_words_of_a_rule_are_whole_in_three_languages(rule: str):
    for text in texts(rule):
        assert set(text) == set(LANGUAGES)
        assert all(said.strip() == said != "" for said in text.values())
        assert braces(text["en"]) == braces(text["fr"]) == braces(text["es"])
        assert len(set(text.values())) == len(LANGUAGES)
    advice = rules()[rule]["advice"]
    assert not any(said.endswith(".") for said in advice.values())


@pytest.mark.parametrize("rule", RULES)
def test_a_call_gives_every_value_that_the_words_name(rule: str):
    values = raised()[rule]
    if "*" not in values:
        named = braces(rules()[rule]["message"]["en"]) | braces(rules()[rule]["advice"]["en"])
        assert named <= values | {"n"}, rule


def test_numbers_plurals_and_examples_follow_the_language():
    plants = (Item("plant", name="Ouest", plant=1234.5, projects=2.5),)
    found = finding("wind-capacity-differs", "info", ids=("a",) * 1200, share=0.1, gap=-4.5, shown=plants)
    assert found.count == 1200
    assert found.message.startswith("1,200 linked wind plants differ by more than 10% from their projects")
    french, spanish = tell(found, "fr")[0], tell(found, "es")[0]
    assert french.startswith("1\u202f200 parcs éoliens liés diffèrent de plus de 10\u00a0%")
    assert "-4,5 MW" in french
    assert "Ouest : 1234,5 MW" in french
    assert "10\u00a0%" in spanish
    one = finding("wind-capacity-differs", "info", ids=("a",), share=0.1, gap=1.0, shown=plants)
    assert one.message.startswith("1 linked wind plant differs")
    assert tell(one, "fr")[0].startswith("1 parc éolien lié diffère")


def test_three_examples_are_shown_and_the_rest_is_hinted_at():
    ids = tuple("abcde")
    assert finding("geometry-missing", "warning", ids=ids, shown=ids).message.endswith("(a, b, c, ...)")
    assert finding("geometry-missing", "warning", ids=ids, shown=ids[:3]).message.endswith("(a, b, c)")


def test_a_reason_that_the_catalogue_knows_is_translated_and_another_stays():
    assert phrase("all countries", "fr") == "tous les pays"
    assert phrase("something new", "es") == "something new"


def test_a_finding_of_somebody_else_keeps_its_own_words():
    own = Finding(rule="of-a-plug-in", severity="info", message="said so", advice="do so")
    assert tell(own, "fr") == ("said so", "do so")


def test_a_rule_without_words_is_refused():
    with pytest.raises(SpecError, match="rule no-such-rule"):
        finding("no-such-rule", "info")


@given(st.integers(0, 10**9), st.sampled_from(LANGUAGES))
def test_marks_never_lose_a_digit(number: int, language: str):
    text = marked(f"{number:,.2f}", language)
    assert "".join(filter(str.isdigit, text)) == f"{number}00"
