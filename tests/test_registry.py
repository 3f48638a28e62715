"""Layers are found by file name; a layer that cannot be is one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from naatlas import layers, registry
from naatlas.errors import SpecError, UsageError

MODULE = """
from naatlas.spec import Field, LayerSpec
SPEC = LayerSpec(
    slug={slug!r}, name="X", geometry="Point", key="atlas_id", uses={uses!r},
    fields=(Field(name="atlas_id", dtype="text", required=True),),
)
def combine(tables, work): ...
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write modules into a second folder of naatlas.layers."""
    monkeypatch.setattr(layers, "__path__", [*layers.__path__, str(tmp_path)])

    def add(
        name: str, text: str | None = None, *, slug: str | None = None, uses: tuple[str, ...] = ()
    ) -> Path:
        told = MODULE.format(slug=slug or name.replace("_", "-"), uses=uses) if text is None else text
        path = tmp_path / f"{name}.py"
        path.write_text(told, encoding="utf-8")
        monkeypatch.delitem(sys.modules, f"naatlas.layers.{name}", raising=False)
        return path

    registry._modules.cache_clear()
    registry.load.cache_clear()
    yield add
    registry._modules.cache_clear()
    registry.load.cache_clear()
    for name in [n for n in sys.modules if n.startswith("naatlas.layers.test_")]:
        monkeypatch.delitem(sys.modules, name)


def offer(monkeypatch: pytest.MonkeyPatch, slug: str, module: str) -> None:
    point = EntryPoint(name=slug, value=module, group=registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == registry.GROUP else [])


def test_a_file_is_a_layer(write: Write):
    write("test_dams")
    assert "test-dams" in registry.slugs()
    assert registry.spec("test-dams").slug == "test-dams"


def test_slugs_are_sorted_and_helpers_are_none(write: Write):
    write("_test_helper", "")
    assert list(registry.slugs()) == sorted(registry.slugs())
    assert not [slug for slug in registry.slugs() if slug.startswith(("-", "_"))]


def test_unknown_layer_lists_the_known_ones():
    with pytest.raises(UsageError, match=r"no layer 'nix'; there are .*lakes, .*power-plants, "):
        registry.load("nix")


def test_slug_must_be_the_file_name(write: Write):
    write("test_dams", slug="test-lakes")
    with pytest.raises(SpecError, match="declares slug 'test-lakes'; it must be 'test-dams'"):
        registry.load("test-dams")


def test_circle(write: Write):
    write("test_a", uses=("test-b",))
    write("test_b", uses=("test-c",))
    write("test_c", uses=("test-a",))
    with pytest.raises(SpecError, match="circle: test-a -> test-b -> test-c -> test-a"):
        registry.load("test-a")


def test_layer_on_itself(write: Write):
    write("test_a", uses=("test-a",))
    with pytest.raises(SpecError, match="circle: test-a -> test-a"):
        registry.load("test-a")


def test_two_ways_to_one_layer_are_no_circle(write: Write):
    write("test_a", uses=("test-b", "test-c"))
    write("test_b", uses=("test-c",))
    write("test_c")
    assert registry.spec("test-a").uses == ("test-b", "test-c")


def test_a_run_builds_users_before_what_they_use(write: Write):
    write("test_a")
    write("test_b", uses=("test-a",))
    write("test_c", uses=("test-b",))
    write("test_d")
    assert registry.users_first(("test-d", "test-a", "test-b", "test-c")) == (
        "test-c",
        "test-b",
        "test-d",
        "test-a",
    )


def test_layer_that_is_used_but_not_there(write: Write):
    write("test_a", uses=("nix",))
    with pytest.raises(SpecError, match="layer test-a uses 'nix', which is no layer"):
        registry.load("test-a")


@pytest.mark.parametrize("text", ["", "SPEC = 1\n", "def combine(tables, work): ...\n"])
def test_module_that_is_no_layer(write: Write, text: str):
    write("test_a", text)
    with pytest.raises(SpecError, match="must offer SPEC and combine"):
        registry.load("test-a")


def test_module_that_cannot_be_imported(write: Write):
    write("test_a", "import no_such_library\n")
    with pytest.raises(SpecError, match=r"cannot be imported .*no_such_library"):
        registry.load("test-a")


@pytest.mark.usefixtures("write")
def test_layer_of_another_package(monkeypatch: pytest.MonkeyPatch):
    offer(monkeypatch, "tiny-plants", "tests.tiny")
    assert registry.spec("tiny-plants").name == "TinyPlants"
    assert "tiny-plants" in registry.slugs()


@pytest.mark.usefixtures("write")
def test_another_package_does_not_replace_a_layer(monkeypatch: pytest.MonkeyPatch):
    offer(monkeypatch, "power-plants", "tests.tiny")
    with pytest.raises(SpecError, match=r"tests\.tiny offers layer 'power-plants', which naatlas has itself"):
        registry.slugs()


@pytest.mark.usefixtures("write")
def test_another_package_that_is_gone(monkeypatch: pytest.MonkeyPatch):
    offer(monkeypatch, "fjords", "no_such_package.fjords")
    assert registry.spec("power-plants").slug == "power-plants"
    with pytest.raises(SpecError, match=r"layer fjords: no_such_package\.fjords cannot be imported"):
        registry.load("fjords")
