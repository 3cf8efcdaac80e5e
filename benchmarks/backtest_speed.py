"""The back-test of every launch: under 90 s of one core, and growing no faster than the shop.

python benchmarks/backtest_speed.py [--sizes 20000,60000,200000]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from measure import ONLINE_RETAIL, Cost, frontrow

from frontrow import SyntheticShop

EVERY_LAUNCH = ("--test-days", "520", "--refit-days", "60", "--min-buyers", "1")


def timed(folder: Path, *options: str) -> tuple[Cost, int]:
    cost, printed = frontrow("backtest", str(folder), "--json", *options, one_core=True)
    return cost, json.loads(printed)["launches"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="20000,60000,200000")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        if ONLINE_RETAIL.is_file():
            folder = Path(temporary) / "real"
            frontrow("import", str(folder), str(ONLINE_RETAIL))
            cost, launches = timed(folder, *EVERY_LAUNCH)
            print(f"Online Retail II, {launches} launches tested: {cost}; {cost.cpu / 90:.2f} of the 90 s allowed")
        first = None
        for size in sizes:
            folder = Path(temporary) / str(size)
            SyntheticShop(customers=size, seed=1).write(folder)
            cost, launches = timed(folder)
            first = first or (size, cost)
            print(
                f"{size:,} customers, {launches} launches: {cost}; "
                f"{size / first[0]:.1f} times the customers, {cost.cpu / first[1].cpu:.1f} times the CPU"
            )


if __name__ == "__main__":
    main()
