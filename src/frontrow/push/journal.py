"""The journal of a push, in the campaign's folder: what was sent, what became of it, and where to go on.

It holds customer numbers, ids of the platform and reasons; never an address. It is written before a batch is sent and
after it was answered, each time in one step: a push that is killed at any moment is gone on with from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

from frontrow.errors import CampaignError
from frontrow.push.customer_runs import ERASED, count_runs, read_runs, write_runs
from frontrow.push.platform import Rejection
from frontrow.storage.durable import make_private_folder
from frontrow.storage.folder import replace_file
from frontrow.storage.json_file import read_json, to_json_text
from frontrow.storage.json_types import require_types
from frontrow.storage.pointer import is_sealed, seal

PUSHES: Final = "pushes"
"""The folder in a campaign's folder that holds its journals."""

FORMAT_VERSION: Final = 1
Group = Literal["contacted", "held-out"]
GROUPS: Final[tuple[str, ...]] = get_args(Group)
State = Literal["planned", "sending", "running", "done"]
"""Of a batch: not sent; sent, but perhaps it did not arrive; taken in by the platform, as a job; answered."""


@dataclass(frozen=True)
class BatchRecord:
    """What the journal says of a batch; each of its customers is in one of its texts (`customer_runs`).

    Attributes:
        number: 1 for the first of the journal.
        round: 1 for the first push; each later one that found somebody new has its own.
        tag: The campaign tag.
        state: How far it is.
        customers: Those who are to be sent, or were, in this order; once it is answered, those who were accepted.
        withdrawn: Those who withdrew before they were sent: they were not sent.
        uncertain: Those who withdrew while it was not certain whether the batch had arrived.
        rejected: Those whom the platform did not take, by its reason.
        job_id: The platform's id of the job, while it runs.
    """

    number: int
    round: int
    tag: str
    state: State = "planned"
    customers: str = ""
    withdrawn: str = ""
    uncertain: str = ""
    rejected: Mapping[str, str] = field(default_factory=dict)
    job_id: str | None = None

    @cached_property
    def customer_ids(self) -> list[int]:
        """Numbers of `customers`; `ERASED` for a forgotten person."""
        return read_runs(self.customers)

    @property
    def accepted_ids(self) -> list[int]:
        """Those whom the platform took; nobody before the batch is answered."""
        return self.customer_ids if self.state == "done" else []

    @cached_property
    def size(self) -> int:
        """How many customers it was planned for."""
        parts = (self.customers, self.withdrawn, self.uncertain, *self.rejected.values())
        return sum(count_runs(part) for part in parts)

    def rejected_counts(self) -> dict[str, int]:
        """How many the platform did not take, by reason."""
        return {reason: count_runs(runs) for reason, runs in self.rejected.items()}

    def without(self, customer_ids: Collection[int]) -> BatchRecord:
        """The record, before it is sent, without those who withdrew or were forgotten."""
        leaving = [number for number in self.customer_ids if number in customer_ids or number == ERASED]
        if not leaving:
            return self
        customers = self._all_but({*leaving})
        if self.state == "planned":
            return replace(self, customers=customers, withdrawn=write_runs([*read_runs(self.withdrawn), *leaving]))
        return replace(self, customers=customers, uncertain=write_runs([*read_runs(self.uncertain), *leaving]))

    def with_rejections(self, rejections: Iterable[Rejection]) -> BatchRecord:
        """The record with what the platform did not take; a customer counts under the first reason given."""
        reasons: dict[int, str] = {}
        for rejection in rejections:
            reasons.setdefault(rejection.customer_id, rejection.reason)
        by_reason = {reason: read_runs(runs) for reason, runs in self.rejected.items()}
        for number in self.customer_ids:
            if number in reasons and number != ERASED:
                by_reason.setdefault(reasons[number], []).append(number)
        rejected = {reason: write_runs(numbers) for reason, numbers in sorted(by_reason.items())}
        return replace(self, customers=self._all_but({*reasons} - {ERASED}), rejected=rejected)

    def erased(self, numbers: frozenset[int]) -> BatchRecord:
        """The record with `ERASED` in the place of forgotten persons' numbers."""

        def erase(runs: str) -> str:
            return write_runs(ERASED if number in numbers else number for number in read_runs(runs))

        return replace(
            self,
            customers=erase(self.customers),
            withdrawn=erase(self.withdrawn),
            uncertain=erase(self.uncertain),
            rejected={reason: erase(runs) for reason, runs in self.rejected.items()},
        )

    def _all_but(self, customer_ids: Collection[int]) -> str:
        return write_runs(number for number in self.customer_ids if number not in customer_ids)


@dataclass(frozen=True)
class Journal:
    """A push as far as it is.

    Attributes:
        campaign_id: The campaign's.
        destination: Name of the destination.
        platform: Name of the platform.
        group: `contacted`, or `held-out` for those who must be left out of messages.
        confirmed: The number of customers that a person confirmed, of the latest round.
        started_on: First day of the latest round, on the shop's calendar: the day of its contacts.
        prepared: What `Platform.prepare` returned.
        batches: Of every round.
    """

    campaign_id: str
    destination: str
    platform: str
    group: Group
    confirmed: int = 0
    started_on: dt.date | None = None
    prepared: Mapping[str, str] = field(default_factory=dict)
    batches: tuple[BatchRecord, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether every batch was answered."""
        return all(batch.state == "done" for batch in self.batches)

    @property
    def round(self) -> int:
        """The latest round; 0 before the first."""
        return max((batch.round for batch in self.batches), default=0)

    @property
    def accepted_ids(self) -> set[int]:
        """The customers whom the platform took, in any round."""
        return {number for batch in self.batches for number in batch.accepted_ids} - {ERASED}

    def erased(self, numbers: frozenset[int]) -> Journal:
        """The journal with `ERASED` in the place of forgotten persons' numbers."""
        return replace(self, batches=tuple(batch.erased(numbers) for batch in self.batches))

    def with_batch(self, changed: BatchRecord) -> Journal:
        """The journal with a batch as it is now."""
        return replace(
            self, batches=tuple(changed if batch.number == changed.number else batch for batch in self.batches)
        )

    def write(self, campaign_folder: Path) -> None:
        """Write the journal into the campaign's folder, in one step."""
        file = journal_file(campaign_folder, self.destination, self.group)
        make_private_folder(file.parent)
        with replace_file(file) as staged:
            staged.write_bytes(seal(to_json_text({"format_version": FORMAT_VERSION, **asdict(self)}).encode()))

    @classmethod
    def read(cls, file: Path) -> Journal | None:
        """The journal in a file; None where there is none.

        Raises:
            CampaignError: It is damaged.
        """
        if not file.is_file():
            return None
        damaged = CampaignError(
            f"{file} is damaged, so that frontrow does not know whom this push has reached. Put it back from a copy. "
            "Where there is none, delete it and push again: nobody is reached twice by that."
        )
        if not is_sealed(file.read_bytes()):
            raise damaged
        return read_json(file, cls._parse, damaged=damaged)

    @classmethod
    def _parse(cls, record: dict[str, Any]) -> Journal:
        del record["sha256"]
        if record.pop("format_version") != FORMAT_VERSION:
            raise ValueError("a journal of another version of frontrow")
        started_on = record.pop("started_on")
        batches = []
        for values in record.pop("batches"):
            require_types(BatchRecord, values)
            batch = BatchRecord(**values)
            # a damaged text is an error now and not in the middle of a push
            _ = [
                read_runs(runs)
                for runs in (batch.customers, batch.withdrawn, batch.uncertain, *batch.rejected.values())
            ]
            batches.append(batch)
        require_types(cls, record)
        return cls(
            **record,
            started_on=None if started_on is None else dt.date.fromisoformat(started_on),
            batches=tuple(batches),
        )


def journal_file(campaign_folder: Path, destination: str, group: Group) -> Path:
    """The file of a journal.

    Args:
        campaign_folder: The campaign's folder.
        destination: Name of the destination: letters, digits, hyphens and underscores.
        group: Whom it is about.

    Example:
        >>> journal_file(Path("spring"), "klaviyo", "held-out").as_posix()
        'spring/pushes/klaviyo.held-out.json'
    """
    return campaign_folder / PUSHES / (f"{destination}.json" if group == "contacted" else f"{destination}.{group}.json")


def list_journals(campaign_folder: Path) -> list[Path]:
    """The files of a campaign's journals."""
    return sorted((campaign_folder / PUSHES).glob("[!.]*.json"))
