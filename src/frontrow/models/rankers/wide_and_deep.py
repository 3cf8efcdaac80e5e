"""Wide & Deep (Cheng et al., 2016): a linear model memorises pairs like product and country; a network generalises."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """A linear model of features, categories and pairs of categories, and a deep network, trained together."""

    name = "Wide & Deep"
    default = NetworkSettings("wide_and_deep")
