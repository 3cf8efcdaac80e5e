"""An audience of 200,000 customers and 700,000 lines with a fitted model: under 10 s and 2 GB.

python benchmarks/audience_speed.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
from measure import frontrow

from frontrow import SyntheticShop
from frontrow.storage.pointer import ORDERS, Pointer


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder, new_products, output = (
            Path(temporary) / "shop",
            Path(temporary) / "new.csv",
            Path(temporary) / "audience.parquet",
        )
        garden = SyntheticShop(customers=200_000, seed=1)
        garden.write(folder)
        garden.upcoming().head(1).select("title", "product_type", "vendor", "price", "tags").write_csv(new_products)
        lines = Pointer.read(folder).tables[ORDERS].rows
        arguments = ("audience", str(folder), "--products", str(new_products), "--output", str(output))
        fitting, _ = frontrow(*arguments)
        scoring, _ = frontrow(*arguments)
        rows = pl.scan_parquet(output).select(pl.len()).collect().item()
        print(f"200,000 customers, {lines:,} lines, {rows:,} customers scored for one product")
        print(f"fit and score: {fitting}")
        print(f"score with a fitted model: {scoring}")
        print(
            f"relative to the limits of 10 s and 2,048 MB: {scoring.wall / 10:.2f}, {scoring.peak_megabytes / 2048:.2f}"
        )


if __name__ == "__main__":
    main()
