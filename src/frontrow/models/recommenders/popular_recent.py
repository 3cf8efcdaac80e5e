"""What most customers bought lately."""

from __future__ import annotations

from pathlib import Path

from frontrow.models.interactions.interactions import Interactions
from frontrow.models.popularity.popularity import SameForAll, recent_places
from frontrow.progress import Progress, no_progress


class Recommender:
    """Distinct customers of each product in the last 30 days, ties by those of all time; the same for everyone."""

    name = "popular, 30 days"
    extra = None
    compares_products = False

    def fit(self, interactions: Interactions, *, seed: int, progress: Progress = no_progress) -> SameForAll:  # noqa: ARG002
        """Count; nothing is drawn.

        Example:
            >>> from frontrow.models.interactions.interactions import build_interactions
            >>> from frontrow.testing.shops import hand_made_shop
            >>> lines = [(7, "bulb", 0), (8, "bulb", 0), (7, "pot", 40)]
            >>> interactions = build_interactions(hand_made_shop(lines).as_of())
            >>> Recommender().fit(interactions, seed=0).score.tolist()
            [0.0, 0.5]
        """
        return SameForAll(recent_places(interactions))

    def load(self, folder: Path) -> SameForAll:
        """See `base.Recommender.load`."""
        return SameForAll.load(folder)
