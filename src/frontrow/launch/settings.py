"""Every setting of the launch model, each default stated once."""

from __future__ import annotations

from dataclasses import dataclass, field

from frontrow.models.gradient_boosting import BoostingSettings


@dataclass(frozen=True)
class LaunchSettings:
    """Which first sales are launches, which customers are scored, and how the model is fitted.

    Attributes:
        horizon_days: Days after the launch within which a purchase counts as a success.
        active_days: Customers with an order within this many days before the cutoff are scored.
        catalogue_start_days: Products first sold within this many days of the shop's first order were on sale before
            the history began, so their first sale is no launch.
        min_buyers: Fewest earlier customers among a launch's buyers for the model to learn from it.
        negative_rate: Share of the customers who did not buy that the model learns from; each is weighted by
            `1 / negative_rate`, so that probabilities stay right.
        max_negatives: The rate is lowered to keep about this many of them in all.
        boosting: Settings of the gradient boosting.
    """

    horizon_days: int = 30
    active_days: int = 365
    catalogue_start_days: int = 60
    min_buyers: int = 3
    negative_rate: float = 0.1
    max_negatives: int = 1_000_000
    boosting: BoostingSettings = field(default_factory=BoostingSettings)
