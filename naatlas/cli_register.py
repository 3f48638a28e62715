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
    from naatlas.register import subset as parts

    if example:
        click.echo(parts.EXAMPLE, nl=False)
        return
    if definition is None:
        raise UsageError("name a definition, or print one to start from: naatlas releases --example")
    subset, made = parts.load(definition)
    told = parts.write(subset, table or _table(out), to or Path(subset.name))
    told["changed"] = bool(made) and made.get("sha256") != told["made_from"]["sha256"]
    if as_json:
        print_json(told)
        return
    grams = f", {told['g']:,.3f} g of dioxins and furans" if told["g"] else ""
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


@click.command()
@click.argument("store", type=FilePath(exists=True, file_okay=False))
@click.option("--by", default="country,year", show_default=True, help="Columns to add up by, with commas.")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="COLUMN=VALUE[,VALUE]",
    help="Only lines with one of these values; years may be a span, year=2014-2022. Can be given again.",
)
@click.option("--out", type=FilePath(dir_okay=False), help="Write the table to this .csv or .parquet.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Let the workers of this Dask scheduler do it, such as tcp://10.0.0.5:8786.",
)
@options.as_json
def sums(
    store: Path, *, by: str, conditions: tuple[str, ...], out: Path | None, cluster: str | None, as_json: bool
) -> None:
    """Add up a register that is larger than memory.

    STORE is a folder of Parquet files by country and year (country=USA/year=2023). The table has distinct facilities,
    lines, kg and g. The sums are exact: they have the same bits here and on a cluster.
    """
    from naatlas.register import tables

    told = tables.sums(store, by.split(","), conditions, cluster=cluster)
    if out:
        tables.save(told, out)
    if as_json:
        click.echo(told.to_json(orient="records", force_ascii=False))
    elif out:
        click.echo(f"{out}: {len(told):,} rows")
    else:
        click.echo(told.to_string(index=False, max_rows=40))


COMMANDS = (releases, sums)
