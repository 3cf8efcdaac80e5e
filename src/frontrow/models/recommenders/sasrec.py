"""Self-attentive sequential recommendation (Kang and McAuley, 2018), with a sampled softmax over many negatives."""

from __future__ import annotations

from typing import Final

from frontrow.models.neural.sequences.recommender import SequenceRecommender
from frontrow.models.neural.sequences.settings import SequenceSettings

PUBLISHED_SETS: Final = SequenceSettings("sasrec", layers=1, dropout=0.5, batch_events=1024, epochs=80, patience=6)
"""For the data sets of published tables: one product an event, tens of thousands of customers (Amazon Beauty)."""


class Recommender(SequenceRecommender):
    """Attention to what was before, over the customer's orders by time, and what the country buys."""

    name = "SASRec"
    default = SequenceSettings("sasrec")
