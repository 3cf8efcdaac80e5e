"""DIN (Zhou et al., 2018): attention over what the customer bought, from the candidate's point of view."""

from __future__ import annotations

from frontrow.models.neural.ranking.ranker import NetworkRanker
from frontrow.models.neural.ranking.settings import NetworkSettings


class Ranker(NetworkRanker):
    """A plain network that also reads the products bought last, each as far as it bears on the candidate."""

    name = "DIN"
    default = NetworkSettings("din")
