"""The skeleton of a new layer: all files that it consists of, ready to build into a draft."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

from naatlas import registry
from naatlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

#: Template -> file, below the folder that holds the source code.
FILES = {
    "layer.py.j2": "naatlas/layers/{module}.py",
    "words.yaml.j2": "naatlas/metadata/{slug}.yaml",
    "style.yaml.j2": "naatlas/styles/{slug}.yaml",
    "crosswalk.csv.j2": "naatlas/crosswalks/{kind}.csv",
    "starter.py.j2": "scripts/make_starter_{module}.py",
}


def write(slug: str, root: Path) -> tuple[Path, ...]:
    """Write module, words, style, crosswalk and starter inputs of a new layer.

    Parameters
    ----------
    root
        The folder with the source code: the one that holds ``naatlas/`` and ``pyproject.toml``.

    Returns
    -------
    The files, and last the starter inputs that the script among them wrote.

    Raises
    ------
    UsageError
        The slug is none or taken, a file is there already, or the folder holds no source code of naatlas.
    """
    names = _names(slug)
    targets = {template: root / path.format(**names) for template, path in FILES.items()}
    _check(slug, root, list(targets.values()))
    for template, path in targets.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(template, names), encoding="utf-8", newline="\n")
    runpy.run_path(str(targets["starter.py.j2"]), run_name="__main__")
    starter = sorted((root / "naatlas" / "data" / "starter").glob(f"{names['module']}_*.csv"))
    return (*targets.values(), *starter)


def _names(slug: str) -> dict[str, str]:
    module = slug.replace("-", "_")
    return {
        "slug": slug,
        "module": module,
        "kind": f"{module}_kind",
        "name": "".join(part.capitalize() for part in slug.split("-")),
        "year": str(datetime.now(tz=UTC).year),
    }


def _check(slug: str, root: Path, targets: Sequence[Path]) -> None:
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"{slug!r}: a layer is named in lower case letters, digits and single hyphens")
    if slug in registry.slugs():
        raise UsageError(f"there is a layer {slug!r} already; choose another name")
    if not (root / "naatlas" / "layers").is_dir() or not (root / "pyproject.toml").is_file():
        raise UsageError(
            f"{root}: holds no source code of naatlas; run it in a checkout, or give --into FOLDER"
        )
    if there := [str(path) for path in targets if path.exists()]:
        raise UsageError(f"{', '.join(there)}: there already; take it away or choose another name")


def _filled(template: str, names: dict[str, str]) -> str:
    import jinja2

    text = (resources.files("naatlas") / "data" / "skeleton" / template).read_text(encoding="utf-8")
    environment = jinja2.Environment(  # noqa: S701 - it is source code and no HTML
        keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(text).render(names)


def text(slug: str, files: Sequence[Path], root: Path) -> str:
    """Tell what was written and what comes next."""
    lines = [f"wrote the skeleton of {slug}:", *(f"  {path.relative_to(root).as_posix()}" for path in files)]
    return "\n".join(
        [
            *lines,
            "next:",
            f"  naatlas build {slug} --draft    a draft from the starter inputs, to look at",
            f"  naatlas build {slug}            names every text that is to be written, and where",
        ]
    )
