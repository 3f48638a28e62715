"""The command line: parse, call, print. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from naatlas import __version__, cli_build, cli_publish, cli_raster, cli_register, options
from naatlas.languages import LANGUAGES
from naatlas.shell import DATA_FAILED, DEBUG_HELP, Commands, FilePath, RasterPath, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.raster.address import Place
    from naatlas.spec import Language

_schemas = click.option(
    "--schemas",
    type=FilePath(exists=True, file_okay=False),
    help="Folder with XML schemas of metadata standards, looked into before the installed packages.",
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help=DEBUG_HELP)
def main(*, debug: bool) -> None:
    """Make the map layers of the North American Environmental Atlas.

    Exit status: 0 done, 1 the data failed, 2 wrong usage.
    """


@main.command("list")
@options.as_json
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
@options.as_json
def info(layer: str, lang: Language, *, as_json: bool) -> None:
    """Tell what a layer is: words, fields, gaps."""
    from naatlas import inform

    told = inform.layer(layer, lang)
    print_json(told) if as_json else click.echo(inform.layer_text(told))


@main.command()
@click.argument("layer")
@options.data("without it the starter inputs in the package are used")
@options.edition
@options.as_json
def sources(layer: str, data: Path | None, edition: str | None, *, as_json: bool) -> None:
    """List the files a layer needs, and which lack.

    With landing page and licence of each, so that what is missing can be got.
    """
    from naatlas import inform

    told = inform.sources(layer, data, edition)
    print_json(told) if as_json else click.echo(inform.sources_text(told))


@main.command()
@click.argument("path", type=FilePath(exists=True))
@click.option("--layer", help="Judge a delivered file against this layer's specification.")
@_schemas
@options.as_json
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
@options.as_json
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
@options.out
@options.edition
@click.option("--product", type=FilePath(exists=True), help="GeoPackage or product folder to read.")
@options.as_json
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
@options.as_json
def new(slug: str, into: Path, *, as_json: bool) -> None:
    """Write the skeleton of a new layer.

    SLUG is its name, such as hazardous-waste. The skeleton builds into a draft at once; the gate then names
    what is to be written before the layer can be published.
    """
    from naatlas import skeleton

    files = skeleton.write(slug, into)
    print_json([str(path) for path in files]) if as_json else click.echo(skeleton.text(slug, files, into))


@main.command()
@click.argument("path", type=RasterPath(dir_okay=True))
@options.as_json
def inspect(path: Place, *, as_json: bool) -> None:
    """Look into an unknown input file.

    Tells its format, encoding, sheets, columns with their first values, coordinate system. PATH may be the address
    of a raster: s3://bucket/key or https://host/path.
    """
    from naatlas import inform
    from naatlas.sources import inspect as inspecting

    told = inspecting.inspect(path)
    print_json(told) if as_json else click.echo(inform.file_text(told))


@main.command()
@options.as_json
def doctor(*, as_json: bool) -> None:
    """Check the installation.

    Libraries, projection data, and environment variables that break them.
    """
    from naatlas import health

    told = health.examine()
    print_json(told) if as_json else click.echo(health.text(told))
    if not all(check["ok"] for check in told):
        sys.exit(DATA_FAILED)


for _command in (*cli_build.COMMANDS, *cli_publish.COMMANDS, *cli_raster.COMMANDS, *cli_register.COMMANDS):
    main.add_command(_command)
