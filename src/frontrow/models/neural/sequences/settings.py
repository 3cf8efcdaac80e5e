"""The settings of the sequence networks, each stated once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NetworkName = Literal["gru4rec", "sasrec", "bert4rec"]
LossName = Literal["softmax", "bpr_max"]


@dataclass(frozen=True)
class SequenceSettings:
    """Hyper-parameters, chosen on validation products and cutoffs that no reported figure comes from.

    Attributes:
        network: GRU4Rec (recurrent), SASRec (attention to what was before) or BERT4Rec (attention to both sides of an
            order that is hidden).
        embedding_size: Width of products and of everything between them.
        length: The customer's last so many orders are looked at.
        layers: Attention blocks, or recurrent layers.
        heads: Of each attention block; the width is a multiple of it.
        dropout: Share of the numbers dropped, at the input and in each layer.
        time_gaps: Also look at the days since the order before, in steps that double.
        loss: Softmax, or BPR-max (Hidasi and Karatzoglou, 2018).
        negatives: Products drawn for each step, beside what its customers bought; where a shop has no more, each
            product is a negative and nothing is drawn.
        hidden_share: BERT4Rec: chance of an order to be hidden while learning; the last one is hidden as often again.
        batch_events: Orders of a step, about.
        half_life_days: A purchase counts half as much for each of these many days of its age; None for all alike.
        epochs: Most passes; fewer where the validation window says so.
        patience: Passes without a better validation before training stops.
        learning_rate: Of Adam (Kingma and Ba, 2015).
        validation_days: The last so many days are held back to choose the passes and the weight of popularity, then
            learned from too.
        init_scale: Standard deviation of the first embeddings.
    """

    network: NetworkName
    embedding_size: int = 128
    length: int = 50
    layers: int = 2
    heads: int = 2
    dropout: float = 0.4
    time_gaps: bool = False
    loss: LossName = "softmax"
    negatives: int = 1024
    hidden_share: float = 0.3
    batch_events: int = 256
    half_life_days: float | None = None
    epochs: int = 30
    patience: int = 3
    learning_rate: float = 0.001
    validation_days: int = 30
    init_scale: float = 0.02
