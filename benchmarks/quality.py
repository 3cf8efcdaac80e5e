"""Average precision relative to the best baseline, on the last 150 days of Online Retail II.

    python benchmarks/quality.py [--shopify RAW_EXPORT.csv]

With `--shopify`, the same history is read through Shopify's raw format too, and both back-tests must be equal.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from measure import ONLINE_RETAIL, frontrow

METRICS = ("auc", "average_precision", "lift_1", "lift_5")


def backtest(file: Path, folder: Path, *options: str) -> dict:
    frontrow("import", str(folder), str(file), *options)
    cost, printed = frontrow("backtest", str(folder), "--json")
    print(f"{file.name}: {cost}")
    return json.loads(printed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shopify", type=Path)
    shopify = parser.parse_args().shopify
    with tempfile.TemporaryDirectory() as temporary:
        result = backtest(ONLINE_RETAIL, Path(temporary) / "plain")
        print(f"{result['launches']} launches")
        for row in result["summary"]:
            if row["metric"] in METRICS:
                print(f"{row['model']:28} {row['metric']:18} {row['mean']:.4f} [{row['low']:.4f}, {row['high']:.4f}]")
        print(f"against the best baseline, {result['best_baseline']}:")
        for row in result["against_best_baseline"]:
            print(
                f"  {row['metric']:18} ratio {row['ratio']:.3f}, "
                f"difference {row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]"
            )
        if shopify is not None:
            options = ("--parent-sku", r"^(\d{5})[A-Za-z]{1,2}$", "--time-zone", "Europe/London")
            on_shopify = backtest(shopify, Path(temporary) / "shopify", *options)
            ours = {(r["product_id"], r["model"], r["metric"]): r["value"] for r in result["values"]}
            theirs = {(r["product_id"], r["model"], r["metric"]): r["value"] for r in on_shopify["values"]}
            print(f"read through Shopify's format: {'the same values' if ours == theirs else 'OTHER VALUES'}")


if __name__ == "__main__":
    main()
