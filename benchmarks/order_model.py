"""Who will order at all: the order model beside BG/NBD and a logistic regression on recency, and what it costs.

    python benchmarks/order_model.py SHOP [--cutoffs 2011-01-01,2011-02-01,...] [--customers 200000]

SHOP is a folder that `frontrow import` made of Online Retail II. At each cutoff, every customer with an order so far:
AUC, log loss and predicted over actual of "orders within 30 days", each model fitted on what was known at the cutoff.
"Levelled" is the log loss where every model knew how many would order: what is left is who. Then the CPU seconds of
everything that `frontrow customers` computes for a made-up shop of the given size.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import numpy as np
from scipy.special import expit, logit

from frontrow import Shop
from frontrow.metrics.classification import log_loss
from frontrow.orders.backtest import MODELS, compare_at, summarize
from frontrow.orders.level import find_shift
from frontrow.orders.order_model import OrderModel
from frontrow.orders.settings import OrderSettings
from frontrow.shop.cutoff import EPOCH
from frontrow.synthetic import SyntheticShop

CUTOFFS = "2011-01-01,2011-02-01,2011-03-01,2011-04-01,2011-05-01,2011-06-01"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("--cutoffs", default=CUTOFFS)
    parser.add_argument("--customers", type=int, default=200_000, help="of the made-up shop; 0 for none")
    arguments = parser.parse_args()
    measure_quality(Shop.read(arguments.shop), [dt.date.fromisoformat(day) for day in arguments.cutoffs.split(",")])
    if arguments.customers:
        measure_cost(arguments.customers)


def measure_quality(shop: Shop, cutoffs: list[dt.date]) -> None:
    """Print each model at each cutoff, and at all of them together."""
    history, settings = shop.as_of(), OrderSettings()
    tested = [compare_at(history, (cutoff - EPOCH).days, settings) for cutoff in cutoffs]
    backtest = summarize(tested, None, settings.horizon_days)
    for row in backtest.scores.iter_rows(named=True):
        print(EPOCH + dt.timedelta(days=row["cutoff_day"]), describe(row))
    for row in backtest.pooled.iter_rows(named=True):
        print("all       ", describe(row))
    for model in MODELS:
        losses = [level_log_loss(at.ordered, at.chances[model]) for at in tested]
        print(f"levelled   {model:9s} log loss {np.mean(losses):.4f}")


def level_log_loss(ordered: np.ndarray, chances: np.ndarray) -> float:
    """The log loss of chances that add up to the number of customers who ordered."""
    log_odds = logit(np.clip(chances, 1e-6, 1 - 1e-6))
    return log_loss(ordered, expit(log_odds + find_shift(log_odds, ordered)))


def describe(row: dict) -> str:
    return (
        f"{row['model']:9s} AUC {row['auc']:.4f}  log loss {row['log_loss']:.4f}  predicted over actual "
        f"{row['predicted'] / row['ordered']:.3f} ({row['predicted']:,.0f} / {row['ordered']:,})"
    )


def measure_cost(customers: int) -> None:
    """Print the CPU seconds of the order model, fitted and asked about every customer of a made-up shop."""
    history = SyntheticShop(customers=customers, seed=1).shop().as_of()
    source_ids = history.customers.select("customer_id", "source_id").collect()
    lines = history.lines.collect()
    started = time.process_time(), time.perf_counter()
    forecast = OrderModel.fit(history).forecast(source_ids)
    cpu, wall = time.process_time() - started[0], time.perf_counter() - started[1]
    print(f"{forecast.height:,} customers, {lines.height:,} order lines: {cpu:.1f} s of CPU, {wall:.1f} s")


if __name__ == "__main__":
    main()
