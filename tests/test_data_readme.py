"""data/README.md is generated from the specifications; a stale one fails here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_of_inputs_is_fresh():
    spec = importlib.util.spec_from_file_location(
        "make_data_readme", ROOT / "scripts" / "make_data_readme.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert page == script.page(), "run: python scripts/make_data_readme.py"
    assert "usa-eia-atlas-202311" in page
