"""The settings of the two-tower network, each stated once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TwoTowerSettings:
    """Hyper-parameters, chosen on cutoffs that no reported figure comes from.

    Attributes:
        embedding_size: Width of both towers' output.
        history_lines: The customer's last so many order lines are pooled.
        hidden_layers: Residual layers on top of each tower; none was as good as one on a shop of 400,000 lines.
        batch_lines: Order lines of a step; the products of a step are one another's negatives.
        epochs: Most passes over the order lines; fewer where the validation window says so.
        patience: Passes without a better validation before training stops.
        validation_days: The last so many days are held back to choose the passes and the weight of popularity, then
            learned from too.
        optimizer: Adagrad, or Adam.
        learning_rate: Of the optimiser; Adam wants about a tenth.
        temperature: Scores are divided by it before the softmax.
        customer_dropout: Share of the orders that hide who ordered, so that one network serves unknown customers.
        history_dropout: Share of the orders that hide who ordered and what they had bought before.
        product_dropout: Share of a step's products that hide which product they are, so that a new one is read from
            its content alone.
        half_life_days: A line counts half as much for each of these many days of its age.
        log_q: Correct for how often each product turns up among the negatives.
        min_customers: Cities, provinces and countries of fewer customers share the row of the unknown.
        company_buckets: Companies are hashed into so many rows; their names are not kept.
        min_products: Words, types and vendors of fewer products share the row of the unknown.
        sparse_rows: Embeddings of at least so many rows get sparse gradients; below it dense ones are quicker.
        init_scale: Standard deviation of the first weights.
        device: Where to compute; "auto" takes a GPU if there is one.
    """

    embedding_size: int = 64
    history_lines: int = 100
    hidden_layers: int = 0
    batch_lines: int = 1024
    epochs: int = 8
    patience: int = 2
    validation_days: int = 30
    optimizer: Literal["adagrad", "adam"] = "adagrad"
    learning_rate: float = 0.05
    temperature: float = 1.0
    customer_dropout: float = 0.7
    history_dropout: float = 0.1
    product_dropout: float = 0.3
    half_life_days: float = 60.0
    log_q: bool = True
    min_customers: int = 20
    company_buckets: int = 1024
    min_products: int = 2
    sparse_rows: int = 50_000
    init_scale: float = 0.05
    device: Literal["auto", "cpu", "cuda"] = "auto"
