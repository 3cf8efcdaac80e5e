"""DIN (Zhou et al., 2018): attention over what the customer bought, from the candidate's point of view."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from frontrow.errors import require
from frontrow.models.rankers.base import Candidates
from frontrow.models.ranking_networks.settings import NetworkSettings
from frontrow.models.recommenders.base import Progress, silent

if TYPE_CHECKING:
    from frontrow.models.ranking_networks.fitted import RankingNetwork


class Ranker:
    """A plain network that also reads the products bought last, each as far as it bears on the candidate.

    Args:
        settings: The network's.
    """

    name = "DIN"
    extra = "neural"

    def __init__(self, settings: NetworkSettings | None = None) -> None:
        self.settings = settings or NetworkSettings("din")

    def fit(
        self, candidates: Candidates, bought: NDArray[np.bool_], *, seed: int, progress: Progress = silent
    ) -> RankingNetwork:
        """See `base.Ranker.fit`."""
        require("torch", extra=self.extra)
        from frontrow.models.ranking_networks.fit import fit

        return fit(candidates, bought, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> RankingNetwork:
        """See `base.Ranker.load`."""
        require("torch", extra=self.extra)
        from frontrow.models.ranking_networks.fitted import load

        return load(folder, "din")
