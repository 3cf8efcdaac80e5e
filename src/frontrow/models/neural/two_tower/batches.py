"""Whole orders, drawn in a new sequence each pass, until a step has its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.interactions.contexts import CONTEXT
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.two_tower.bags import Bags, Histories, cut, spans
from frontrow.models.neural.two_tower.context_fields import ContextFields
from frontrow.models.neural.two_tower.product_fields import ProductCodes
from frontrow.models.neural.two_tower.settings import TwoTowerSettings


@dataclass(frozen=True)
class Batch:
    """One step: some orders, and the distinct products on their lines.

    Attributes:
        customers: Row + 1 of who ordered, 0 where it is hidden; int64 (orders,).
        context: Rows of the context fields; int64 (orders, fields).
        bought: What each customer had bought before the order, and nothing of the order itself.
        products: The distinct products as codes, some of them without their id.
        columns: Column of each of them; int64 (products,).
        orders: Order of each line, by its place in the step; int64 (lines,).
        places: Product of each line, by its place in the step; int64 (lines,).
        counts: Lines of each product in the step; float32 (products,).
        weights: Of each line; float32 (lines,).
    """

    customers: NDArray[np.int64]
    context: NDArray[np.int64]
    bought: Bags
    products: ProductCodes
    columns: NDArray[np.int64]
    orders: NDArray[np.int64]
    places: NDArray[np.int64]
    counts: NDArray[np.float32]
    weights: NDArray[np.float32]


class Orders:
    """The orders learned from.

    Args:
        known: The interactions; nothing else is looked at.
        fields: How contexts are coded.
        products: Every product of `known` as codes.
        settings: Window, dropout, half-life, size of a step.

    Attributes:
        lines: How many order lines there are.
        log_q: Log of each product's share of the lines, recent ones counting more; float32 (products,). Taking the
            share of recent lines, where the negatives are drawn from all, favours what is on the rise: on validation
            windows it found a tenth more of what customers had not bought before than the plain share.
    """

    def __init__(
        self, known: Interactions, fields: ContextFields, products: ProductCodes, settings: TwoTowerSettings
    ) -> None:
        order = known.lines["order"].to_numpy()
        self._settings = settings
        self._codes = products
        self._histories = Histories.of(known)
        self._line_products = known.lines["product"].to_numpy().astype(np.int64)
        opening = np.flatnonzero(np.diff(order, prepend=-1))
        self._starts = np.append(opening, len(order)).astype(np.int64)
        self._customers = known.lines["customer"].to_numpy()[opening].astype(np.int64)
        self._context = fields.encode(known.lines[opening].select(CONTEXT))
        age = known.cutoff_day - known.lines["day"].to_numpy()
        self._weights = (0.5 ** (age / settings.half_life_days)).astype(np.float32)
        self.lines = len(order)
        drawn = np.bincount(self._line_products, weights=self._weights, minlength=known.shape[1])
        self.log_q = np.log(np.maximum(drawn, 1e-9) / max(drawn.sum(), 1e-9)).astype(np.float32)

    def batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Every order once, in a sequence of its own."""
        drawn = rng.permutation(len(self._customers))
        ends = np.cumsum(np.diff(self._starts)[drawn])
        if len(drawn) == 0:
            return
        cuts = np.searchsorted(ends, np.arange(self._settings.batch_lines, ends[-1], self._settings.batch_lines))
        for orders in np.split(drawn, np.unique(cuts)):
            if len(orders):
                yield self._batch(orders, rng)

    def _batch(self, orders: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        starts, ends = self._starts[orders], self._starts[orders + 1]
        lines, _ = spans(starts, ends)
        columns, places, counts = np.unique(self._line_products[lines], return_inverse=True, return_counts=True)
        forgotten = rng.random(len(orders)) < self._settings.history_dropout
        unknown = forgotten | (rng.random(len(orders)) < self._settings.customer_dropout)
        hidden = rng.random(len(columns)) < self._settings.product_dropout
        return Batch(
            customers=np.where(unknown, 0, self._customers[orders] + 1),
            context=self._context[orders],
            bought=self._bought(orders, forgotten),
            products=self._codes.take(columns).hidden(hidden),
            columns=columns,
            orders=np.repeat(np.arange(len(orders)), ends - starts),
            places=places.astype(np.int64).ravel(),
            counts=counts.astype(np.float32),
            weights=self._weights[lines],
        )

    def _bought(self, orders: NDArray[np.int64], forgotten: NDArray[np.bool_]) -> Bags:
        ends = self._starts[orders]
        begun = np.maximum(self._histories.starts[self._customers[orders]], ends - self._settings.history_lines)
        return cut(self._histories.products, np.where(forgotten, ends, begun), ends)
