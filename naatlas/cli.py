"""The command line: parse, call, print. Everything heavy is imported inside the command that needs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from naatlas import __version__, registry
from naatlas.errors import AtlasError, UsageError
from naatlas.spec import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from naatlas.spec import LayerSpec, Option

FORMATS = ("gpkg", "shp", "kmz", "parquet")

_data = click.option(
    "--data",
    envvar="NAATLAS_DATA",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the national files; without it the starter inputs in the package are used.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
_edition = click.option("--edition", metavar="YEAR", help="Data year; the layer's default without it.")


class _Commands(click.Group):
    """Turns errors that naatlas raises on purpose into one line and an exit status: 1 data, 2 usage, 130 Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            _fail(error, 2)
        except AtlasError as error:
            _fail(error, 1)
        except OSError as error:
            _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)
        except KeyboardInterrupt:
            _fail("stopped; the last good product is as it was", 130)
        return None


def _fail(message: object, status: int) -> None:
    click.echo(f"naatlas: {message}", err=True)
    sys.exit(status)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Make the map layers of the North American Environmental Atlas."""


@main.command("list")
@_json
def list_layers(*, as_json: bool) -> None:
    """List the layers and their editions."""
    specs = [registry.spec(slug) for slug in registry.slugs()]
    told = [{"slug": s.slug, "geometry": s.geometry, "editions": [e.name for e in _editions(s)]} for s in specs]
    if as_json:
        return _print_json(told)
    for spec in specs:
        editions = ", ".join(f"{e.name}{' (default)' if e.default else ''}" for e in _editions(spec))
        click.echo(f"{spec.slug:24} {spec.geometry:8} {editions}")
    return None


def _editions(spec: LayerSpec) -> tuple[Any, ...]:
    """Editions of the layer, or of the first layer it stands on."""
    return spec.editions or (_editions(registry.spec(spec.uses[0])) if spec.uses else ())


@main.command()
@click.argument("layer")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@_json
def info(layer: str, lang: str, *, as_json: bool) -> None:
    """Tell what a layer is: its words, fields, units, gaps and limits."""
    from naatlas import inform

    told = inform.layer(layer, lang)  # type: ignore[arg-type]
    _print_json(told) if as_json else click.echo(inform.layer_text(told))


@main.command()
@click.argument("layer")
@_data
@_edition
@_json
def sources(layer: str, data: Path | None, edition: str | None, *, as_json: bool) -> None:
    """List the files a layer needs: found, missing, or another one, with landing page and licence."""
    from naatlas import inform

    told = inform.sources(layer, data, edition)
    _print_json(told) if as_json else click.echo(inform.sources_text(told))


def _layer_options(command: Callable[..., None]) -> Callable[..., None]:
    """Offer the options that the layers declare; a layer that has no such option refuses it."""
    for option in _declared_options():
        command = click.option(
            f"--{option.name.replace('_', '-')}",
            option.name,
            type=float if option.dtype == "real" else str,
            help=f"{option.help} [default: {option.default}]",
        )(command)
    return command


def _declared_options() -> Iterable[Option]:
    told = {o.name: o for slug in registry.slugs() for o in registry.spec(slug).options}
    return sorted(told.values(), key=lambda option: option.name, reverse=True)


@main.command()
@click.argument("layers", nargs=-1, required=True, metavar="LAYER...")
@_data
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out"), show_default=True)
@_edition
@click.option(
    "--format", "formats", type=click.Choice(FORMATS), multiple=True, default=FORMATS[:3], show_default=True
)
@click.option("--scale", type=click.Choice(["10M", "1M"]), default="10M", show_default=True)
@click.option("--lang", "languages", type=click.Choice(LANGUAGES), multiple=True, default=LANGUAGES, show_default=True)
@click.option("--previous", type=click.Path(exists=True, path_type=Path), help="Product to take feature ids over from.")
@_json
@_layer_options
def build(
    layers: tuple[str, ...],
    *,
    data: Path | None,
    out: Path,
    edition: str | None,
    formats: tuple[str, ...],
    scale: str,
    languages: tuple[str, ...],
    previous: Path | None,
    as_json: bool,
    **options: float | str | None,
) -> None:
    """Build layers and publish their products below the output folder."""
    from naatlas import product as products
    from naatlas.progress import progress

    chosen = {name: value for name, value in options.items() if value is not None}
    told = []
    for slug in layers:
        with progress(slug):
            built = products.build(
                slug, data=data, out=out, edition=edition, formats=formats, scale=scale, languages=languages,
                options=chosen, previous=previous,
            )  # type: ignore[arg-type]  # fmt: skip
        told.append(built.summary())
        if not as_json:
            click.echo(built.text())
    if as_json:
        _print_json(told)


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--layer", help="Judge a delivered file against this layer's specification.")
@_json
def validate(path: Path, layer: str | None, *, as_json: bool) -> None:
    """Judge a product, package, KMZ, metadata record, or a layer that somebody else delivers."""
    from naatlas import validation

    told = validation.validate(path, layer=layer)
    _print_json(told.as_dict()) if as_json else click.echo(told.text())
    if not told.passed:
        sys.exit(1)


@main.command()
@click.argument("layer")
@click.argument("key")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out"), show_default=True)
@_edition
@click.option("--product", type=click.Path(exists=True, path_type=Path), help="GeoPackage or product folder to read.")
@_json
def explain(layer: str, key: str, out: Path, edition: str | None, product: Path | None, *, as_json: bool) -> None:
    """Tell where every value of one feature comes from; KEY is its id or its name."""
    from naatlas import explain as explaining
    from naatlas import product as products

    told = explaining.explain(product or products.product_of(layer, out, edition), key)
    _print_json(told) if as_json else click.echo(explaining.explain_text(told))


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_json
def inspect(path: Path, *, as_json: bool) -> None:
    """Look into an unknown input: format, encoding, sheets, columns, coordinate system."""
    from naatlas import inform
    from naatlas.sources import inspect as inspecting

    told = inspecting.inspect(path)
    _print_json(told) if as_json else click.echo(inform.tree_text(told))


@main.command()
@_json
def doctor(*, as_json: bool) -> None:
    """Check the installation: libraries, projection data, environment variables that break them."""
    from naatlas import health

    told = health.examine()
    _print_json(told) if as_json else click.echo(health.text(told))
    if not all(check["ok"] for check in told):
        sys.exit(1)


def _print_json(told: object) -> None:
    click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
