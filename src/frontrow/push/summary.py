"""Everything about a push that a person or a program is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.record.campaign import Campaign
from frontrow.push.journal import Group
from frontrow.push.platform import Platform
from frontrow.push.recipients import Recipients
from frontrow.push.reconciliation import Reconciliation


@dataclass(frozen=True)
class PushSummary:
    """What would be pushed, or was.

    Attributes:
        folder: The shop's folder.
        campaign_folder: The campaign's folder.
        campaign: As it was planned.
        destination: Name of the destination.
        platform: What it is an account of.
        group: Who is pushed.
        recipients: Who may be reached now.
        left: Those of them whom the platform has not taken yet.
        reconciliation: What became of the latest round; None before the first.
        accepted: Customers whom the platform has taken, in all rounds.
        is_dry_run: Whether nothing was sent.
        recorded: How many contacts are new in the contact log.
        has_pushed_held_out: Whether those held out are on the platform, so that messages can leave them out.
        options: What the command was given beside these, as words: the number to confirm depends on it.
        is_over: Whether the days whose orders count are over for every product.
        days_since_import: Days since files were last imported or synced: consent is as of then; None where that is not
            known.
    """

    folder: Path
    campaign_folder: Path
    campaign: Campaign
    destination: str
    platform: Platform
    group: Group
    recipients: Recipients
    left: pl.DataFrame = field(repr=False)
    reconciliation: Reconciliation | None
    accepted: int
    is_dry_run: bool
    recorded: int
    has_pushed_held_out: bool
    options: tuple[str, ...] = ()
    is_over: bool = False
    days_since_import: int | None = None

    @property
    def is_interrupted(self) -> bool:
        """Whether the latest round has to go on."""
        return self.reconciliation is not None and not self.reconciliation.is_finished

    @property
    def to_confirm(self) -> int:
        """The number to confirm; where a round was interrupted, its own."""
        if self.reconciliation is not None and self.is_interrupted:
            return self.reconciliation.confirmed
        return self.left.height

    @property
    def steps(self) -> list[str]:
        """What to do on the platform once it has taken customers, in the words of its own menus."""
        tags = ", ".join(self.recipients.rows["campaign_tag"].unique().sort())
        steps = self.platform.steps if self.group == "contacted" else self.platform.held_out_steps
        return [step.replace("{tag}", tags) for step in steps] if self.accepted else []

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        return {
            "campaign": self.campaign.name,
            "destination": self.destination,
            "platform": self.platform.name,
            "group": self.group,
            "dry_run": self.is_dry_run,
            "planned": self.recipients.planned,
            "left_out": dict(self.recipients.left_out),
            "may_be_pushed": self.recipients.rows.height,
            "accepted": self.accepted,
            "left": self.left.height,
            "confirm": self.to_confirm,
            "latest_push": None if self.reconciliation is None else self.reconciliation.to_dict(),
            "contacts_recorded": self.recorded,
        }
