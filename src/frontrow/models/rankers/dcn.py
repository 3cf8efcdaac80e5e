"""DCN-v2 (Wang et al., 2021): layers that cross features with one another, beside hidden layers."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """Cross layers and hidden layers side by side, over every feature and the embeddings."""

    name = "DCN-v2"
    # crosses multiply whatever is far out; on windows before 2011-04 they did better under twice the penalty
    default = NetworkSettings("dcn", weight_decay=2e-3)
