"""What the rankers in torch share: they differ in their network alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.neural.ranking.settings import NetworkSettings
from frontrow.models.ranker import Candidates
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.neural.ranking.fitted import RankingNetwork


class NetworkRanker:
    """A network over features and embeddings of product, product type, vendor and country.

    Attributes:
        default: Settings where none are given; they name the network.
        extra: See `rankers.base.Ranker`.

    Args:
        settings: The network's.
    """

    default: ClassVar[NetworkSettings]
    extra = "neural"

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        self.settings = settings or self.default

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = no_progress
    ) -> RankingNetwork:
        """See `rankers.base.Ranker.fit`."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.ranking.fit import fit

        return fit(candidates, bought, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> RankingNetwork:
        """See `rankers.base.Ranker.load`; a ranker of another network is refused."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.ranking.fitted import load

        return load(folder, self.default.network)
