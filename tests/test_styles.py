"""Styles as they are written: what they may say of lines and polygons, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from naatlas import styles
from naatlas.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHOLE = """
field: kind
class_list: kind
line: { width_mm: 0.3 }
outline: "#ABCDEF"
opacity: 0.5
draw: [low, high]
replaces: [land, lakes]
classes:
  high: { colour: "#112233", width_mm: 0.8, fill: false }
  low: { colour: "#445566" }
"""


@pytest.fixture
def style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], styles.Style]:
    """Return what reads a style from its text."""
    monkeypatch.setattr(styles.resources, "files", lambda _: tmp_path)
    (tmp_path / "styles").mkdir()

    def read(text: str) -> styles.Style:
        (tmp_path / "styles" / "sample.yaml").write_text(text, encoding="utf-8")
        styles.load.cache_clear()
        return styles.load("sample")

    yield read
    styles.load.cache_clear()


def test_lines_and_polygons(style: Callable[[str], styles.Style]):
    told = style(WHOLE)
    assert [told.width_mm(code) for code in ("high", "low", None)] == [0.8, 0.3, 0.3]
    assert told.edge("high", "#112233") == "#112233"
    assert told.edge("low", "#445566") == "#abcdef"
    assert told.layers() == {None: 0, "low": 1, "high": 2}
    assert (told.opacity, told.replaces) == (0.5, {"land", "lakes"})


def test_the_first_of_the_legend_lies_on_top_when_nothing_is_said(style: Callable[[str], styles.Style]):
    told = style(WHOLE.replace("draw: [low, high]", ""))
    assert told.layers() == {None: 0, "low": 1, "high": 2}
    plain = style("field: a\nclass_list: a\nclasses: { x: { colour: '#000000' } }")
    assert (plain.line_mm, plain.outline, plain.opacity) == (styles.LINE_MM, styles.OUTLINE, styles.OPACITY)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"#112233"', '"red"', "colour of high is not #rrggbb"),
        ('"#ABCDEF"', '"grey"', "colour of outline is not #rrggbb"),
        ("[low, high]", "[low]", "draw must name every class once"),
        ("[low, high]", "[low, low, high]", "draw must name every class once"),
        ("[land, lakes]", "[land, moon]", "replaces names moon; there are borders, lakes, land, sea"),
        ("opacity: 0.5", "opacity: 50", "opacity lies between 0 and 1"),
        ("width_mm: 0.3", "width_mm: 0", "widths are above 0"),
    ],
)
def test_what_no_product_could_draw_is_refused(
    style: Callable[[str], styles.Style], old: str, new: str, words: str
):
    with pytest.raises(SpecError, match=words):
        style(WHOLE.replace(old, new))
