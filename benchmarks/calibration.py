"""Probabilities, numbers of buyers and the first days of sales, on the last 150 days of a shop.

    python benchmarks/calibration.py SHOP [--test-days 150]

SHOP is a folder that `frontrow import` made; the metrics in the documentation are of Online Retail II.
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
    arguments = parser.parse_args()
    options = ("--test-days", str(arguments.test_days), "--sales-days", "1,3,7", "--json")
    cost, printed = frontrow("backtest", str(arguments.shop), *options)
    result = json.loads(printed)
    print(f"backtest: {cost}")
    calibration = result["calibration"]
    print(f"{calibration['launches']} launches with a closed window; {result['launches']} of them ranked")
    print_limit(
        "pooled predicted over actual",
        calibration["predicted_over_actual"],
        0.85 <= calibration["predicted_over_actual"] <= 1.15,
    )
    print(f"  raw probabilities: {calibration['raw_over_actual']:.3f}")
    print_limit("coverage of the 80 % intervals", calibration["coverage"], 0.75 <= calibration["coverage"] <= 0.87)
    print(f"  of recent launches alone: {calibration['recent_coverage']:.3f}")
    score, recent = calibration["interval_score"], calibration["recent_interval_score"]
    print_limit(f"interval score, recent launches alone {recent:.2f}", score, score <= recent)
    print_limit(
        "expected calibration error",
        calibration["expected_calibration_error"],
        calibration["expected_calibration_error"] <= 0.001,
    )
    difference = calibration["log_loss_difference"]
    print(
        f"log loss {calibration['log_loss']:.5f}, constant {calibration['constant_log_loss']:.5f}: "
        f"{difference['mean']:+.5f} [{difference['low']:+.5f}, {difference['high']:+.5f}]"
    )
    print("reliability, tenths of the customers: predicted, actual")
    for row in result["reliability"]:
        print(f"  {row['decile']:2} {row['customers']:8,} {row['predicted']:.5f} {row['actual']:.5f}")
    for row in result["sales_days"]:
        print(
            f"day {row['days']}: count error {row['count_error']:.3f}, as at launch {row['count_error_before']:.3f} "
            f"({row['count_error_fall']:+.0%} better); coverage {row['coverage']:.3f}; average precision "
            f"{row['average_precision']:.4f}, gain {row['gain']:+.4f} [{row['gain_low']:+.4f}, {row['gain_high']:+.4f}]"
        )
    week = next(row for row in result["sales_days"] if row["days"] == 7)
    print_limit("day 7: fall of the count's error", week["count_error_fall"], week["count_error_fall"] >= 0.25)
    print_limit("day 7: gain in average precision, lower end", week["gain_low"], week["gain_low"] > 0)


def print_limit(name: str, value: float, is_met: bool) -> None:
    print(f"{name}: {value:.4f} ({'met' if is_met else 'MISSED'})")


if __name__ == "__main__":
    main()
