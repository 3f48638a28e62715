"""How time and memory grow: each size a process of its own, and the exponent from one size to the next.

python -m benchmarks.growth register naatlas,cluster,loadings STORE STORE ... (from small to large)
python -m benchmarks.growth polygons generalize,match 0 4 7 10
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[1]
#: Columns that a register is added up by: few groups, and no year among them.
BY = "group,medium"


def told(module: str, *words: str) -> dict[str, float]:
    """Run a way as a process of its own, and return what stands on its last line."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *words]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    facts: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return facts


def lines(store: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in store.glob("country=*/*/*.parquet"))


def register(way: str, stores: list[str]) -> list[dict[str, float]]:
    return [told("register_way", way, store, BY) | {"size": lines(Path(store))} for store in stores]


def polygons(work: str, halvings: list[str]) -> list[dict[str, float]]:
    return [told("polygons_way", work, number) for number in halvings]


def exponent(small: dict[str, float], large: dict[str, float], what: str) -> float:
    """Return the power of the size with which something grows."""
    return math.log(large[what] / small[what]) / math.log(large["size"] / small["size"])


def main() -> None:
    kind, ways, *sizes = sys.argv[1:]
    for way in ways.split(","):
        rows = {"register": register, "polygons": polygons}[kind](way, sizes)
        print(f"\n{way:>18} {'size':>14} {'processor s':>12} {'peak MB':>9}   exponents of both")
        for before, row in zip([None, *rows], rows, strict=False):
            powers = (
                ""
                if before is None
                else f"{exponent(before, row, 'cpu'):9.2f} {exponent(before, row, 'peak_mb'):6.2f}"
            )
            print(
                f"{'':>18} {row['size']:>14,.0f} {row['cpu']:>12.1f} {row['peak_mb']:>9,.0f} {powers}",
                flush=True,
            )


if __name__ == "__main__":
    main()
