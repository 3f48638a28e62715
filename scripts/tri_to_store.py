"""National basic data files of the Toxics Release Inventory to a register store, in bounded memory.

    python scripts/tri_to_store.py STORE 2022=tri_2022_us.csv 2023=tri_2023_us.csv.gz [--rows 10000]

The files are read as those of a state are, by the same crosswalks; a year that is in the store already is replaced.
Then: naatlas sums STORE --by state,medium
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from naatlas.layers._prtr import stream
from naatlas.layers._prtr.tri_files import LAYOUT_122, TRI
from naatlas.ledger import Ledger
from naatlas.model import Work
from naatlas.sources.stream import ROWS
from naatlas.spec import Edition

if TYPE_CHECKING:
    from naatlas.spec import Source

#: Whose publisher, licence and headers the national files have.
LIKE = next(source for source in TRI if LAYOUT_122.facility in source.columns)


def source(year: str, path: Path) -> Source:
    """Declare a national file of the present layout."""
    return replace(
        LIKE, id=f"usa-tri-us-{year}", title=f"Toxics Release Inventory {year}, basic data file, national",
        vintage=year, path=path.name, starter=None,
    )  # fmt: skip


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path)
    parser.add_argument("files", nargs="+", metavar="YEAR=FILE")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows that are held at once")
    asked = parser.parse_args()
    for year, _, name in (text.partition("=") for text in asked.files):
        one = source(year, Path(name))
        work = Work(Edition(name=year, sources=(one.id,)), Ledger())
        account = stream.store_tri([one], Path(name).parent, asked.store, work, rows=asked.rows)
        print(f"{one.id}: {account.rows[one.id]:,} forms, {account.lines[one.id]:,} lines")
        for found in work.findings:
            print(f"  {found.severity}: {found.message}")


if __name__ == "__main__":
    main()
