"""The settings of all neural networks; this module can be imported without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

SequenceNetworkName = Literal["gru4rec", "sasrec", "bert4rec"]
SequenceLossName = Literal["softmax", "bpr_max"]
RankingNetworkName = Literal["dnn", "wide_and_deep", "dcn", "din"]


@dataclass(frozen=True)
class TwoTowerSettings:
    """Hyper-parameters of the two-tower network, chosen on cutoffs that no reported figure uses.

    Attributes:
        embedding_size: Width of the output of both towers.
        history_lines: Number of the customer's last order lines that are pooled.
        hidden_layers: Residual layers on top of each tower; 0 was as good as 1 on a shop of 400,000 lines.
        batch_lines: Order lines per step; the products of a step are each other's negatives.
        epochs: Maximum number of passes over the order lines; the validation window may stop earlier.
        patience: Number of passes without a better validation before training stops.
        validation_days: Length of the validation window before the cutoff; the final fit includes it.
        optimizer: Adagrad or Adam.
        learning_rate: Learning rate; Adam needs about a tenth of the default.
        temperature: Scores are divided by it before the softmax.
        customer_dropout: Share of the orders that hide the customer id, so that one network serves unknown customers.
        history_dropout: Share of the orders that hide the customer id and the purchase history.
        product_dropout: Share of a step's products that hide their id, so that new products are scored by content.
        half_life_days: A line of this age has half the weight of a line of today.
        log_q: Whether to correct for how often each product occurs among the negatives.
        min_customers: Cities, provinces and countries with fewer customers share the row of unknown values.
        company_buckets: Number of hash buckets for companies; their names are not stored.
        min_products: Words, types and vendors with fewer products share the row of unknown values.
        sparse_rows: Embeddings with at least this many rows get sparse gradients; below, dense ones are faster.
        init_scale: Standard deviation of the initial weights.
        device: Where to compute; "auto" uses a GPU if there is one.
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

    limits: ClassVar = {"embedding_size": 4096, "hidden_layers": 16, "company_buckets": 1_000_000}


@dataclass(frozen=True)
class SequenceSettings:
    """Hyper-parameters of a sequence network, chosen on products and cutoffs that no reported figure uses.

    Attributes:
        network: GRU4Rec (recurrent), SASRec (causal attention) or BERT4Rec (attention to both sides of masked orders).
        embedding_size: Width of the product embeddings and of all layers.
        length: Number of the customer's last orders that the network reads.
        layers: Attention blocks, or recurrent layers.
        heads: Attention heads of each block; `embedding_size` must be a multiple of it.
        dropout: Dropout rate of the input and of each layer.
        time_gaps: Whether to embed the days since the previous order, in steps that double.
        loss: Sampled softmax, or BPR-max (Hidasi and Karatzoglou, 2018).
        negatives: Products drawn per step, besides those the customers bought; a shop with no more products than this
            uses all of them as negatives.
        hidden_share: BERT4Rec: probability that an order is masked in training; the last order is masked more often.
        batch_events: Approximate number of orders per step.
        half_life_days: A purchase of this age has half the weight of one of today; None for equal weights.
        epochs: Maximum number of passes; the validation window may stop earlier.
        patience: Number of passes without a better validation before training stops.
        learning_rate: Learning rate of Adam (Kingma and Ba, 2015).
        validation_days: Length of the validation window before the cutoff; the final fit includes it.
        init_scale: Standard deviation of the initial embeddings.
    """

    network: SequenceNetworkName
    embedding_size: int = 128
    length: int = 50
    layers: int = 2
    heads: int = 2
    dropout: float = 0.4
    time_gaps: bool = False
    loss: SequenceLossName = "softmax"
    negatives: int = 1024
    hidden_share: float = 0.3
    batch_events: int = 256
    half_life_days: float | None = None
    epochs: int = 30
    patience: int = 3
    learning_rate: float = 0.001
    validation_days: int = 30
    init_scale: float = 0.02

    limits: ClassVar = {"embedding_size": 4096, "length": 10_000, "layers": 16, "heads": 64}


@dataclass(frozen=True)
class RankingSettings:
    """Hyper-parameters of a ranking network, chosen on horizons of Online Retail II that end before 2011-04.

    Attributes:
        network: A plain deep network, Wide & Deep, DCN-v2 or DIN.
        hidden: Units of each hidden layer.
        dropout: Dropout rate of the hidden units.
        embedding_size: Width of the embeddings of product, product type, vendor and country.
        min_rows: Categories, and pairs of categories, in fewer rows share the row of unknown values.
        cross_layers: DCN: number of cross layers; the highest degree of a feature product is one more.
        history: DIN: number of products of the customer's history that the network reads.
        attention_units: DIN: hidden units of the network that weights the history.
        epochs: Passes over the rows.
        batch_rows: Maximum number of rows per step.
        min_steps: Minimum number of steps per pass; with few rows, the steps become smaller.
        averaged_share: Share of the steps, the last ones, whose weights are averaged (Polyak and Juditsky, 1992); 0
            keeps the last weights.
        learning_rate: Learning rate of Adam (Kingma and Ba, 2015).
        weight_decay: Penalty on the weights; DCN needs more, see `rankers/networks.py`.
    """

    network: RankingNetworkName
    hidden: tuple[int, ...] = (128, 64)
    dropout: float = 0.1
    embedding_size: int = 4
    min_rows: int = 20
    cross_layers: int = 2
    history: int = 20
    attention_units: int = 16
    epochs: int = 3
    batch_rows: int = 4096
    min_steps: int = 100
    averaged_share: float = 0.5
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3

    limits: ClassVar = {
        **{"hidden": 8192, "embedding_size": 1024, "cross_layers": 16},
        **{"history": 10_000, "attention_units": 4096},
    }

    def rows_per_step(self, rows: int) -> int:
        """Return the number of rows per step of a pass over `rows` rows.

        Example:
            >>> [RankingSettings("dnn").rows_per_step(rows) for rows in (10, 20_000, 1_000_000)]
            [1, 200, 4096]
        """
        return min(self.batch_rows, max(1, rows // self.min_steps))
