"""Pages from Jinja templates: everything escaped and cleaned, and a name that is missing is an error."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from naatlas.text import clean

if TYPE_CHECKING:
    from jinja2 import Template


def template(folder: str, name: str) -> Template:
    """Return a template of the package.

    Parameters
    ----------
    folder
        Below naatlas, such as ``report``; templates that it includes lie there too.
    """
    return _environment(folder).get_template(name)


@cache
def _environment(folder: str) -> Environment:
    def read(name: str) -> str:
        return (resources.files("naatlas") / folder / name).read_text(encoding="utf-8")

    return Environment(
        loader=FunctionLoader(read),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else clean(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
