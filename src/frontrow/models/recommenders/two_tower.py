"""Two-tower retrieval: the dot product of customer and product embeddings (Covington et al., 2016; Yi et al., 2019)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from frontrow.errors import require
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.settings import TwoTowerSettings
from frontrow.progress import Progress, no_progress

if TYPE_CHECKING:
    from frontrow.models.neural.two_tower.model import TwoTower


class Recommender:
    """A network for customers, another one for products, and what sells in the customer's country.

    Args:
        settings: Hyper-parameters; the defaults of `TwoTowerSettings` if None.
    """

    name = "two-tower"
    extra = "neural"
    compares_products = True

    def __init__(self, settings: TwoTowerSettings | None = None) -> None:
        self.settings = settings or TwoTowerSettings()

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> TwoTower:
        """See `Recommender.fit`."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.two_tower.model import TwoTower

        return TwoTower.fit(interactions, self.settings, seed=seed, progress=progress)

    def load(self, folder: Path) -> TwoTower:
        """See `Recommender.load`."""
        require("torch", extra=self.extra)
        from frontrow.models.neural.two_tower.model import TwoTower

        return TwoTower.load(folder)
