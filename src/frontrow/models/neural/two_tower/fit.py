"""Fitting both towers: on a window held back first, to choose how long; then on everything before the cutoff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import torch

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.training import Trained, TrainingSettings, train
from frontrow.models.neural.two_tower.batches import Batch, Orders
from frontrow.models.neural.two_tower.context_fields import ContextFields
from frontrow.models.neural.two_tower.loss import sampled_softmax
from frontrow.models.neural.two_tower.networks import start
from frontrow.models.neural.two_tower.product_fields import ProductFields
from frontrow.models.neural.two_tower.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.towers import CustomerTower, ProductTower, bag_tensors
from frontrow.progress import Progress, no_progress


@dataclass(frozen=True)
class Towers:
    """Both towers, and how they came about."""

    customer: CustomerTower
    product: ProductTower
    trained: Trained


def fit_towers(
    known: Interactions,
    settings: TwoTowerSettings,
    *,
    seed: int,
    epochs: int | None = None,
    validate: Callable[[CustomerTower, ProductTower], float] | None = None,
    after_step: Callable[[CustomerTower, ProductTower, int], None] | None = None,
    progress: Progress = no_progress,
) -> Towers:
    """Fit the towers on interactions.

    Args:
        known: What may be learned from; vocabularies and scales come from it too.
        settings: Widths, dropout, optimiser.
        seed: The same seed on the same interactions gives the same towers.
        epochs: Passes to make; `settings.epochs` at most where it is not given.
        validate: Measure of the towers after each pass, higher meaning better; the best pass is kept.
        after_step: Called after each step with the towers and the lines of the step.
        progress: Called with (passes done, passes at most).
    """
    customer, product = _towers(known, settings, seed)
    device = _device(settings)
    codes = product.fields.encode(known.products)
    orders = Orders(known, customer.fields, codes, settings)
    log_q = torch.from_numpy(orders.log_q if settings.log_q else np.zeros_like(orders.log_q)).to(device)

    def loss(batch: Batch) -> torch.Tensor:
        return _loss(customer, product, batch, log_q, settings, device)

    trained = train(
        [customer.network, product.network],
        lambda epoch: orders.batches(np.random.default_rng([seed, epoch])),
        loss,
        TrainingSettings(
            epochs if epochs is not None else settings.epochs,
            settings.patience,
            settings.optimizer,
            settings.learning_rate,
        ),
        seed=seed,
        validate=None if validate is None else lambda: validate(customer, product),
        after_step=None if after_step is None else lambda batch: after_step(customer, product, len(batch.orders)),
        progress=progress,
    )
    for network in (customer.network, product.network):
        network.to("cpu").eval()
    return Towers(customer, product, trained)


def _towers(known: Interactions, settings: TwoTowerSettings, seed: int) -> tuple[CustomerTower, ProductTower]:
    sold = known.products.filter(pl.col("first_day") < known.cutoff_day)
    customer = CustomerTower.make(ContextFields.of(known, settings), known.shape, settings)
    product = ProductTower.make(ProductFields.of(sold, settings), settings)
    generator = torch.Generator().manual_seed(seed)
    for network in (customer.network, product.network):
        start(network, settings.init_scale, generator)
        network.to(_device(settings)).eval()
    return customer, product


def _loss(
    customer: CustomerTower,
    product: ProductTower,
    batch: Batch,
    log_q: torch.Tensor,
    settings: TwoTowerSettings,
    device: torch.device,
) -> torch.Tensor:
    customers = customer.network(
        torch.from_numpy(batch.customers).to(device),
        torch.from_numpy(batch.context).to(device),
        bag_tensors(batch.bought, device),
    )
    scores = customers @ product.forward(batch.products).T / settings.temperature
    total = sampled_softmax(
        scores,
        torch.from_numpy(batch.orders).to(device),
        torch.from_numpy(batch.places).to(device),
        torch.from_numpy(batch.counts).to(device),
        log_q[torch.from_numpy(batch.columns).to(device)],
        torch.from_numpy(batch.weights).to(device),
    )
    return total / settings.batch_lines


def _device(settings: TwoTowerSettings) -> torch.device:
    if settings.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(settings.device)
