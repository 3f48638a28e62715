"""The command that the rest is for: layers built and published."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from naatlas import options
from naatlas.languages import LANGUAGES
from naatlas.shell import FilePath, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from naatlas.model import Scale
    from naatlas.product import Product
    from naatlas.spec import Language, Option

FORMATS = ("gpkg", "shp", "kmz", "parquet", "tif", "csv")


class _Build(click.Command):
    """Takes the options that the layers declare beside its own; a layer that has no such option refuses it."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Add them late: a layer that cannot be loaded must not break the other commands."""
        own = super().get_params(ctx)
        return [*own[:-1], *(_as_click(option) for option in _declared_options()), own[-1]]


def _as_click(option: Option) -> click.Option:
    return click.Option(
        [f"--{option.name.replace('_', '-')}", option.name],
        type=float if option.dtype == "real" else str,
        help=f"{option.help}  [default: {option.default}]",
    )


def _declared_options() -> Iterable[Option]:
    from naatlas import registry

    told = {o.name: o for slug in registry.slugs() for o in registry.spec(slug).options}
    return sorted(told.values(), key=lambda option: option.name)


@click.command(cls=_Build)
@click.argument("layers", nargs=-1, metavar="LAYER...")
@click.option("--group", help="All layers of a group, such as framework, beside those that are named.")
@options.data("without it the starter inputs in the package are used")
@options.out
@options.edition
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help="Give it once for each format; the product holds these and no others. [default: gpkg, shp and kmz; of a "
    "raster tif, kmz and csv]",
)
@click.option(
    "--scale",
    type=click.Choice(["10M", "1M"]),
    default="10M",
    show_default=True,
    help="1M goes to a folder of its own, <edition>-1M, or <edition>-1M-from10M where the sources are drawn at "
    "1:10,000,000: it has finer tolerances then, and no more detail.",
)
@click.option(
    "--lang",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    default=LANGUAGES,
    show_default=True,
    help="Give it once for each language, the one of map and report first; another choice than all "
    "goes to a folder of its own, such as <edition>-fr.",
)
@click.option(
    "--previous",
    type=FilePath(exists=True),
    help="Product (its folder or GeoPackage) to take feature ids over from.",
)
@click.option(
    "--draft",
    is_flag=True,
    help="Write what may not be published yet too, marked as a draft, to <edition>-draft.",
)
@options.max_features
@options.max_mb
@options.as_json
def build(  # noqa: PLR0913 - one a flag
    layers: tuple[str, ...],
    *,
    as_json: bool,
    edition: str | None,
    formats: tuple[str, ...],
    languages: tuple[Language, ...],
    scale: Scale,
    data: Path | None,
    out: Path,
    previous: Path | None,
    group: str | None,
    draft: bool,
    max_features: int,
    max_mb: float,
    **own: float | str | None,
) -> None:
    """Build layers and publish their products.

    Nothing is written of a layer whose metadata are incomplete or invalid, or that breaks a rule of quality;
    what lacks, and where to write it, is told. --draft writes it all the same, marked as a draft.

    A layer that cannot be built does not stop the others: what it lacks is told at the end, and the exit
    status is 1.

    A layer's own options, such as --min-mw, select features: the product goes to a folder of its own, such as
    <edition>-min50mw, and never replaces the default one.
    """
    from naatlas import product as products
    from naatlas import registry
    from naatlas.export.limits import Limits

    chosen = {name: value for name, value in own.items() if value is not None}
    slugs = registry.users_first(_wanted(layers, group))
    for slug in slugs:  # before the first of them takes its minutes
        registry.spec(slug).edition(edition)
        registry.spec(slug).choose(chosen)
        products.wishes(registry.spec(slug), formats or None, scale=scale, previous=previous)
    make = partial(
        products.build, data=data, out=out, edition=edition, formats=formats or None, scale=scale, languages=languages,
        options=chosen, previous=previous, draft=draft, shelf={},
        kml=Limits(max_features, max_mb),
    )  # fmt: skip
    _tell(_each(slugs, make), as_json=as_json)


def _wanted(layers: tuple[str, ...], group: str | None) -> tuple[str, ...]:
    """Return the layers that are named and those of the group, each once."""
    from naatlas import registry
    from naatlas.errors import UsageError

    slugs = tuple(dict.fromkeys((*layers, *(registry.group(group) if group else ()))))
    if not slugs:
        raise UsageError("name a layer or a --group; naatlas list shows them")
    return slugs


def _tell(products: Iterable[Product], *, as_json: bool) -> None:
    """Tell of each product as it is published, or of all at the end in JSON."""
    told = []
    try:
        for built in products:
            told.append(built.summary())
            if not as_json:
                click.echo(built.text())
    finally:  # a program that reads this must know of the layers that are published, whatever came after them
        if as_json and told:
            print_json(told)


def _each(slugs: tuple[str, ...], make: Callable[[str], Product]) -> Iterator[Product]:
    """Build layer by layer; what is in the way of some is raised when all others are published."""
    from naatlas.errors import AtlasError, LayersError, UsageError
    from naatlas.progress import progress

    failed: dict[str, AtlasError] = {}
    for slug in slugs:
        try:
            with progress(slug):
                built = make(slug)
        except AtlasError as error:
            if len(slugs) == 1 or isinstance(error, UsageError):
                raise
            failed[slug] = error
        else:
            yield built
    if failed:
        raise LayersError(failed, asked=len(slugs))


COMMANDS = (build,)
