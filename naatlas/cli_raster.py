"""The commands for rasters: figures of polygons, change between two years, and the way to the grid of the atlas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from naatlas import options
from naatlas.errors import UsageError
from naatlas.shell import FilePath, RasterPath, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from naatlas.raster.address import Place
    from naatlas.regrid import Kind

_data = options.data("for POLYGONS that are a layer")


@click.command()
@click.argument("raster", type=RasterPath())
@click.argument("polygons")
@click.option("--by", required=True, metavar="FIELD", help="Field of the polygons that names the zones.")
@click.option(
    "--change",
    "other",
    type=RasterPath(),
    help="Raster of a later year to compare with.",
)
@click.option("--weights", type=RasterPath(), help="Raster that says how much a cell counts.")
@click.option("--exact", is_flag=True, help="Count each cell by the share that the polygon covers.")
@click.option("--out", type=FilePath(dir_okay=False), help="Write the table to this .csv or .parquet.")
@_data
@options.cluster
@options.resume
@options.as_json
def zonal(  # noqa: PLR0913 - one a choice of the caller, by keyword
    raster: Place, polygons: str, *, by: str, other: Place | None, weights: Place | None, exact: bool, out: Path | None,
    data: Path | None, cluster: str | None, resume: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Tell what a raster says of polygons.

    POLYGONS is a file, or a layer such as political-boundaries. Of classes the table tells the area of each, with
    --change what each became; of a quantity sum, mean, extremes and quantiles. For land cover change inside key
    habitat: naatlas zonal 2005.tif habitat.gpkg --by name --change 2010.tif

    RASTER is a file, or the address of a COG: s3://bucket/key (endpoint and credentials from the environment, AWS_...)
    or https://host/path.
    """
    from naatlas import tabulate
    from naatlas.cluster import session

    if exact and (cluster or resume):
        raise UsageError("--exact goes with neither --cluster nor --resume: it is done in one thread here")
    passes = tabulate.calls(raster, other, weights)
    with session("zonal", cluster=cluster, resume=resume, calls=passes) as run:
        told = tabulate.zones_table(
            raster, polygons, by, other=other, weights=weights, exact=exact, data=data, run=run
        )
        if out:
            tabulate.write(told, out)
    if as_json:
        print_json({"areas": told.attrs["areas"], "rows": json.loads(told.to_json(orient="records"))})
        return
    click.echo(
        f"{out}: {len(told):,} rows" if out else told.to_string(index=False, float_format="{:,.2f}".format)
    )
    click.echo(f"  {told.attrs['areas']}")


@click.command()
@click.argument("first", type=RasterPath())
@click.argument("second", type=RasterPath())
@click.option(
    "--out", required=True, type=FilePath(file_okay=False), help="Folder for the raster and tables."
)
@click.option("--polygons", default="", help="File or layer to count by; the three countries without it.")
@click.option("--by", default="", metavar="FIELD", help="Field of the polygons that names the zones.")
@_data
@options.cluster
@options.resume
@options.as_json
def change(
    first: Place, second: Place, *, out: Path, polygons: str, by: str, data: Path | None, cluster: str | None,
    resume: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Compare two years of a class raster.

    Writes the raster from class to class, the matrix by country or polygon, gains and losses of each class, and
    how many cells changed.
    """
    from naatlas import tabulate
    from naatlas.cluster import session

    passes = tabulate.calls(first, second) + 1  # the last time for the raster
    with session("change", cluster=cluster, resume=resume, calls=passes) as run:
        files = tabulate.write_change(
            first, second, out, polygons=polygons, by=by, data=data, run=run, resume=resume
        )
    if as_json:
        print_json([str(path) for path in files])
        return
    click.echo("\n".join(map(str, files)))
    click.echo(f"  {tabulate.STATEMENT}")


@click.command()
@click.argument("raster", type=RasterPath())
@click.option("--grid", required=True, type=click.Choice(["250m", "30m"]), help="Grid of the atlas.")
@click.option(
    "--cell", type=float, metavar="METRES", help="Larger cells: a whole multiple of those of the grid."
)
@click.option(
    "--kind",
    type=click.Choice(["class", "quantity", "count"]),
    help="What the cells hold; without it the file must say so by names or colours of classes.",
)
@click.option(
    "--out", required=True, type=FilePath(dir_okay=False), metavar="FILE.tif", help="The raster to write."
)
@click.option("--crs", metavar="CRS", help="Coordinate system, where the file tells none or a wrong one.")
@click.option(
    "--nodata",
    type=float,
    metavar="NUMBER",
    help="Number for no data, where the file tells none or a wrong one.",
)
@click.option("--band", type=click.IntRange(min=1), default=1, show_default=True, help="Band to read.")
@click.option("--variable", default="", metavar="NAME", help="Variable of a netCDF file.")
@options.cluster
@options.resume
@options.as_json
def align(  # noqa: PLR0913 - one a choice of the caller, by keyword
    raster: Place, *, out: Path, grid: str, cell: float | None, kind: Kind | None, crs: str | None,
    nodata: float | None, band: int, variable: str, cluster: str | None, resume: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Bring any raster to the grid of the atlas.

    Classes are never averaged: nearest cell, or of a finer raster the class that most of a cell has. Quantities come
    between their neighbours, or as mean. Counts are handed over whole, by area, so that their sum stays. The file is
    a Cloud-Optimized GeoTIFF, with nodata, names and colours of the classes of the source.
    """
    from naatlas import regrid
    from naatlas.cluster import session

    declared = regrid.Declared(crs=crs, nodata=nodata, band=band, variable=variable)
    with session("align", cluster=cluster) as run:  # the parts are journal enough
        told = regrid.regrid(
            raster, out, grid=grid, cell_m=cell, kind=kind, declared=declared, run=run, resume=resume
        )
    print_json(told.summary()) if as_json else click.echo(told.text())


COMMANDS = (zonal, change, align)
