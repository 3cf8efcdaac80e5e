"""Full ranking of 10,000 products for 100,000 customers, with every metric: over 1,000 times 9.7 a second.

python benchmarks/evaluation_speed.py [--customers 100000] [--products 10000]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from frontrow.models.interactions.interactions import CONTEXT_SCHEMA, Queries
from frontrow.recommend.evaluate.results import GroupLists, compute_metrics
from frontrow.recommend.evaluate.window import CustomerGroup
from frontrow.recommend.index import top_k

PREVIOUS_SPEED = 9.7
"""Customers a second of the evaluation that this one replaced."""
DIMENSIONS = 64
TARGETS = 5


@dataclass(frozen=True)
class Embeddings:
    """Dot products of customers and products."""

    customers: NDArray[np.float32]
    products: NDArray[np.float32]

    def scores(self, queries: Queries) -> NDArray[np.float32]:
        """Shape (queries, products)."""
        return self.customers[queries.rows] @ self.products.T


def draw_case(customers: int, products: int, rng: np.random.Generator) -> tuple[Embeddings, CustomerGroup]:
    """Random embeddings and targets, and one product in a thousand hidden from each customer."""
    fitted = Embeddings(
        rng.standard_normal((customers, DIMENSIONS), dtype=np.float32),
        rng.standard_normal((products, DIMENSIONS), dtype=np.float32),
    )
    targets = _cells(customers, products, TARGETS, rng)
    hidden = _cells(customers, products, max(1, products // 1_000), rng)
    context = pl.DataFrame({name: [None] * customers for name in CONTEXT_SCHEMA}, schema=CONTEXT_SCHEMA)
    target_counts = np.diff(targets.indptr).astype(np.int64)
    return fitted, CustomerGroup(
        "returning", "never bought", Queries(np.arange(customers), context), targets, target_counts, hidden
    )


def _cells(customers: int, products: int, lines_each: int, rng: np.random.Generator) -> sparse.csr_matrix:
    row = np.repeat(np.arange(customers), lines_each)
    column = rng.integers(0, products, customers * lines_each)
    return sparse.csr_matrix((np.ones(len(row), dtype=np.bool_), (row, column)), shape=(customers, products))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--products", type=int, default=10_000)
    arguments = parser.parse_args()
    fitted, group = draw_case(arguments.customers, arguments.products, np.random.default_rng(0))
    candidates, information = np.ones(arguments.products, dtype=np.bool_), np.ones(arguments.products)
    for k in (10, 100):
        started, used = time.perf_counter(), time.process_time()
        lists = top_k(fitted, group.queries, k=k, candidates=candidates, hidden=group.hidden)
        list_seconds = time.perf_counter() - started
        values = compute_metrics(
            "embeddings", GroupLists(group, lists, candidates, information), (10,), seed=0, draws=1_000
        )
        seconds = time.perf_counter() - started
        cpu = time.process_time() - used
        speed = arguments.customers / seconds
        print(
            f"top {k} of {arguments.products:,} products for {arguments.customers:,} customers: "
            f"lists {list_seconds:.1f} s, "
            f"{values.height} metrics with intervals {seconds - list_seconds:.1f} s, {cpu:.1f} s CPU; "
            f"{speed:,.0f} customers/s, {speed / PREVIOUS_SPEED:,.0f} times {PREVIOUS_SPEED}"
        )


if __name__ == "__main__":
    main()
