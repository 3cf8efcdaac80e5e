"""What became of everybody whom a person confirmed: each customer is in one of these numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontrow.push.customer_runs import count_runs
from frontrow.push.journal import Journal


@dataclass(frozen=True)
class Reconciliation:
    """The latest round of a push in numbers of customers.

    Attributes:
        confirmed: The number that a person confirmed.
        accepted: Whom the platform took.
        rejected: Whom it did not take, by reason.
        withdrawn: Who withdrew before they were sent: they were not sent.
        uncertain: Who withdrew while it was not certain whether they had arrived.
        running: Who are in jobs that run on the platform.
        waiting: Who were not sent yet, or whose batch is sent again.
    """

    confirmed: int
    accepted: int
    rejected: Mapping[str, int]
    withdrawn: int
    uncertain: int
    running: int
    waiting: int

    @property
    def is_finished(self) -> bool:
        """Whether the platform has answered about everybody."""
        return not self.running and not self.waiting

    @property
    def difference(self) -> int:
        """Customers of whom nothing is known: zero, or the journal is wrong."""
        parts = (self.accepted, *self.rejected.values(), self.withdrawn, self.uncertain, self.running, self.waiting)
        return self.confirmed - sum(parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "rejected": dict(self.rejected), "difference": self.difference}


def reconcile(journal: Journal) -> Reconciliation:
    """Add up the latest round of a journal.

    Args:
        journal: As far as the push is.

    Example:
        >>> reconcile(Journal("5f0c", "klaviyo", "klaviyo", "contacted")).difference
        0
    """
    batches = [batch for batch in journal.batches if batch.round == journal.round]
    by_state = dict.fromkeys(("planned", "sending", "running", "done"), 0)
    rejected: dict[str, int] = {}
    for batch in batches:
        by_state[batch.state] += count_runs(batch.customers)
        for reason, count in batch.rejected_counts().items():
            rejected[reason] = rejected.get(reason, 0) + count
    return Reconciliation(
        confirmed=journal.confirmed,
        accepted=by_state["done"],
        rejected=dict(sorted(rejected.items())),
        withdrawn=sum(count_runs(batch.withdrawn) for batch in batches),
        uncertain=sum(count_runs(batch.uncertain) for batch in batches),
        running=by_state["running"],
        waiting=by_state["planned"] + by_state["sending"],
    )
