"""Attention to both sides of hidden orders (Sun et al., 2019), with a sampled softmax."""

from __future__ import annotations

from typing import Final

from frontrow.models.neural.sequences.recommender import SequenceRecommender
from frontrow.models.neural.sequences.settings import SequenceSettings

PUBLISHED_SETS: Final = SequenceSettings("bert4rec", layers=1, dropout=0.4, batch_events=1024, epochs=120, patience=8)
"""For the data sets of published tables: one product an event, tens of thousands of customers (Amazon Beauty)."""


class Recommender(SequenceRecommender):
    """Attention to both sides of a hidden order, over the customer's orders by time, and what the country buys."""

    name = "BERT4Rec"
    default = SequenceSettings("bert4rec")
