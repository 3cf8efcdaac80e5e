"""The first audience of a large shop, which fits the model, and the second one: CPU seconds by part.

    python benchmarks/audience_speed.py [--customers 190000] [--one-core]

A shop of 190,000 customers, 700,000 lines and 100 launches to learn from: the first audience under 40 s of CPU, the
second under 5 s.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import polars as pl
from measure import Cost, run

from frontrow import SyntheticShop
from frontrow.storage.pointer import ORDERS, Pointer

LIMITS = (40.0, 5.0)
"""CPU seconds of the first and the second audience of 190,000 customers."""


def write_shop(folder: Path, new_products: Path, customers: int) -> int:
    """Write a garden shop and a new product; returns its order lines."""
    garden = SyntheticShop(customers=customers, seed=1, launches_a_month=3.0, lines_a_year=1.8)
    garden.write(folder)
    garden.upcoming().head(1).select("title", "product_type", "vendor", "price", "tags").write_csv(new_products)
    return Pointer.read(folder).tables[ORDERS].rows


def measure_audience(arguments: tuple[str, ...], *, one_core: bool) -> tuple[Cost, dict[str, float]]:
    """Cost of an audience, and its CPU seconds by part."""
    script = Path(__file__).with_name("audience_parts.py")
    cost, printed = run(str(script), *arguments, one_core=one_core)
    return cost, json.loads(printed.splitlines()[-1])["parts"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=190_000)
    parser.add_argument("--one-core", action="store_true", help="Polars and LightGBM use one thread.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, new_products = Path(temporary) / "shop", Path(temporary) / "new.csv"
        lines = write_shop(folder, new_products, options.customers)
        outputs = [Path(temporary) / name for name in ("first.parquet", "second.parquet")]
        measured = [
            measure_audience(
                (str(folder), "--products", str(new_products), "--output", str(output)), one_core=options.one_core
            )
            for output in outputs
        ]
        rows, again = (pl.read_parquet(output) for output in outputs)
    print(f"{options.customers:,} customers, {lines:,} lines, {rows.height:,} customers scored for one product")
    (first, first_parts), (second, second_parts) = measured
    print(f"first: {first}\nsecond: {second}\nthe second gives the same table: {rows.equals(again)}")
    print(f"{'CPU seconds':90} first second")
    for part in sorted({**first_parts, **second_parts}, key=lambda part: -first_parts.get(part, 0.0)):
        print(f"{part:90} {first_parts.get(part, 0.0):5.1f} {second_parts.get(part, 0.0):6.1f}")
    shares = [cost.cpu / limit for cost, limit in zip((first, second), LIMITS, strict=True)]
    print(f"relative to the limits of {LIMITS[0]:.0f} s and {LIMITS[1]:.0f} s: {shares[0]:.2f}, {shares[1]:.2f}")


if __name__ == "__main__":
    main()
