"""Peak memory of lists for 200,000 customers x 20,000 products, against 50,000 customers: it grows with the history.

    python benchmarks/recommend_memory.py [--models item_to_item,bm25,tifu_knn,two_stage] [--customers 50000,200000]
                                          [--products 20000] [--orders 6] [--lists N] [--json]

Made-up purchases: orders of 5 lines, products by a long tail within one of 100 tastes. Each model and size runs as a
separate process. `above` is the peak during fit and lists of ten, minus the memory in use before them; `table` is the
memory that the scores of all customers and products would take. Seconds are of the processor, over all threads. With
`--lists`, that many customers get a list, and the seconds of all are estimated: blocks are alike.
"""

from __future__ import annotations

import argparse
import json
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
LINES_PER_ORDER, TASTES = 5, 100


def purchases(customers: int, products: int, orders: int = 6, seed: int = 0) -> Interactions:
    """Random purchases."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(customers, dtype=np.int32), orders * LINES_PER_ORDER)
    order = np.arange(len(customer), dtype=np.int32) // LINES_PER_ORDER
    day = TODAY - 1 - np.sort(rng.integers(0, 600, (customers, orders)), axis=1)[:, ::-1].reshape(-1)
    products_per_taste = products // TASTES
    rank = (products_per_taste * rng.random(len(customer)) ** 2.5).astype(np.int32)
    any_taste = rng.integers(0, TASTES, len(customer))
    taste = np.where(rng.random(len(customer)) < 0.8, (customer * 7919) % TASTES, any_taste)
    columns = {"customer": customer, "product": (rank * TASTES + taste).astype(np.int32), "order": order}
    lines = pl.DataFrame(columns).with_columns(
        day=pl.Series(day.astype(np.int32)[order]), quantity=pl.lit(1), **_empty_context()
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


def measure(model: str, interactions: Interactions, list_count: int) -> dict[str, str | int | float]:
    """Fit, rank lists for the customers, and return memory and seconds."""
    customers, products = interactions.shape
    before = megabytes("VmRSS")
    used = time.process_time()
    fitted = get_recommender(model).fit(interactions, seed=0)
    fitted_at, fit_peak = time.process_time(), megabytes("VmHWM")
    queries = interactions.queries().block(0, list_count)
    lists = top_k(fitted, queries, k=10, candidates=np.ones(products, dtype=np.bool_))
    lists_seconds = (time.process_time() - fitted_at) * customers / max(len(lists), 1)
    return {
        "model": model,
        "customers": customers,
        "products": products,
        "lines": interactions.lines.height,
        "lists": len(lists),
        "fit_seconds": round(fitted_at - used, 1),
        "lists_seconds": round(lists_seconds, 1),
        "fit_peak_megabytes": round(fit_peak),
        "peak_megabytes": round(megabytes("VmHWM")),
        "above_megabytes": round(megabytes("VmHWM") - before),
        "table_megabytes": round(customers * products * 4 / 1024**2),
    }


def describe(row: dict[str, str | int | float]) -> str:
    of_lists = "" if row["lists"] == row["customers"] else f" (from {row['lists']:,} of them)"
    together = float(row["fit_seconds"]) + float(row["lists_seconds"])
    return (
        f"{row['model']:14} {row['customers']:9,} x {row['products']:,}, {row['lines']:,} lines: "
        f"fit {row['fit_seconds']:,.0f} s, lists of all {row['lists_seconds']:,.0f} s{of_lists}, "
        f"together {together:,.0f} s of CPU; peak {row['peak_megabytes']:,} MB, above {row['above_megabytes']:,} MB, "
        f"table {row['table_megabytes']:,} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="item_to_item,bm25,tifu_knn,two_stage")
    parser.add_argument("--customers", default="50000,200000")
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--orders", type=int, default=6, help="of each customer")
    parser.add_argument("--lists", type=int, default=10**9, help="largest number of lists; all blocks cost the same")
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    parser.add_argument("--alone", action="store_true", help="measure one model and one size in this process")
    arguments = parser.parse_args()
    if arguments.alone:
        interactions = purchases(int(arguments.customers), arguments.products, arguments.orders)
        row = measure(arguments.models, interactions, arguments.lists)
        print(json.dumps(row) if arguments.json else describe(row))
        return
    for model in arguments.models.split(","):
        for customers in arguments.customers.split(","):
            child = ["--models", model, "--customers", customers, "--products", str(arguments.products)]
            child += ["--orders", str(arguments.orders), "--lists", str(arguments.lists), "--alone"]
            child += ["--json"] if arguments.json else []
            print(run(sys.argv[0], *child)[1], end="", flush=True)


if __name__ == "__main__":
    main()
