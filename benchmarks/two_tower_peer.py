"""The peer of `two_tower.py`: a two-tower of TensorFlow Recommenders; runs in a separate environment.

    python two_tower_peer.py DATA.npz FOLDER [--log-q] [--epochs 3] [--seed 0]

Customer tower: customer, country, further address fields of the shop, hour, month; product tower: product,
name, type where the shop has it, normalised price. 32 dimensions each, dropout .3 on the customer's, a dense layer to
64. In-batch softmax, Adagrad .1, batches of 1024, all rows shuffled anew each epoch.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs
from two_tower_points import Points, Stopwatch, peak_megabytes, report

BATCH = 1024
DIMENSIONS = 32
TOWER = 64


class Tower(tf.keras.Model):
    """An embedding of each field, side by side, then a dense layer."""

    def __init__(self, sizes: dict[str, int], dropped: str | None = None) -> None:
        super().__init__()
        self.fields = list(sizes)
        self.tables = [tf.keras.layers.Embedding(size, DIMENSIONS) for size in sizes.values()]
        self.dropped = dropped
        self.dropout = tf.keras.layers.Dropout(0.3)
        self.dense = tf.keras.layers.Dense(TOWER)

    def call(self, columns: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Embed rows; shape (rows, 64)."""
        parts = []
        for field, table in zip(self.fields, self.tables, strict=True):
            part = table(columns[field])
            parts.append(self.dropout(part, training=training) if field == self.dropped else part)
        if "price" in columns:
            parts.append(columns["price"][:, None])
        return self.dense(tf.concat(parts, axis=1))


class TwoTower(tfrs.Model):
    """The two-tower model; `shares` of each product among the rows correct the softmax if they are given."""

    def __init__(self, customer: Tower, product: Tower, catalogue: dict, shares: np.ndarray | None) -> None:
        super().__init__()
        self.customer, self.product = customer, product
        self.catalogue = {name: tf.constant(column) for name, column in catalogue.items()}
        self.shares = None if shares is None else tf.constant(shares)
        self.task = tfrs.tasks.Retrieval()

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Loss of a batch, summed; no measures, which would only slow it down."""
        column = features["product"]
        product_features = {name: tf.gather(values, column) for name, values in self.catalogue.items()}
        return self.task(
            self.customer(features, training=training),
            self.product(product_features, training=training),
            candidate_sampling_probability=None if self.shares is None else tf.gather(self.shares, column),
            compute_metrics=False,
        )


def group(task_arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): column for name, column in task_arrays.items() if name.startswith(prefix)}


def batches(rows: dict[str, np.ndarray]) -> tf.data.Dataset:
    """Shuffled batches: numbers are shuffled and rows fetched a batch at a time, which is faster than row by row."""
    columns = {name: tf.constant(column) for name, column in rows.items()}
    count = len(rows["product"])
    numbers = tf.data.Dataset.range(count).shuffle(count).batch(BATCH)
    fetched = numbers.map(
        lambda batch: {name: tf.gather(column, batch) for name, column in columns.items()},
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return fetched.prefetch(tf.data.AUTOTUNE)


class Recorder(tf.keras.callbacks.Callback):
    """Records the points during training; the first batch, which compiles, is not counted."""

    def __init__(self, points: Points, count: int, arrays: Callable[[], dict[str, np.ndarray]]) -> None:
        super().__init__()
        self.points, self.count, self.arrays = points, count, arrays
        self.epoch = 0
        self.first_step: dict[str, float] = {}

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:  # noqa: ARG002
        """Store the number of the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:  # noqa: ARG002
        """Record a point if one is due."""
        if self.epoch == batch == 0:
            self.first_step = self.points.watch.split()
            self.points.watch = Stopwatch()
        self.points.record(self.epoch * self.count + min((batch + 1) * BATCH, self.count), self.arrays)


def train(task_arrays: dict[str, np.ndarray], folder: Path, epochs: int, log_q: bool) -> dict[str, float]:
    """Train, and write the embeddings at each point; returns the seconds of the first batch."""
    rows, catalogue, query_columns = (
        group(task_arrays, "row_"),
        group(task_arrays, "product_"),
        group(task_arrays, "query_"),
    )
    customer = Tower({name: int(task_arrays[f"size_{name}"]) for name in query_columns}, dropped="customer")
    product = Tower({name: int(task_arrays[f"size_{name}"]) for name in catalogue if name != "price"})
    model = TwoTower(customer, product, catalogue, task_arrays["share"] if log_q else None)
    model.compile(optimizer=tf.keras.optimizers.Adagrad(0.1))
    queries = {name: tf.constant(column) for name, column in query_columns.items()}
    embed = tf.function(lambda: (customer(queries), product(model.catalogue)))

    def current_embeddings() -> dict[str, np.ndarray]:
        customers, products = embed()
        return {"customers": customers.numpy(), "products": products.numpy()}

    count = len(rows["product"])
    recorder = Recorder(Points(folder, count, epochs), count, current_embeddings)
    model.fit(batches(rows), epochs=epochs, verbose=0, callbacks=[recorder])
    return recorder.first_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--log-q", action="store_true")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    tf.keras.utils.set_random_seed(options.seed)
    with np.load(options.data) as opened:
        task_arrays = dict(opened)
    first_step = train(task_arrays, options.folder, options.epochs, options.log_q)
    report(options.folder, peak_megabytes=peak_megabytes(), **first_step)


if __name__ == "__main__":
    main()
