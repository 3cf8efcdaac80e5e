"""Lists of different lengths stored end to end: the words of titles, and what customers bought before an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from frontrow.models.interactions.interactions import Interactions
from frontrow.storage.array_checks import is_partition


@dataclass(frozen=True)
class Bags:
    """Embedding rows to be pooled, one list after the other.

    Attributes:
        rows: The lists end to end; int64 of shape (all rows,).
        starts: Where each list begins, and the end of the last; int64 of shape (lists + 1,).
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def weights(self) -> NDArray[np.float32]:
        """Weight of each row in the sum of its list, 1 / sqrt(length of the list); float32 of shape (all rows,).

        Long lists then have a larger sum than short ones, but not in proportion to their length.

        Example:
            >>> Bags(np.array([5, 6, 7, 8, 9]), np.array([0, 4, 4, 5])).weights.tolist()
            [0.5, 0.5, 0.5, 0.5, 1.0]
        """
        lengths = np.diff(self.starts)
        return np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)

    def tensors(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return rows, starts and weights as tensors on a device, as `torch.nn.EmbeddingBag` takes them."""
        rows, starts, weights = (torch.from_numpy(array).to(device) for array in (self.rows, self.starts, self.weights))
        return rows, starts, weights

    def take(self, lists: NDArray[np.int64]) -> Bags:
        """Return some of the lists, in the order given."""
        return slice_bags(self.rows, self.starts[lists], self.starts[lists + 1])


def slice_bags(values: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Bags:
    """Return the slices `values[start:end]`, end to end.

    Args:
        values: The array to slice.
        starts: First position of each slice.
        ends: End of each slice.

    Example:
        >>> slice_bags(np.array([4, 5, 6]), np.array([1, 0]), np.array([3, 1])).rows.tolist()
        [5, 6, 4]
    """
    positions, offsets = expand_spans(starts, ends)
    return Bags(values[positions], offsets)


def expand_spans(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every number of each half-open span, end to end, and where each span begins.

    Args:
        starts: First number of each span.
        ends: End of each span.

    Returns:
        The numbers, int64 (all,), and the offsets with the total at the end, int64 (spans + 1,).
    """
    lengths = ends - starts
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    return np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1]), offsets


@dataclass(frozen=True)
class PurchaseHistories:
    """The products that each customer bought, by time.

    Attributes:
        products: Column + 1 of every line, by customer and time; 0 is the row of unknown products; int64.
        starts: First line of each customer, and the end of the last; int64 of shape (customers + 1,).
    """

    products: NDArray[np.int64]
    starts: NDArray[np.int64]

    shapes: ClassVar = {"products": ("lines",), "starts": ("customers+1",)}
    indices: ClassVar = {"products": "products+1"}

    def check(self, dimensions: Mapping[str, int]) -> None:  # noqa: ARG002
        """See `array_checks.check_model`."""
        if not is_partition(self.starts, len(self.products)):
            raise ValueError("the lines of a customer have no end")

    @classmethod
    def from_interactions(cls, interactions: Interactions) -> PurchaseHistories:
        """Return the histories of all customers; the lines are already sorted by customer and time."""
        customers = interactions.lines["customer"].to_numpy()
        starts = np.searchsorted(customers, np.arange(interactions.shape[0] + 1))
        return cls(interactions.lines["product"].to_numpy().astype(np.int64) + 1, starts.astype(np.int64))

    def last_lines(self, rows: NDArray[np.int64], count: int) -> Bags:
        """Return the last lines of some customers.

        Args:
            rows: Rows of the customers; a row of -1 has an empty list.
            count: Maximum number of lines per customer.

        Example:
            >>> histories = PurchaseHistories(np.array([3, 4, 5, 9]), np.array([0, 3, 4]))
            >>> histories.last_lines(np.array([0, -1, 1]), 2).rows.tolist()
            [4, 5, 9]
        """
        if len(self.starts) < 2:
            return Bags(np.zeros(0, np.int64), np.zeros(len(rows) + 1, np.int64))
        is_known = rows >= 0
        ends = np.where(is_known, self.starts[np.maximum(rows, 0) + 1], 0)
        starts = np.where(is_known, self.starts[np.maximum(rows, 0)], 0)
        return slice_bags(self.products, np.maximum(starts, ends - count), ends)
