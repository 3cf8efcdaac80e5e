"""DIN (Zhou et al., 2018): attention of the candidate over the products that the customer bought last."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """A deep network that also reads the products bought last, each weighted by its relevance to the candidate."""

    name = "DIN"
    default = NetworkSettings("din")
