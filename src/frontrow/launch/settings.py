"""Every setting of the launch model, each default stated once."""

from __future__ import annotations

from dataclasses import dataclass, field

from frontrow.models.gradient_boosting import BoostingSettings


@dataclass(frozen=True)
class LaunchSettings:
    """How past launches are found, turned into lessons and learned from.

    Attributes:
        horizon_days: A purchase within this many days of the launch is a success.
        active_days: Customers with an order within this many days before the cutoff are scored.
        catalogue_start_days: Products first sold within this many days of the shop's first order were there before
            the history began, so their first sale is no launch.
        min_buyers: Launches with fewer earlier customers among their buyers teach nothing.
        negative_rate: Share of the customers who did not buy that a launch is learned from; they weigh
            `1 / negative_rate` each, so that probabilities stay right.
        max_negatives: The rate is lowered to keep about this many of them in all.
        boosting: The model's own settings.
    """

    horizon_days: int = 30
    active_days: int = 365
    catalogue_start_days: int = 60
    min_buyers: int = 3
    negative_rate: float = 0.1
    max_negatives: int = 1_000_000
    boosting: BoostingSettings = field(default_factory=BoostingSettings)
