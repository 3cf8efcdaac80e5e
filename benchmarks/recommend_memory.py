"""Peak memory of lists for 200,000 customers x 20,000 products, against 50,000 customers: it grows with the history.

    python benchmarks/recommend_memory.py [--models item_to_item,bm25,tifu_knn,two_stage] [--customers 50000,200000]

Made-up purchases: 30 order lines a customer in 6 orders, products by a long tail within one of 100
tastes. Each model and size runs as a separate process. `above` is the peak during fit and lists of ten, minus the
memory in use before them; `table` is the memory that the scores of all customers and products would take.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from measure import run

from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, TEXTS, Interactions
from frontrow.recommend.index import top_k
from frontrow.recommend.registry import get_recommender

TODAY = 20_000
LINES, ORDERS, TASTES = 30, 6, 100


def purchases(customers: int, products: int, seed: int = 0) -> Interactions:
    """Random purchases."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(customers, dtype=np.int32), LINES)
    order = np.arange(customers * LINES, dtype=np.int32) // (LINES // ORDERS)
    day = TODAY - 1 - np.sort(rng.integers(0, 600, (customers, ORDERS)), axis=1)[:, ::-1].reshape(-1)
    products_per_taste = products // TASTES
    rank = (products_per_taste * rng.random(len(customer)) ** 2.5).astype(np.int32)
    any_taste = rng.integers(0, TASTES, len(customer))
    taste = np.where(rng.random(len(customer)) < 0.8, (customer * 7919) % TASTES, any_taste)
    columns = {"customer": customer, "product": (rank * TASTES + taste).astype(np.int32), "order": order}
    lines = pl.DataFrame(columns).with_columns(
        day=pl.Series(day.astype(np.int64)[order]), quantity=pl.lit(1), **_empty_context()
    )
    sold = pl.DataFrame({"product_id": [str(index) for index in range(products)], "last_day": TODAY - 1}).with_columns(
        price=pl.lit(10.0), product_type=pl.lit(None, pl.String), vendor=pl.lit(None, pl.String)
    )
    return Interactions(TODAY, np.arange(customers, dtype=np.int64), sold, lines)


def _empty_context() -> dict[str, pl.Expr]:
    return {name: pl.lit(None, pl.Categorical if name in TEXTS else dtype) for name, dtype in CONTEXT_SCHEMA.items()}


def megabytes(field: str) -> float:
    """Memory of this process on Linux: `VmRSS` at present, `VmHWM` at the peak."""
    with Path("/proc/self/status").open() as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith(field))


def measure(model: str, customers: int, products: int, list_count: int) -> None:
    """Fit, rank lists for the customers, and print memory and seconds."""
    interactions = purchases(customers, products)
    before = megabytes("VmRSS")
    started, used = time.perf_counter(), time.process_time()
    fitted = get_recommender(model).fit(interactions, seed=0)
    lists = top_k(
        fitted, interactions.queries().block(0, list_count), k=10, candidates=np.ones(products, dtype=np.bool_)
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    peak = megabytes("VmHWM")
    table = customers * products * 4 / 1024**2
    print(
        f"{model:14} {customers:8,} x {products:,}: peak {peak:6,.0f} MB, above {peak - before:6,.0f} MB, "
        f"table {table:6,.0f} MB; {seconds:5.0f} s wall, {cpu:5.0f} s CPU, {len(lists):,} lists"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="item_to_item,bm25,tifu_knn,two_stage")
    parser.add_argument("--customers", default="50000,200000")
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--lists", type=int, default=10**9, help="largest number of lists; all blocks cost the same")
    parser.add_argument("--alone", action="store_true", help="measure one model and one size in this process")
    arguments = parser.parse_args()
    if arguments.alone:
        measure(arguments.models, int(arguments.customers), arguments.products, arguments.lists)
        return
    for model in arguments.models.split(","):
        for customers in arguments.customers.split(","):
            arguments_of_child = ("--models", model, "--customers", customers, "--products", str(arguments.products))
            arguments_of_child = (*arguments_of_child, "--lists", str(arguments.lists), "--alone")
            print(run(sys.argv[0], *arguments_of_child)[1], end="", flush=True)


if __name__ == "__main__":
    main()
