"""What most customers have bought, ever."""

from __future__ import annotations

from pathlib import Path

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import SameForAll, buyers
from frontrow.progress import Progress, no_progress


class Recommender:
    """Distinct customers of each product over all time, the same for everyone."""

    name = "popular"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SameForAll:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "bulb", 0), (7, "pot", 1), (8, "pot", 1)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> Recommender().fit(interactions, seed=0).score.tolist()
            [1.0, 2.0]
        """
        return SameForAll(buyers(interactions))

    def load(self, folder: Path) -> SameForAll:
        """See `base.Recommender.load`."""
        return SameForAll.load(folder)
