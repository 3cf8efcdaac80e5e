"""A deep network over features and embeddings (Covington et al., 2016)."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """Hidden layers over all features and the embeddings of product, product type, vendor and country."""

    name = "DNN"
    default = NetworkSettings("dnn")
