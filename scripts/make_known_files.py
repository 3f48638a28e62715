"""Write naatlas/data/known_files.csv: which files the specifications were written for.

Usage: NAATLAS_DATA=FOLDER python scripts/make_known_files.py
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

from naatlas import registry
from naatlas.sources import known
from naatlas.sources.locate import describe

TARGET = known.table_path()


def main() -> None:
    """Describe every file that is there; what is not there keeps the line it had."""
    data = Path(os.environ["NAATLAS_DATA"])
    told = dict(known.files())
    for slug in registry.slugs():
        for source in registry.spec(slug).sources:
            path = data / source.path
            if not source.packaged and path.is_file():
                found = describe(source, path, data)
                told[source.path] = known.Known(found.sha256, found.size)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "sha256", "size"))
        writer.writerows((name, *told[name]) for name in sorted(told))
    print(f"{TARGET}: {len(told)} files")


if __name__ == "__main__":
    main()
