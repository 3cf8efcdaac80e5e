"""What the hold-out of a planned campaign will be able to see, said before the launch."""

from __future__ import annotations

from dataclasses import dataclass

from frontrow.campaign.economics.economics import IncrementalShare
from frontrow.campaign.experiment.power import holdout_needed, power, smallest_lift
from frontrow.campaign.record.campaign import Campaign


@dataclass(frozen=True)
class Case:
    """What holds if a share of the buyers would not have bought without the contact.

    Attributes:
        share: That share.
        lift: How many more buyers that means, relative: .43 for a share of .3.
        chance: Of this hold-out to see it.
        needed: Customers to hold out to see it four times in five; None where not even half of the list would do.
    """

    share: float
    lift: float
    chance: float
    needed: int | None


@dataclass(frozen=True)
class Sight:
    """What a hold-out sees.

    Attributes:
        base_rate: Share of the list expected to buy.
        smallest_lift: The smallest that is seen four times in five; None where none is.
        cases: One for each end of the incremental share and what is expected of it, as far as they mean more buyers.
    """

    base_rate: float
    smallest_lift: float | None
    cases: tuple[Case, ...]

    @classmethod
    def of(cls, campaign: Campaign, share: IncrementalShare) -> Sight | None:
        """What a campaign's hold-out sees; None where a group is empty, or how many buy is not known.

        Args:
            campaign: As it was planned.
            share: Of the buyers who would not have bought without the contact.
        """
        mean = campaign.assignment["probability"].mean()
        contacted, held_out = campaign.counts["contacted"], campaign.counts["held_out"]
        if not isinstance(mean, float) or not 0 < mean < 1 or min(contacted, held_out) < 1:
            return None
        cases = [
            Case(one, lift, power(mean, lift, held_out, contacted), holdout_needed(mean, lift, contacted + held_out))
            for one, lift in ((one, one / (1 - one)) for one in _ends(share))
            if mean * (1 + lift) < 1
        ]
        return cls(mean, smallest_lift(mean, held_out, contacted), tuple(cases))

    @property
    def expected(self) -> Case | None:
        """The middle case: what is reckoned with; None where it means no more buyers."""
        return self.cases[len(self.cases) // 2] if self.cases else None


def _ends(share: IncrementalShare) -> list[float]:
    return [one for one in sorted({share.low, share.expected, share.high}) if 0 < one < 1]
