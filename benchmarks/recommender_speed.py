"""CPU seconds of fit and lists, ours against the peers', in one run.

    python benchmarks/recommender_speed.py SHOP [--peer-python PATH] [--cutoff 2011-07-01] [--repeats 3]

SHOP is a folder made by `frontrow import`, of Online Retail II. Every known customer gets a list of ten of all
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
from frontrow.recommend.retrieve.index import top_k

K = 10
MEASURED_BEFORE = {"TIFU-KNN": 0.8, "BM25 item-to-item": 3.0, "ALS": 5.0, "EASE": 18.0}
"""CPU seconds that were measured of the peers on another occasion, for the customers of one window."""


def ours(recommender: Recommender, known: Interactions) -> float:
    used = time.process_time()
    fitted = recommender.fit(known, seed=0)
    top_k(fitted, known.queries(), k=K, candidates=np.ones(known.shape[1], dtype=np.bool_))
    return time.process_time() - used


def of_implicit(model: object, counts: sparse.csr_matrix) -> float:
    used = time.process_time()
    with threadpool_limits(1, "blas"):
        model.fit(counts, show_progress=False)
        model.recommend(np.arange(counts.shape[0]), counts, N=K, filter_already_liked_items=False)
    return time.process_time() - used


def tifu_of_its_authors(baskets: list[list[np.ndarray]], products: int) -> float:
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
    near = np.argpartition(distances, settings.neighbours, axis=1)[:, : settings.neighbours]
    for customer, rows in enumerate(near):
        scores = settings.own_share * vectors[customer] + (1 - settings.own_share) * vectors[rows].mean(axis=0)
        best = np.argpartition(-scores, K)[:K]
        best[np.argsort(-scores[best])]
    return time.process_time() - used


def baskets_of(known: Interactions) -> list[list[np.ndarray]]:
    orders = known.lines.group_by("customer", "order", maintain_order=True).agg("product")
    found: list[list[np.ndarray]] = [[] for _ in range(known.shape[0])]
    for customer, products in zip(orders["customer"], orders["product"], strict=True):
        found[customer].append(products.unique().to_numpy())
    return found


def of_rectools(python: str, counts: sparse.csr_matrix) -> float:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "counts.npz"
        cells = counts.tocoo()
        np.savez(table, customer=cells.row, product=cells.col, lines=np.ones(len(cells.data), dtype=np.float32))
        script = Path(__file__).with_name("recommender_speed_peer.py")
        run = subprocess.run([python, str(script), str(table)], capture_output=True, text=True, check=True)
    return float(run.stdout.split()[-1])


def peers(known: Interactions, python: str | None) -> dict[str, Callable[[], float]]:
    counts, baskets = known.counts(), baskets_of(known)
    of_als, of_bm25, of_cosine = als.AlsSettings(), bm25.Bm25Settings(), item_to_item.ItemToItemSettings()
    found: dict[str, Callable[[], float]] = {
        "TIFU-KNN": lambda: tifu_of_its_authors(baskets, known.shape[1]),
        "BM25 item-to-item": lambda: of_implicit(BM25Recommender(K=of_bm25.neighbours, num_threads=1), counts),
        "item-to-item": lambda: of_implicit(CosineRecommender(K=of_cosine.kept, num_threads=1), counts),
        "ALS": lambda: of_implicit(
            AlternatingLeastSquares(factors=of_als.factors, num_threads=1, random_state=0),
            counts,
        ),
    }
    return found | ({"EASE": lambda: of_rectools(python, counts)} if python else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--peer-python")
    parser.add_argument("--cutoff", type=dt.date.fromisoformat, default=dt.date(2011, 7, 1))
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    known = build_interactions(Shop.read(asked.shop).as_of(asked.cutoff))
    print(f"{known.shape[0]:,} customers, {known.shape[1]:,} products, {known.lines.height:,} order lines")
    rivals = peers(known, asked.peer_python)
    for recommender in (module.Recommender() for module in (tifu_knn, bm25, item_to_item, als, ease)):
        name, mine, theirs = recommender.name, [], []
        for _ in range(asked.repeats):
            mine.append(ours(recommender, known))
            if name in rivals:
                theirs.append(rivals[name]())
        said = f", peer {min(theirs):5.2f} s, ours / peer {min(mine) / min(theirs):.2f}" if theirs else ""
        before = f" (measured before: {MEASURED_BEFORE[name]} s)" if name in MEASURED_BEFORE else ""
        print(f"{name:20} ours {min(mine):5.2f} s CPU{said}{before}", flush=True)


if __name__ == "__main__":
    main()
