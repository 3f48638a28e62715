"""Options that several commands have, each written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from naatlas.languages import LANGUAGES
from naatlas.shell import FilePath

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Decorated = TypeVar("Decorated", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")

out = click.option(
    "--out",
    type=FilePath(file_okay=False),
    default="out",
    show_default=True,
    help="Folder below which the products stand.",
)

edition = click.option("--edition", metavar="YEAR", help="Data year; the layer's default without it.")

languages = click.option(
    "--lang",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    default=LANGUAGES,
    show_default=True,
    help="Give it once for each language.",
)

max_features = click.option(
    "--max-features",
    type=click.IntRange(min=20),
    default=1000,
    show_default=True,
    help="Features in view at once in the KMZ; of more, those that matter less are shown from near by.",
)

max_mb = click.option(
    "--max-mb",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    help="Size in MB, before compression, of each KML in a KMZ that is too large for one file of 10 MB.",
)

cluster = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do it, such as tcp://10.0.0.5:8786.",
)

resume = click.option(
    "--resume",
    type=FilePath(file_okay=False),
    help="Keep what is finished in this folder: the same command, given again after a crash, does what is missing.",
)


def data(told: str) -> Callable[[Decorated], Decorated]:
    """Return the option for the folder with the national files, with what this command does with them."""
    return click.option(
        "--data",
        envvar="NAATLAS_DATA",
        type=FilePath(exists=True, file_okay=False),
        show_envvar=True,
        help=f"Folder with the national files; {told}.",
    )
