"""What comes next for some customers, by a fitted network."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.networks import SequenceNetwork
from frontrow.models.neural.sequences.padding import Padded
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.models.neural.training import threads

SEQUENCES_AT_ONCE = 512


def next_vectors(
    network: SequenceNetwork, events: Events, rows: NDArray[np.int64], settings: SequenceSettings
) -> NDArray[np.float32]:
    """The vector of what each customer's next order should hold.

    Args:
        network: In evaluation mode.
        events: The histories, up to their cutoff.
        rows: Customers with at least one event; shape (customers,).
        settings: Length, and which network it is.

    Returns:
        float32 of shape (customers, width).
    """
    found = np.empty((len(rows), settings.embedding_size), dtype=np.float32)
    order = np.argsort(events.lengths(rows), kind="stable")
    with torch.inference_mode(), threads(1):
        for start in range(0, len(rows), SEQUENCES_AT_ONCE):
            part = order[start : start + SEQUENCES_AT_ONCE]
            inputs = histories(events, rows[part], settings)
            found[part] = network(inputs, inputs.last()).numpy()
    return found


def histories(events: Events, rows: NDArray[np.int64], settings: SequenceSettings) -> Padded:
    """The last orders of some customers, followed by the one asked for where the network wants it hidden."""
    ends = events.starts[rows + 1]
    starts = np.maximum(events.starts[rows], ends - settings.length)
    inputs = Padded.of(events, starts, ends)
    if settings.network != "bert4rec":
        return inputs
    return inputs.followed(events.day - events.days[ends - 1].astype(np.int64))
