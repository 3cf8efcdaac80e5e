"""Fitting both towers: steps of complete orders in a random sequence, and their in-batch softmax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import CONTEXT, Interactions
from frontrow.models.neural.bags import Bags, PurchaseHistories, expand_spans, slice_bags
from frontrow.models.neural.losses import in_batch_softmax
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.models.neural.training import TrainingResult, TrainingSettings, get_weights, train
from frontrow.models.neural.two_tower.fields import ContextFields, ProductCodes, ProductFields
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower
from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class Batch:
    """The orders of one step, and the distinct products on their lines.

    Attributes:
        customers: Row + 1 of the customer of each order, 0 where it is hidden; int64 (orders,).
        context: Rows of the context fields; int64 (orders, fields).
        bought: Products that each customer bought before the order.
        products: The distinct products, some of them without their id.
        columns: Column of each distinct product; int64 (products,).
        line_orders: Order of each line, as its index in the step; int64 (lines,).
        line_products: Product of each line, as its index in `products`; int64 (lines,).
        counts: Number of lines of each product; float32 (products,).
        weights: Weight of each line; float32 (lines,).
    """

    customers: NDArray[np.int64]
    context: NDArray[np.int64]
    bought: Bags
    products: ProductCodes
    columns: NDArray[np.int64]
    line_orders: NDArray[np.int64]
    line_products: NDArray[np.int64]
    counts: NDArray[np.float32]
    weights: NDArray[np.float32]


class TrainingOrders:
    """The orders that the towers learn from.

    Args:
        interactions: The order lines.
        fields: Context fields.
        products: Every product of the interactions, encoded.
        settings: Dropout, half-life, length of the history, size of a step.

    Attributes:
        lines: Number of order lines.
        log_q: Log of each product's share of the lines, weighted by age; float32 (products,). The negatives are drawn
            from all lines, so the share among recent lines favours products on the rise: on validation windows, this
            found a tenth more of the never-bought products than the unweighted share.
    """

    def __init__(
        self, interactions: Interactions, fields: ContextFields, products: ProductCodes, settings: TwoTowerSettings
    ) -> None:
        order = interactions.lines["order"].to_numpy()
        self._settings = settings
        self._codes = products
        self._histories = PurchaseHistories.from_interactions(interactions)
        self._line_products = interactions.lines["product"].to_numpy().astype(np.int64)
        first_lines = np.flatnonzero(np.diff(order, prepend=-1))
        self._starts = np.append(first_lines, len(order)).astype(np.int64)
        self._customers = interactions.lines["customer"].to_numpy()[first_lines].astype(np.int64)
        self._context = fields.encode(interactions.lines[first_lines].select(CONTEXT))
        age = interactions.cutoff_day - interactions.lines["day"].to_numpy()
        self._weights = (0.5 ** (age / settings.half_life_days)).astype(np.float32)
        self.lines = len(order)
        weighted = np.bincount(self._line_products, weights=self._weights, minlength=interactions.shape[1])
        self.log_q = np.log(np.maximum(weighted, 1e-9) / max(weighted.sum(), 1e-9)).astype(np.float32)

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield every order once, in a random sequence."""
        shuffled = rng.permutation(len(self._customers))
        ends = np.cumsum(np.diff(self._starts)[shuffled])
        if len(shuffled) == 0:
            return
        cuts = np.searchsorted(ends, np.arange(self._settings.batch_lines, ends[-1], self._settings.batch_lines))
        for orders in np.split(shuffled, np.unique(cuts)):
            if len(orders):
                yield self._batch(orders, rng)

    def _batch(self, orders: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        starts, ends = self._starts[orders], self._starts[orders + 1]
        lines, _ = expand_spans(starts, ends)
        columns, line_products, counts = np.unique(self._line_products[lines], return_inverse=True, return_counts=True)
        without_history = rng.random(len(orders)) < self._settings.history_dropout
        without_id = without_history | (rng.random(len(orders)) < self._settings.customer_dropout)
        hidden_products = rng.random(len(columns)) < self._settings.product_dropout
        return Batch(
            customers=np.where(without_id, 0, self._customers[orders] + 1),
            context=self._context[orders],
            bought=self._bought_before(orders, without_history),
            products=self._codes.take(columns).hide_ids(hidden_products),
            columns=columns,
            line_orders=np.repeat(np.arange(len(orders)), ends - starts),
            line_products=line_products.astype(np.int64).ravel(),
            counts=counts.astype(np.float32),
            weights=self._weights[lines],
        )

    def _bought_before(self, orders: NDArray[np.int64], without_history: NDArray[np.bool_]) -> Bags:
        ends = self._starts[orders]
        starts = np.maximum(self._histories.starts[self._customers[orders]], ends - self._settings.history_lines)
        return slice_bags(self._histories.products, np.where(without_history, ends, starts), ends)


@dataclass(frozen=True)
class FittedTowers:
    """Both towers after `fit_towers`.

    Attributes:
        customer: Embeds customers.
        product: Embeds products.
        training: Passes and losses of the fit.
    """

    customer: CustomerTower
    product: ProductTower
    training: TrainingResult


def fit_towers(
    interactions: Interactions,
    settings: TwoTowerSettings,
    *,
    seed: int,
    epochs: int | None = None,
    validate: Callable[[CustomerTower, ProductTower], float] | None = None,
    after_step: Callable[[CustomerTower, ProductTower, int], None] | None = None,
    progress: Progress = no_progress,
) -> FittedTowers:
    """Fit the towers on interactions.

    Args:
        interactions: The order lines; vocabularies and scales are learned from them too.
        settings: Widths, dropout, optimizer.
        seed: The same seed on the same interactions gives the same towers.
        epochs: Maximum number of passes; `settings.epochs` if None.
        validate: Returns a metric of the towers after each pass, higher is better; the best pass is kept.
        after_step: Called after each step with the towers and the number of lines of the step.
        progress: Called with (passes done, maximum number of passes).
    """
    customer, product = _build_towers(interactions, settings, seed)
    device = _choose_device(settings)
    codes = product.fields.encode(interactions.products)
    orders = TrainingOrders(interactions, customer.fields, codes, settings)
    log_q = torch.from_numpy(orders.log_q if settings.log_q else np.zeros_like(orders.log_q)).to(device)
    training = train(
        [customer.network, product.network],
        lambda epoch: orders.batches(np.random.default_rng([seed, epoch])),
        lambda batch: _step_loss(customer, product, batch, log_q),
        TrainingSettings(
            settings.epochs if epochs is None else epochs, settings.patience, settings.optimizer, settings.learning_rate
        ),
        seed=seed,
        validate=None if validate is None else lambda: validate(customer, product),
        after_step=None if after_step is None else lambda batch: after_step(customer, product, len(batch.line_orders)),
        progress=progress,
    )
    customer = replace(customer, weights=get_weights(customer.network))
    return FittedTowers(customer, replace(product, weights=get_weights(product.network)), training)


def _build_towers(
    interactions: Interactions, settings: TwoTowerSettings, seed: int
) -> tuple[CustomerTower, ProductTower]:
    """Return both towers with their initial weights, on the device of the fit."""
    sold = interactions.products.filter(pl.col("first_day") < interactions.cutoff_day)
    contexts = ContextFields.from_interactions(interactions, settings)
    generator = torch.Generator().manual_seed(seed)
    customer = CustomerTower.untrained(contexts, settings, interactions.shape, generator)
    product = ProductTower.untrained(ProductFields.from_products(sold, settings), settings, generator)
    for network in (customer.network, product.network):
        network.to(_choose_device(settings))
    return customer, product


def _step_loss(customer: CustomerTower, product: ProductTower, batch: Batch, log_q: torch.Tensor) -> torch.Tensor:
    settings = customer.settings
    customers = customer.forward(batch.customers, batch.context, batch.bought)
    scores = customers @ product.forward(batch.products).T / settings.temperature
    arrays = (batch.line_orders, batch.line_products, batch.counts, batch.columns, batch.weights)
    orders, products, counts, columns, weights = (torch.from_numpy(array).to(log_q.device) for array in arrays)
    return in_batch_softmax(scores, orders, products, counts, log_q[columns], weights) / settings.batch_lines


def _choose_device(settings: TwoTowerSettings) -> torch.device:
    if settings.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(settings.device)
