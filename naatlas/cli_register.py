"""The commands for the pollutant registers."""

from __future__ import annotations

from pathlib import Path

import click

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
@click.option(
    "--out",
    type=FilePath(file_okay=False),
    default="out",
    show_default=True,
    help="Folder below which the products stand.",
)
@click.option(
    "--to", type=FilePath(file_okay=False), help="Folder to write; named like the part, here, without it."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
def releases(
    definition: Path | None, *, example: bool, table: Path | None, out: Path, to: Path | None, as_json: bool
) -> None:
    """Take a part of the pollutant registers, as DEFINITION names it, and write it for a report.

    The definition is a few lines of YAML: years, countries, substances or groups, media, sectors, border zones,
    matched facilities, what all countries can report. Written are the lines as CSV and Parquet, their sums, checksums,
    and the definition, which takes the same part again. Start with: naatlas releases --example > lead.yaml
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


COMMANDS = (releases,)
