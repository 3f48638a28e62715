"""The commands for the pollutant registers."""

from __future__ import annotations

from pathlib import Path

import click

from naatlas import options
from naatlas.errors import UsageError
from naatlas.shell import FilePath, print_json


@click.command()
@click.argument("definition", required=False, type=FilePath(exists=True, dir_okay=False))
@click.option("--example", is_flag=True, help="Print a definition to start from.")
@click.option(
    "--from",
    "table",
    type=FilePath(exists=True, dir_okay=False),
    help="Long table to take from, NA_PRTRReleases_<edition>_releases.parquet; the one below --out without it.",
)
@options.out
@click.option(
    "--to", type=FilePath(file_okay=False), help="Folder to write; named like the part, here, without it."
)
@options.as_json
def releases(
    definition: Path | None, *, example: bool, table: Path | None, out: Path, to: Path | None, as_json: bool
) -> None:
    """Take a named part of the pollutant registers.

    DEFINITION names the part that a report stands on, in a few lines of YAML: years, countries, substances or groups,
    media, sectors, border zones, matched facilities, what all countries can report. Written are the lines as CSV and
    Parquet, their sums, checksums, and the definition, which takes the same part again. Start with:
    naatlas releases --example > lead.yaml
    """
    from naatlas.register import definition as definitions
    from naatlas.register import subset as parts

    if example:
        click.echo(definitions.EXAMPLE, nl=False)
        return
    if definition is None:
        raise UsageError("name a definition, or print one to start from: naatlas releases --example")
    subset, made = definitions.load(definition)
    told = parts.write(subset, table or _table(out), to or Path(subset.name))
    told["changed"] = bool(made) and made.get("sha256") != told["made_from"]["sha256"]
    if as_json:
        print_json(told)
        return
    grams = f", {told['g']:,.3f} g of dioxins and furans" if told["g"] else ""
    grams += f", {told['g_teq']:,.3f} g of their toxic equivalent" if told["g_teq"] else ""
    click.echo(
        f"{told['folder']}: {told['lines']:,} lines of {told['facilities']:,} facilities, "
        f"{told['kg']:,.1f} kg{grams}"
    )
    if told["changed"]:
        click.echo(f"  it was made from another table before ({made.get('table')}): the sums may differ")


def _table(out: Path) -> Path:
    found = sorted(out.glob("prtr-releases/*/NA_PRTRReleases_*_releases.parquet"))
    if not found:
        raise UsageError(f"{out}: no long table in it; run: naatlas build prtr-releases --out {out}")
    return found[-1]


_store = click.argument("store", type=FilePath(exists=True))
_where = click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE[,VALUE]",
    help="Only lines with one of these values; years may be a span, year=2014-2022. Can be given again.",
)


@click.command()
@_store
@click.option("--by", default="country,year", show_default=True, help="Columns to add up by, with commas.")
@_where
@click.option("--out", type=FilePath(dir_okay=False), help="Write the table to this .csv or .parquet.")
@options.cluster
@options.resume
@options.as_json
def sums(
    store: Path, *, by: str, where: tuple[str, ...], out: Path | None, cluster: str | None, resume: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Add up a register that is larger than memory.

    STORE is a folder of Parquet files by country and year (country=USA/year=2023), or the one file of a product,
    NA_PRTRReleases_<edition>_releases.parquet. The table has distinct facilities, lines, kg and g. The sums are exact:
    they have the same bits here and on a cluster.
    """
    from naatlas.cluster import session
    from naatlas.register import aggregate, tables

    path = out and tables.named(out)
    with session("sums", cluster=cluster, resume=resume) as run:
        told = aggregate(store, by.split(","), tables.conditions(where), run=run)
        if path:
            tables.save(told, path)
    if as_json:
        click.echo(told.to_json(orient="records", force_ascii=False))
    elif out:
        click.echo(f"{out}: {len(told):,} rows")
    else:
        click.echo(told.to_string(index=False, max_rows=40))


@click.command()
@_store
@click.argument("polygons")
@click.option("--by", required=True, metavar="FIELD", help="Field of the polygons that names the zones.")
@click.option(
    "--sum-by",
    default="group,medium",
    show_default=True,
    help="Columns of the register to add up by in each zone, with commas; empty for none.",
)
@_where
@click.option(
    "--only",
    multiple=True,
    metavar="FIELD=VALUE[,VALUE]",
    help="Only polygons with one of these values, such as level=4. Can be given again.",
)
@click.option(
    "--facilities",
    type=FilePath(exists=True, dir_okay=False),
    help="Where facilities stand: atlas_id, longitude, latitude. Without it facilities.parquet in STORE, or the "
    "features of the product beside its file.",
)
@click.option(
    "--out", required=True, type=FilePath(dir_okay=False), help="Write the table to this .csv or .parquet."
)
@options.data("where POLYGONS is a layer")
@options.cluster
@options.resume
@options.as_json
def loadings(  # noqa: PLR0913 - one a choice of the caller, by keyword
    store: Path, polygons: str, *, by: str, sum_by: str, where: tuple[str, ...], only: tuple[str, ...],
    facilities: Path | None, out: Path, data: Path | None, cluster: str | None, resume: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Add up a register by polygon.

    STORE is as for sums; POLYGONS is a file, or a layer such as watersheds. A facility counts in the polygon that its
    point lies in. What lies in none stands in the table too, with an empty zone, and its facilities in a second file
    beside it: in = out + outside, to the last billionth. Of the watersheds of one level:
    naatlas loadings STORE watersheds --by atlas_id --only level=4 --out loadings.csv
    """
    from naatlas import loadings as room
    from naatlas.cluster import session
    from naatlas.register.tables import named
    from naatlas.register.zones import CALLS

    path, columns = named(out), [name for name in sum_by.split(",") if name]
    with session("loadings", cluster=cluster, resume=resume, calls=CALLS) as run:
        told = room.by_polygon(
            store,
            polygons,
            by,
            sum_by=columns,
            where=where,
            only=only,
            facilities=facilities,
            data=data,
            run=run,
        )
        files = room.write(told, path)
    if as_json:
        print_json({"files": [str(path) for path in files]} | room.summary(told))
        return
    click.echo(room.text(told, files))


COMMANDS = (releases, sums, loadings)
