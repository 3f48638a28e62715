"""The command line: parse, call, print. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from naatlas import __version__, cli_raster, cli_register
from naatlas.cli_publish import COMMANDS
from naatlas.languages import LANGUAGES
from naatlas.shell import DATA_FAILED, DEBUG_HELP, Commands, FilePath, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from naatlas.model import Scale
    from naatlas.product import Product
    from naatlas.spec import Language, Option

FORMATS = ("gpkg", "shp", "kmz", "parquet", "tif", "csv")


_data = click.option(
    "--data",
    envvar="NAATLAS_DATA",
    type=FilePath(exists=True, file_okay=False),
    show_envvar=True,
    help="Folder with the national files; without it the starter inputs in the package are used.",
)
_out = click.option(
    "--out",
    type=FilePath(file_okay=False),
    default="out",
    show_default=True,
    help="Folder below which the products stand.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
_schemas = click.option(
    "--schemas",
    type=FilePath(exists=True, file_okay=False),
    help="Folder with XML schemas of metadata standards, looked into before the installed packages.",
)
_edition = click.option("--edition", metavar="YEAR", help="Data year; the layer's default without it.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help=DEBUG_HELP)
def main(*, debug: bool) -> None:
    """Make the map layers of the North American Environmental Atlas.

    Exit status: 0 done, 1 the data failed, 2 wrong usage.
    """


@main.command("list")
@_json
def list_layers(*, as_json: bool) -> None:
    """List the layers and their editions.

    With the layers that cannot be built without the national files.
    """
    from naatlas import inform

    told = inform.layers()
    print_json(told) if as_json else click.echo(inform.layers_text(told))


@main.command()
@click.argument("layer")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@_json
def info(layer: str, lang: Language, *, as_json: bool) -> None:
    """Tell what a layer is: words, fields, gaps."""
    from naatlas import inform

    told = inform.layer(layer, lang)
    print_json(told) if as_json else click.echo(inform.layer_text(told))


@main.command()
@click.argument("layer")
@_data
@_edition
@_json
def sources(layer: str, data: Path | None, edition: str | None, *, as_json: bool) -> None:
    """List the files a layer needs, and which lack.

    With landing page and licence of each, so that what is missing can be got.
    """
    from naatlas import inform

    told = inform.sources(layer, data, edition)
    print_json(told) if as_json else click.echo(inform.sources_text(told))


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


@main.command(cls=_Build)
@click.argument("layers", nargs=-1, metavar="LAYER...")
@click.option("--group", help="All layers of a group, such as framework, beside those that are named.")
@_data
@_out
@_edition
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
@click.option(
    "--max-features",
    type=click.IntRange(min=20),
    default=1000,
    show_default=True,
    help="Features in view at once in the KMZ; of more, those that matter less are shown from near by.",
)
@click.option(
    "--max-mb",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    help="Size in MB, before compression, of each KML in the KMZ of a layer that is too large for one of 10 MB.",
)
@_json
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
    **options: float | str | None,
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

    chosen = {name: value for name, value in options.items() if value is not None}
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


@main.command()
@click.argument("path", type=FilePath(exists=True))
@click.option("--layer", help="Judge a delivered file against this layer's specification.")
@_schemas
@_json
def validate(path: Path, layer: str | None, schemas: Path | None, *, as_json: bool) -> None:
    """Judge a product, package, KMZ, record or layer.

    PATH is a product folder, a shapefile package, a KMZ, a metadata record, or a layer that somebody else
    delivers (GeoPackage, zipped shapefile): it is told point by point whether it is NAAF-compatible.

    A metadata record may be ISO 19139, ISO 19115-3, FGDC CSDGM (XML, text, page) or of ArcGIS (XML, item page).
    """
    _judge(path, layer, schemas, as_json=as_json)


@main.group("metadata")
def metadata_() -> None:
    """Judge metadata records."""


@metadata_.command("validate")
@click.argument("path", type=FilePath(exists=True))
@_schemas
@_json
def validate_metadata(path: Path, schemas: Path | None, *, as_json: bool) -> None:
    """Judge a metadata record; the same as naatlas validate."""
    _judge(path, None, schemas, as_json=as_json)


def _judge(path: Path, layer: str | None, schemas: Path | None, *, as_json: bool) -> None:
    from naatlas import validation

    told = validation.validate(path, layer=layer, schemas=schemas)
    print_json(told.as_dict()) if as_json else click.echo(told.text())
    if not told.passed:
        sys.exit(DATA_FAILED)


@main.command()
@click.argument("layer")
@click.argument("key")
@_out
@_edition
@click.option("--product", type=FilePath(exists=True), help="GeoPackage or product folder to read.")
@_json
def explain(
    layer: str, key: str, out: Path, edition: str | None, product: Path | None, *, as_json: bool
) -> None:
    """Tell where each value of a feature comes from.

    KEY is its id or its name. Reads the product alone, not the national files.
    """
    from naatlas import explain as explaining
    from naatlas import product as products

    told = explaining.explain(product or products.product_of(layer, out, edition), key)
    print_json(told) if as_json else click.echo(explaining.explain_text(told))


@main.command()
@click.argument("slug")
@click.option(
    "--into",
    type=FilePath(exists=True, file_okay=False),
    default=".",
    show_default=True,
    help="Folder with the source code of naatlas.",
)
@_json
def new(slug: str, into: Path, *, as_json: bool) -> None:
    """Write the skeleton of a new layer.

    SLUG is its name, such as hazardous-waste. The skeleton builds into a draft at once; the gate then names
    what is to be written before the layer can be published.
    """
    from naatlas import skeleton

    files = skeleton.write(slug, into)
    print_json([str(path) for path in files]) if as_json else click.echo(skeleton.text(slug, files, into))


@main.command()
@click.argument("path", type=FilePath(exists=True))
@_json
def inspect(path: Path, *, as_json: bool) -> None:
    """Look into an unknown input file.

    Tells its format, encoding, sheets, columns with their first values, coordinate system.
    """
    from naatlas import inform
    from naatlas.sources import inspect as inspecting

    told = inspecting.inspect(path)
    print_json(told) if as_json else click.echo(inform.file_text(told))


@main.command()
@_json
def doctor(*, as_json: bool) -> None:
    """Check the installation.

    Libraries, projection data, and environment variables that break them.
    """
    from naatlas import health

    told = health.examine()
    print_json(told) if as_json else click.echo(health.text(told))
    if not all(check["ok"] for check in told):
        sys.exit(DATA_FAILED)


for _command in (*COMMANDS, *cli_raster.COMMANDS, *cli_register.COMMANDS):
    main.add_command(_command)
