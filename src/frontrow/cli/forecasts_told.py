"""How many will buy, in words and tables: what audience and backtest say of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from frontrow.cli import terminal

if TYPE_CHECKING:
    import polars as pl

    from frontrow.launch.backtest.backtest import Backtest


def expected(product: dict[str, Any], horizon_days: int) -> str:
    """How many buyers are expected, of a row of `Audience.expected_buyers`.

    Example:
        >>> row = {"title": "Pot", "customers": 900, "expected_buyers": 21.4, "low": 4.2, "high": 60.9}
        >>> expected({**row, "days_on_sale": 0, "buyers_so_far": 0}, 30)
        'Pot: about 21 buyers expected within 30 days among 900 customers (80 % interval: 5 to 60)'
    """
    customers, days = f"among {product['customers']:,} customers", product["days_on_sale"]
    told = f"{product['title']}: "
    if days:
        told += f"{product['buyers_so_far']:,} of its customers bought in {days} days; "
    within = f"in the {horizon_days - days} days left" if days else f"within {horizon_days} days"
    if product["expected_buyers"] is None:
        return f"{told}ranks {customers}"
    low, high = math.ceil(product["low"]), math.floor(product["high"])
    more = "more buyers" if days else "buyers"
    said = f"about {product['expected_buyers']:,.0f} {more} expected {within}"
    return f"{told}{said} {customers} (80 % interval: {min(low, high):,} to {high:,})"


def print_forecasts(result: Backtest) -> None:
    """What probabilities and numbers of buyers were worth at the launches tested."""
    from frontrow.present.wording import counted

    told = result.forecasts.summary()
    if told["too_few_earlier_launches"]:
        launches = counted(told["too_few_earlier_launches"], "launch", "launches")
        terminal.text(f"{launches} had too few earlier ones to calibrate on.")
    if not told["launches"]:
        return
    _print_summary(told)
    _print_deciles(result.forecasts.deciles)
    if not result.sales.is_empty():
        from frontrow.launch.backtest.sales_days import sales_summary

        _print_sales(sales_summary(result.sales))


def _print_summary(told: dict[str, Any]) -> None:
    ratio = "" if told["predicted_over_actual"] is None else f", {told['predicted_over_actual']:.2f} times as many"
    difference = told["log_loss_difference"]
    terminal.text(
        f"All {told['launches']} launches, small ones too: buyers predicted {told['predicted_buyers']:,.0f}, actual "
        f"{told['actual_buyers']:,.0f}{ratio}. The 80 % intervals held {terminal.percent(told['coverage'])} of them, "
        f"interval score {told['interval_score']:.0f}; those of recent launches alone "
        f"{terminal.percent(told['recent_coverage'])}, {told['recent_interval_score']:.0f} (lower is better)."
    )
    terminal.text(
        f"Expected calibration error {told['expected_calibration_error']:.4f}, over ten groups of equal size. Log loss "
        f"{told['log_loss']:.4f}, of the recent base rate {told['constant_log_loss']:.4f}: {difference['mean']:+.4f} "
        f"[{difference['low']:+.4f}, {difference['high']:+.4f}]."
    )


def _print_deciles(deciles: pl.DataFrame) -> None:
    names = ("tenth of the customers", "customers", "said", "bought")
    rows = [
        (decile, f"{customers:,}", terminal.percent(said, 2), terminal.percent(came, 2))
        for decile, customers, said, came in deciles.iter_rows()
    ]
    title = "Probability said, and share that bought; the last tenth is the most likely"
    terminal.table(title, names, rows, numeric=names)


def _print_sales(days: pl.DataFrame) -> None:
    names = ("days on sale", "launches", "error of the count", "before", "held", "average precision", "before ", "gain")
    rows = [
        (
            row["days"],
            row["launches"],
            f"{row['count_error']:.2f}",
            f"{row['count_error_before']:.2f}",
            terminal.percent(row["coverage"]),
            _known(row["average_precision"]),
            _known(row["average_precision_before"]),
            f"{row['gain']:+.4f} [{row['gain_low']:+.4f}, {row['gain_high']:+.4f}]",
        )
        for row in days.iter_rows(named=True)
    ]
    terminal.table(
        "What each day of sales is worth, on the rest of the window and those who had not bought; before: as at launch",
        names,
        rows,
        numeric=names,
    )
    terminal.text("Error of the count: mean of |log((predicted + 0.5) / (actual + 0.5))|. Held: by the 80 % intervals.")


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
