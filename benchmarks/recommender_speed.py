"""CPU seconds of fit and lists, frontrow against its peers, in one run.

    python benchmarks/recommender_speed.py SHOP [--peer-python PATH] [--cutoff 2011-07-01] [--repeats 3]

SHOP is a folder made by `frontrow import`, of Online Retail II. Every customer gets a list of ten of all
products. Ours starts from the order lines, the peers from tables that are made for them. Ours and the peer's take
turns; the best of each is compared, in seconds of the processor over all threads. Peers: `implicit`, one thread (BM25
and cosine with as many neighbours as ours, ALS with as many factors and its own 15 iterations); RecTools' EASE in an
environment of its own (`--peer-python`: rectools 0.19.0, numpy below 2, pyarrow below 22), left out without one;
TIFU-KNN as its authors wrote it, in NumPy below.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender
from scipy import sparse
from threadpoolctl import threadpool_limits

from frontrow import Shop
from frontrow.models.interactions.interactions import Interactions, build_interactions
from frontrow.models.recommender import Recommender
from frontrow.models.recommenders import als, bm25, ease, item_to_item, tifu_knn
from frontrow.recommend.index import top_k

K = 10
MEASURED_BEFORE = {"TIFU-KNN": 0.8, "BM25 item-to-item": 3.0, "ALS": 5.0, "EASE": 18.0}
"""CPU seconds of the peers in an earlier measurement, for the customers of one window."""


def run_ours(recommender: Recommender, interactions: Interactions) -> float:
    used = time.process_time()
    fitted = recommender.fit(interactions, seed=0)
    top_k(fitted, interactions.queries(), k=K, candidates=np.ones(interactions.shape[1], dtype=np.bool_))
    return time.process_time() - used


def run_implicit(model: object, counts: sparse.csr_matrix) -> float:
    used = time.process_time()
    with threadpool_limits(1, "blas"):
        model.fit(counts, show_progress=False)
        model.recommend(np.arange(counts.shape[0]), counts, N=K, filter_already_liked_items=False)
    return time.process_time() - used


def run_authors_tifu(baskets: list[list[np.ndarray]], products: int) -> float:
    """Vectors a customer at a time, all distances, and the mean of the nearest 100, as in the paper's own program."""
    settings = tifu_knn.TifuKnnSettings()
    used = time.process_time()
    vectors = np.zeros((len(baskets), products), dtype=np.float32)
    for customer, orders in enumerate(baskets):
        size = -(-len(orders) // settings.groups)
        groups = [orders[max(end - size, 0) : end] for end in range(len(orders), 0, -size)][::-1]
        for i, group in enumerate(groups, start=1):
            mean = np.zeros(products, dtype=np.float32)
            for j, basket in enumerate(group, start=1):
                mean[basket] += settings.decay_within ** (len(group) - j) / len(group)
            vectors[customer] += mean * (settings.decay_between ** (len(groups) - i) / len(groups))
    squares = (vectors**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * vectors @ vectors.T
    np.fill_diagonal(distances, np.inf)
    neighbours = np.argpartition(distances, settings.neighbours, axis=1)[:, : settings.neighbours]
    for customer, rows in enumerate(neighbours):
        scores = settings.own_share * vectors[customer] + (1 - settings.own_share) * vectors[rows].mean(axis=0)
        best = np.argpartition(-scores, K)[:K]
        best[np.argsort(-scores[best])]
    return time.process_time() - used


def build_baskets(interactions: Interactions) -> list[list[np.ndarray]]:
    orders = interactions.lines.group_by("customer", "order", maintain_order=True).agg("product")
    baskets: list[list[np.ndarray]] = [[] for _ in range(interactions.shape[0])]
    for customer, products in zip(orders["customer"], orders["product"], strict=True):
        baskets[customer].append(products.unique().to_numpy())
    return baskets


def run_rectools(python: str, counts: sparse.csr_matrix) -> float:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "counts.npz"
        cells = counts.tocoo()
        np.savez(table, customer=cells.row, product=cells.col, lines=np.ones(len(cells.data), dtype=np.float32))
        script = Path(__file__).with_name("recommender_speed_peer.py")
        result = subprocess.run([python, str(script), str(table)], capture_output=True, text=True, check=True)
    return float(result.stdout.split()[-1])


def peer_callables(interactions: Interactions, python: str | None) -> dict[str, Callable[[], float]]:
    counts, baskets = interactions.counts(), build_baskets(interactions)
    als_settings, bm25_settings, cosine_settings = (
        als.AlsSettings(),
        bm25.Bm25Settings(),
        item_to_item.ItemToItemSettings(),
    )
    runs: dict[str, Callable[[], float]] = {
        "TIFU-KNN": lambda: run_authors_tifu(baskets, interactions.shape[1]),
        "BM25 item-to-item": lambda: run_implicit(BM25Recommender(K=bm25_settings.neighbours, num_threads=1), counts),
        "item-to-item": lambda: run_implicit(CosineRecommender(K=cosine_settings.kept, num_threads=1), counts),
        "ALS": lambda: run_implicit(
            AlternatingLeastSquares(factors=als_settings.factors, num_threads=1, random_state=0),
            counts,
        ),
    }
    return runs | ({"EASE": lambda: run_rectools(python, counts)} if python else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--peer-python")
    parser.add_argument("--cutoff", type=dt.date.fromisoformat, default=dt.date(2011, 7, 1))
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    interactions = build_interactions(Shop.read(arguments.shop).as_of(arguments.cutoff))
    customers, products = interactions.shape
    print(f"{customers:,} customers, {products:,} products, {interactions.lines.height:,} order lines")
    peer_runs = peer_callables(interactions, arguments.peer_python)
    for recommender in (module.Recommender() for module in (tifu_knn, bm25, item_to_item, als, ease)):
        name, our_seconds, peer_seconds = recommender.name, [], []
        for _ in range(arguments.repeats):
            our_seconds.append(run_ours(recommender, interactions))
            if name in peer_runs:
                peer_seconds.append(peer_runs[name]())
        comparison = (
            f", peer {min(peer_seconds):5.2f} s, ours / peer {min(our_seconds) / min(peer_seconds):.2f}"
            if peer_seconds
            else ""
        )
        earlier = f" (measured earlier: {MEASURED_BEFORE[name]} s)" if name in MEASURED_BEFORE else ""
        print(f"{name:20} ours {min(our_seconds):5.2f} s CPU{comparison}{earlier}", flush=True)


if __name__ == "__main__":
    main()
