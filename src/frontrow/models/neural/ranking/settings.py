"""The settings of the ranking networks, each stated once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NetworkName = Literal["dnn", "wide_and_deep", "dcn", "din"]


@dataclass(frozen=True)
class NetworkSettings:
    """Shape and training of a network; chosen on windows before 2011-04 of Online Retail II.

    Attributes:
        network: A plain network, Wide & Deep, DCN-v2 or DIN.
        hidden: Units of each hidden layer.
        dropout: Share of the hidden units that a training step leaves out.
        embedding_size: Numbers that stand for a product, product type, vendor or country.
        least_rows: Categories, and crosses of them, in fewer rows have no embedding of their own.
        cross_layers: DCN: how many; features of degree `cross_layers + 1` are the highest.
        history: DIN: products of the customer's history that are looked at.
        attention_units: DIN: hidden units of what says how much each of them counts.
        epochs: Passes over the rows.
        batch: Rows a step, at most.
        least_steps: Steps a pass, at least; fewer rows are taken a step where there would be fewer.
        averaged: Share of the steps, the last ones, whose weights are averaged (Polyak and Juditsky, 1992); 0 for the
            last weights alone.
        learning_rate: Of Adam (Kingma and Ba, 2015).
        weight_decay: Penalty on the weights; DCN takes more, see `rankers/dcn.py`.
    """

    network: NetworkName
    hidden: tuple[int, ...] = (128, 64)
    dropout: float = 0.1
    embedding_size: int = 4
    least_rows: int = 20
    cross_layers: int = 2
    history: int = 20
    attention_units: int = 16
    epochs: int = 3
    batch: int = 4096
    least_steps: int = 100
    averaged: float = 0.5
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3

    def batch_of(self, rows: int) -> int:
        """Rows a step.

        Example:
            >>> [NetworkSettings("dnn").batch_of(rows) for rows in (10, 20_000, 1_000_000)]
            [1, 200, 4096]
        """
        return min(self.batch, max(1, rows // self.least_steps))
