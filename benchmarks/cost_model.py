"""What each step of `scale.py` costs a million order lines, and what a shop too large to measure here would cost.

    python benchmarks/cost_model.py RESULTS... [--lines 10000000000] [--machines 80] [--processors 4] [--price 0.16]

RESULTS are files of `python benchmarks/scale.py --json` at two sizes or more. The CPU seconds of a step are fitted as

    per_million * (lines / 1,000,000) + fixed

by least squares of the relative errors, so that a small shop counts as much as a large one. Then the time on a cluster:
the part that grows is divided by all processors, the fixed part is not, and the price is that of all machines for so
long. It is an estimate from below: no machine waits, and none is slower than the one that was measured. A step that
runs on one machine only is divided all the same; docs/scale.md says which these are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MILLION: Final = 1_000_000
COLUMNS: Final = f"{'step':24} {'s/million':>10} {'fixed s':>8} {'off by':>7} {'CPU h':>9} {'clock h':>9} {'price':>9}"


@dataclass(frozen=True)
class Cluster:
    """Machines that are paid for by the hour.

    Attributes:
        machines: How many.
        processors: Of each machine.
        price: Of each machine for an hour.
    """

    machines: int
    processors: int
    price: float


@dataclass(frozen=True)
class Cost:
    """What a step costs.

    Attributes:
        per_million: CPU seconds a million order lines.
        fixed: CPU seconds whatever the size.
        largest_error: The largest relative difference between the fit and what was measured.
    """

    per_million: float
    fixed: float
    largest_error: float

    def seconds(self, lines: float) -> float:
        """CPU seconds of a shop of so many order lines."""
        return self.per_million * lines / MILLION + self.fixed

    def hours_on(self, cluster: Cluster, lines: float) -> float:
        """Hours of clock on a cluster where no machine waits."""
        shared = self.per_million * lines / MILLION / (cluster.machines * cluster.processors)
        return (shared + self.fixed) / 3600


def fit_cost(measured: Iterable[tuple[float, float]]) -> Cost:
    """Fit the cost of a step.

    Args:
        measured: Order lines and CPU seconds of each run, of two sizes or more.

    Example:
        >>> fit_cost([(1_000_000, 7.0), (10_000_000, 52.0)])
        Cost(per_million=5.0, fixed=2.0, largest_error=0.0)
    """
    runs = [(lines / MILLION, seconds) for lines, seconds in measured]
    # each equation divided by its seconds: a * x / y + b / y = 1
    xx = sum((x / y) ** 2 for x, y in runs)
    xb = sum(x / y**2 for x, y in runs)
    bb = sum(1 / y**2 for x, y in runs)
    x1, b1 = sum(x / y for x, y in runs), sum(1 / y for x, y in runs)
    per_million = (x1 * bb - b1 * xb) / (xx * bb - xb**2)
    fixed = (b1 - per_million * xb) / bb
    if fixed < 0:
        per_million, fixed = x1 / xx, 0.0
    largest = max(abs((per_million * x + fixed) / y - 1) for x, y in runs)
    return Cost(round(per_million, 6), round(fixed, 6), round(largest, 6))


def read_runs(files: Iterable[Path]) -> dict[str, dict[int, float]]:
    """The CPU seconds of every step that was done, by step and order lines; a later file counts over an earlier one."""
    runs: dict[str, dict[int, float]] = {}
    for file in files:
        for text in file.read_text("utf-8").splitlines():
            row = json.loads(text)
            if row["outcome"] == "done":
                runs.setdefault(row["step"], {})[row["lines"]] = row["cpu_seconds"]
    return runs


def main() -> None:
    """Print a row for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--lines", type=int, default=10_000_000_000)
    parser.add_argument("--machines", type=int, default=80)
    parser.add_argument("--processors", type=int, default=4)
    parser.add_argument("--price", type=float, default=0.1632, help="of a machine for an hour")
    arguments = parser.parse_args()
    cluster = Cluster(arguments.machines, arguments.processors, arguments.price)
    print(COLUMNS)
    for step, sizes in read_runs(arguments.results).items():
        if len(sizes) < 2:
            continue
        cost = fit_cost(sizes.items())
        work, hours = cost.seconds(arguments.lines) / 3600, cost.hours_on(cluster, arguments.lines)
        print(
            f"{step:24} {cost.per_million:10.2f} {cost.fixed:8.1f} {cost.largest_error:7.0%} "
            f"{work:9,.1f} {hours:9,.2f} {hours * cluster.machines * cluster.price:9,.2f}"
        )


if __name__ == "__main__":
    main()
