"""DCN-v2 (Wang et al., 2021): cross layers multiply features with one another, in parallel with hidden layers."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """Cross layers and hidden layers in parallel, over all features and embeddings."""

    name = "DCN-v2"
    # cross layers amplify extreme values; on horizons before 2011-04 twice the penalty was better
    default = NetworkSettings("dcn", weight_decay=2e-3)
