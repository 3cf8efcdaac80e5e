"""Probabilities, numbers of buyers and the first days of sales, on the last 150 days of a shop: every figure of bar 1.

    python benchmarks/calibration.py SHOP [--test-days 150]

SHOP is a folder that `frontrow import` made; the figures in the documentation are of Online Retail II.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from measure import frontrow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--test-days", type=int, default=150)
    given = parser.parse_args()
    options = ("--test-days", str(given.test_days), "--sales-days", "1,3,7", "--json")
    cost, printed = frontrow("backtest", str(given.shop), *options)
    found = json.loads(printed)
    print(f"backtest: {cost}")
    told = found["calibration"]
    print(f"{told['launches']} launches with a closed window, small ones too; {found['launches']} of them ranked")
    _bar("pooled predicted over actual", told["predicted_over_actual"], 0.85 <= told["predicted_over_actual"] <= 1.15)
    print(f"  raw probabilities: {told['raw_over_actual']:.3f}")
    _bar("coverage of the 80 % intervals", told["coverage"], 0.75 <= told["coverage"] <= 0.87)
    score, recent = told["interval_score"], told["recent_interval_score"]
    _bar(f"interval score, recent launches alone {recent:.2f}", score, score <= recent)
    _bar("expected calibration error", told["expected_calibration_error"], told["expected_calibration_error"] <= 0.001)
    difference = told["log_loss_difference"]
    print(
        f"log loss {told['log_loss']:.5f}, constant {told['constant_log_loss']:.5f}: {difference['mean']:+.5f} "
        f"[{difference['low']:+.5f}, {difference['high']:+.5f}]"
    )
    print("reliability, tenths of the customers: said, bought")
    for row in found["reliability"]:
        print(f"  {row['decile']:2} {row['customers']:8,} {row['predicted']:.5f} {row['actual']:.5f}")
    for row in found["sales_days"]:
        print(
            f"day {row['days']}: count error {row['count_error']:.3f}, as at launch {row['count_error_before']:.3f} "
            f"({row['count_error_fall']:+.0%} better); coverage {row['coverage']:.3f}; average precision "
            f"{row['average_precision']:.4f}, gain {row['gain']:+.4f} [{row['gain_low']:+.4f}, {row['gain_high']:+.4f}]"
        )
    week = next(row for row in found["sales_days"] if row["days"] == 7)
    _bar("day 7: fall of the count's error", week["count_error_fall"], week["count_error_fall"] >= 0.25)
    _bar("day 7: gain in average precision, lower end", week["gain_low"], week["gain_low"] > 0)


def _bar(name: str, value: float, met: bool) -> None:
    print(f"{name}: {value:.4f} ({'met' if met else 'MISSED'})")


if __name__ == "__main__":
    main()
