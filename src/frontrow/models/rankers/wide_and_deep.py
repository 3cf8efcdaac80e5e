"""Wide & Deep (Cheng et al., 2016): it remembers which product sells in which country, and generalises beside it."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """A linear model of features, categories and their crosses, and a plain network, learned together."""

    name = "Wide & Deep"
    default = NetworkSettings("wide_and_deep")
