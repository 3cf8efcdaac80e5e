"""Our side of `two_tower.py`, as a separate process.

    python two_tower_ours.py SHOP CUTOFF FOLDER [--epochs 3] [--seed 0] [--threads 0]

The default settings, the towers' own scores: what the recommender makes of them, with popularity, is left out. The
stopwatch runs from the tables to the end, vocabularies and histories included.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from pathlib import Path

import numpy as np
import torch
from two_tower_points import Points, peak_megabytes, report
from two_tower_task import Task

from frontrow.models.neural.bags import PurchaseHistories
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.fit import FittedTowers, TrainingOrders, fit_towers
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower

Shapes = list[tuple[int, int, int]]


def train(task: Task, folder: Path, epochs: int, seed: int) -> tuple[FittedTowers, dict[str, float]]:
    """Fit, and write the embeddings at each point; returns the seconds to the end of the first step too."""
    histories = PurchaseHistories.from_interactions(task.interactions)
    lines_read = 0
    first_step: dict[str, float] = {}

    def record(customer: CustomerTower, product: ProductTower, lines: int) -> None:
        nonlocal lines_read
        if not lines_read:
            first_step.update(points.watch.split())
        lines_read += lines
        points.record(
            lines_read,
            lambda: {
                "customers": customer.embed(task.queries, histories),
                "products": product.embed(task.interactions.products),
            },
        )

    points = Points(folder, task.interactions.lines.height, epochs)
    return fit_towers(task.interactions, TwoTowerSettings(), seed=seed, epochs=epochs, after_step=record), first_step


def steps(task: Task, towers: FittedTowers) -> list[Shapes]:
    """The forward matrix products of each step of an epoch, as rows, inner width and columns."""
    settings = TwoTowerSettings()
    codes = towers.product.fields.encode(task.interactions.products)
    orders = TrainingOrders(task.interactions, towers.customer.fields, codes, settings)
    size, numbers = settings.embedding_size, codes.numbers.shape[1]
    step_shapes = []
    for batch in orders.batches(np.random.default_rng(0)):
        customers, products = len(batch.customers), len(batch.columns)
        shapes = [(customers, size, products), (products, numbers, size)]
        for rows in (customers, products):
            shapes += [(rows, size, size)] * 2 * settings.hidden_layers
        step_shapes.append(shapes)
    return step_shapes


def line_by_line(task: Task) -> list[Shapes]:
    """The matrix products of the peer's step: every line of a batch with every other, through both dense layers."""
    settings = TwoTowerSettings()
    batch, size = settings.batch_lines, settings.embedding_size
    shapes = [(batch, 4 * 32, size), (batch, 2 * 32 + 1, size), (batch, size, batch)]
    return [shapes] * -(-task.interactions.lines.height // batch)


def matrix_products(epoch: list[Shapes]) -> float:
    """CPU seconds of an epoch's matrix products alone: forward, and the two of the same work going back."""
    matrices: dict[tuple[int, int], torch.Tensor] = {}

    def matrix(rows: int, columns: int) -> torch.Tensor:
        return matrices.setdefault((rows, columns), torch.ones(rows, columns))

    tables = [(matrix(m, k), matrix(k, n), matrix(m, n)) for shapes in epoch for m, k, n in shapes]
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for left, right, product in tables:
            left @ right
            product @ right.T
            left.T @ product
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shop", type=Path)
    parser.add_argument("cutoff", type=dt.date.fromisoformat)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0 for what torch takes by itself")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    task = Task.read(options.shop, options.cutoff)
    towers, first_step = train(task, options.folder, options.epochs, options.seed)
    peak = peak_megabytes()
    report(
        options.folder,
        peak_megabytes=peak,
        **first_step,
        own_products=matrix_products(steps(task, towers)),
        line_by_line_products=matrix_products(line_by_line(task)),
    )


if __name__ == "__main__":
    main()
