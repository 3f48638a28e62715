"""The commands for what goes online: KML of any file, guided tours, the root document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from naatlas import options
from naatlas.languages import LANGUAGES
from naatlas.shell import FilePath, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.spec import Language


@click.command()
@click.argument("file", type=FilePath(exists=True))
@click.option("--layer", help="Layer of the file, where it holds several.")
@click.option(
    "--style", metavar="STYLE", help="Styles file (.yaml), QGIS style (.qml), or a colour such as #0072b2."
)
@click.option(
    "--class-field", metavar="COLUMN", help="Column whose values, or steps of values, decide the colour."
)
@click.option(
    "--size-field", metavar="COLUMN", help="Number that the area of point symbols is proportional to."
)
@click.option(
    "--folder-field", metavar="COLUMN", help="Column that makes the folders; the classes without it."
)
@click.option(
    "--name-field", metavar="COLUMN", help="Column that names the features; found by itself where it can."
)
@click.option("--title", help="Title on the map; the name of the file without it.")
@click.option("--credit", help="Whose data these are; stands under the title.")
@click.option("--crs", help="Coordinate system of a file that does not tell it, such as EPSG:4326.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--out", type=FilePath(), help="KMZ to write, or a folder; <file>_<lang>.kmz here without it.")
@options.max_features
@options.max_mb
@options.as_json
def kml(
    file: Path,
    *,
    language: Language,
    out: Path | None,
    max_features: int,
    max_mb: float,
    as_json: bool,
    **wishes: str | None,
) -> None:
    """Write Google Earth KMZ of any vector file.

    FILE is a GeoPackage, shapefile, GeoJSON, FlatGeobuf or whatever else GDAL opens, of points, lines or polygons
    in any coordinate system. The KMZ is of the quality of the atlas's own: balloons with all columns, folders,
    legend, title, and light at any size.
    """
    from naatlas.export.limits import Limits
    from naatlas.publish import anyfile

    limits = Limits(max_features, max_mb)
    told = anyfile.write(file, out, language, anyfile.Wishes(**wishes), limits=limits)
    print_json(told.as_dict()) if as_json else click.echo(told.text())


@click.command()
@click.argument("sites", required=False)
@options.languages
@options.data("charts are drawn from them, and none without it")
@click.option("--layer", help="Make the tour of the largest features of this published layer instead.")
@click.option("--top", type=click.IntRange(1, 50), default=10, show_default=True, help="How many of them.")
@click.option("--by", metavar="FIELD", help="The number that they are the largest by.")
@click.option("--edition", metavar="YEAR", help="Data year of the layer; its default without it.")
@click.option(
    "--out",
    type=FilePath(file_okay=False),
    default="out",
    show_default=True,
    help="Folder below which the products stand; tours go to its folder tours.",
)
@options.as_json
def tour(
    sites: str | None,
    *,
    languages: tuple[Language, ...],
    data: Path | None,
    layer: str | None,
    top: int,
    by: str | None,
    edition: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Write a guided tour for Google Earth.

    SITES is a list of sites: a YAML file, or the name of one in the package, such as monarch. With --layer and --by
    it is the tour of the largest features of a layer that is built.

    A list with sites that nobody confirmed makes a draft, and says so in title and file name.
    """
    from naatlas import product as products
    from naatlas.errors import UsageError
    from naatlas.publish import sites as lists
    from naatlas.publish import top as tops
    from naatlas.publish import tour as tours

    if bool(sites) == bool(layer) or bool(layer) != bool(by):
        raise UsageError(f"name a list of sites ({', '.join(lists.packaged())}), or give --layer and --by")
    if layer and by:
        told = tops.tour(layer, products.product_of(layer, out, edition), count=top, by=by)
    else:
        told = lists.load(str(sites))
    files = tours.publish(told, out, languages, data=data)
    if as_json:
        print_json({"files": [str(path) for path in files], "sites": len(told.sites), "draft": told.draft})
        return
    for path in files:
        click.echo(f"{path}: {len(told.sites)} sites")
    for chart in tours.missing(told, data):
        click.echo(f"  no chart of {chart}: it is not in the data folder {data}")
    if told.draft:
        click.echo("DRAFT, not for release: sites of the list are not confirmed")


@click.command("kml-root")
@click.argument("folder", type=FilePath(exists=True, file_okay=False), metavar="DIR")
@options.languages
@click.option(
    "--refresh",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="Fetch a layer again after so long; when the web server says that it is out of date without it.",
)
@options.as_json
def kml_root(folder: Path, *, languages: tuple[Language, ...], refresh: float | None, as_json: bool) -> None:
    """Write the KML that links all published layers.

    DIR is the folder below which the products stand. One small document a language is written into it, with relative
    links to the KMZ of each layer; drafts and restricted products are left out. Whoever opens it has the newest
    edition, always.
    """
    from naatlas.publish import root

    told = root.write(folder, languages=languages, refresh_s=refresh)
    print_json(told.as_dict()) if as_json else click.echo(told.text())


COMMANDS = (kml, tour, kml_root)
