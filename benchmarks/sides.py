"""Two ways to one end, run in turn, so that whatever else the machine does falls on both alike."""

from __future__ import annotations

import statistics
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_benchmark.fixture import BenchmarkFixture


class Cost(NamedTuple):
    """Seconds on the clock, and of the processor (which others on the machine disturb less)."""

    clock: float
    cpu: float


def call(work: Callable[[], object]) -> Cost:
    """Run something in this process."""
    begun = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - begun[0], time.process_time() - begun[1])


def process(command: Sequence[str]) -> Cost:
    """Run something as a process of its own; its processor time is not known on Windows and 0 there."""
    begun, used = time.perf_counter(), _children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Cost(time.perf_counter() - begun, _children() - used)


def _children() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def in_turn(
    benchmark: BenchmarkFixture, one: Callable[[], Cost], other: Callable[[], Cost], *, rounds: int
) -> tuple[list[Cost], list[Cost]]:
    """Run both sides ``rounds`` times, one after the other; pytest-benchmark times the rounds."""
    costs: tuple[list[Cost], list[Cost]] = ([], [])

    def both() -> None:
        costs[0].append(one())
        costs[1].append(other())

    benchmark.pedantic(both, rounds=rounds, iterations=1)
    return costs


def median(costs: Iterable[Cost]) -> Cost:
    """Return the median of clock and processor, each for itself."""
    clock, cpu = zip(*costs, strict=True)
    return Cost(statistics.median(clock), statistics.median(cpu))


def table(title: str, sides: Mapping[str, tuple[Cost, Cost]], *, target: str) -> str:
    """Lay out medians and ratios: one line a work, naatlas first and then the other way."""
    lines = [f"\n{title}; seconds of clock / processor; target: {target}"]
    for name, (ours, theirs) in sides.items():
        cpu = f" / {theirs.cpu / ours.cpu:.1f}" if ours.cpu else ""
        lines.append(
            f"  {name:14} naatlas {ours.clock:7.3f} / {ours.cpu:7.3f}   other {theirs.clock:8.3f} / {theirs.cpu:8.3f}"
            f"   ratio {theirs.clock / ours.clock:5.1f}{cpu}"
        )
    return "\n".join(lines)
