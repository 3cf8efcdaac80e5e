"""Lists under rules for a large shop: memory depends on a block of customers, not on customers times products.

python benchmarks/lists_speed.py [--customers 200000] [--products 20000]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Queries
from frontrow.recommend.candidates import CANDIDATE_ITEM_SCHEMA
from frontrow.recommend.evaluate.peak_memory import MemoryWatch
from frontrow.recommend.lists import build_lists
from frontrow.recommend.rerank.compile_rules import compile_rules
from frontrow.recommend.rerank.diversify import build_title_similarity
from frontrow.recommend.rerank.past_purchases import PastPurchases
from frontrow.recommend.rerank.rules import AtMost, Rules
from frontrow.schema import conform

DIMENSIONS = 64
BOUGHT_EACH = 20
DAY = 1_000
RULES = {
    "none": Rules(),
    "hide what was bought": Rules("hide"),
    "and at most 2 a type, 3 a vendor": Rules("hide", at_most=AtMost(2, 3)),
    "and diversity .3": Rules("hide", at_most=AtMost(2, 3), diversity=0.3),
}


class Embeddings:
    """Dot products of random customers and products."""

    def __init__(self, customers: int, products: int, rng: np.random.Generator) -> None:
        self.customers = rng.standard_normal((customers, DIMENSIONS), dtype=np.float32)
        self.products = rng.standard_normal((products, DIMENSIONS), dtype=np.float32)

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Shape (queries, products)."""
        return self.customers[queries.rows] @ self.products.T

    def save(self, folder: object) -> None:
        """Does nothing: the benchmark saves no models."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--products", type=int, default=20_000)
    arguments = parser.parse_args()
    watch, rng = MemoryWatch(), np.random.default_rng(0)
    fitted = Embeddings(arguments.customers, arguments.products, rng)
    items = _items(arguments.products, rng)
    past_purchases = _past_purchases(arguments.customers, arguments.products, rng)
    context = pl.DataFrame({name: [None] * arguments.customers for name in CONTEXT_SCHEMA}, CONTEXT_SCHEMA)
    queries = Queries(np.arange(arguments.customers), context)
    similarity = build_title_similarity(items["title"].to_list())
    for name, rules in RULES.items():
        watch.restart()
        started, used = time.perf_counter(), time.process_time()
        compiled = compile_rules(items, rules, k=10, past_purchases=past_purchases, compare=lambda: similarity)
        build_lists("embeddings", fitted, queries, compiled)
        wall, cpu = time.perf_counter() - started, time.process_time() - used
        peak = watch.peak()
        memory = "" if peak is None else f", {peak:,.0f} MB with the data"
        size = f"top 10 of {arguments.products:,} for {arguments.customers:,}"
        print(f"{name}: {size}: {cpu:.1f} s CPU, {wall:.1f} s{memory}")


def _items(products: int, rng: np.random.Generator) -> pl.DataFrame:
    word_numbers = rng.integers(0, 3_000, (products, 4))
    columns = {
        "product_id": [f"p{index}" for index in range(products)],
        "title": [" ".join(f"word{number}" for number in row) for row in word_numbers],
        "product_type": [f"type {index % 30}" for index in range(products)],
        "vendor": [f"vendor {index % 50}" for index in range(products)],
        "last_day": [DAY - 1] * products,
    }
    return conform(pl.DataFrame(columns), CANDIDATE_ITEM_SCHEMA)


def _past_purchases(customers: int, products: int, rng: np.random.Generator) -> PastPurchases:
    row = np.repeat(np.arange(customers), BOUGHT_EACH)
    column = rng.integers(0, products, len(row))
    day = rng.integers(DAY - 200, DAY, len(row)).astype(np.int32)
    last_day = sparse.coo_matrix((day, (row, column)), shape=(customers, products)).tocsr()
    return PastPurchases(DAY, last_day, np.full(products, 30, dtype=np.float32))


if __name__ == "__main__":
    main()
