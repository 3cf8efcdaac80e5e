"""Carry a push out, from wherever it is: batches are sent, jobs are asked about, and each step is written down first.

The journal is saved before a batch is sent and after it was answered. So a push that is killed between the two does not
know whether the batch arrived, and sends it again; a platform keeps that without effect (`push.platform`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from frontrow.errors import CampaignError, RemoteError
from frontrow.progress import Progress, no_progress
from frontrow.push.customer_runs import write_runs
from frontrow.push.journal import BatchRecord, Journal
from frontrow.push.platform import RECIPIENT_SCHEMA, Batch, Client, JobLostError, Platform

MOST_LOSSES: Final = 3
"""A job that the platform loses so often is no accident."""

SLOWER: Final = 1.5
LONGEST_POLL: Final = 15.0
"""Waits become longer by this factor while no job ends, up to so many times the platform's own."""


def plan_round(journal: Journal, recipients: pl.DataFrame, platform: Platform) -> Journal:
    """The journal with a round for those whom no earlier round reached; nothing is sent yet.

    Args:
        journal: A finished one, or an empty one.
        recipients: `RECIPIENT_SCHEMA`: all who may be reached now.
        platform: Cuts them into batches.
    """
    left = list_left(journal, recipients)
    records = [
        BatchRecord(batch.number, journal.round + 1, batch.tag, customers=write_runs(batch.rows["customer_id"]))
        for batch in platform.batches(left, first=len(journal.batches) + 1)
    ]
    return replace(journal, confirmed=left.height, batches=(*journal.batches, *records))


def list_left(journal: Journal, recipients: pl.DataFrame) -> pl.DataFrame:
    """The recipients whom the platform has not taken yet."""
    accepted = pl.Series("customer_id", sorted(journal.accepted_ids), pl.Int64)
    return recipients.filter(~pl.col("customer_id").is_in(accepted.implode()))


@dataclass
class PushRun:
    """A push that is being carried out.

    Attributes:
        journal: As far as it is; `save` has the same.
        platform: Where it goes.
        client: Calls the account.
        settings: Of the destination.
        find_recipients: Those who may be reached at this moment (`RECIPIENT_SCHEMA`).
        save: Writes the journal down.
        progress: Called with (done, total) customers.
    """

    journal: Journal
    platform: Platform
    client: Client
    settings: dict[str, str]
    find_recipients: Callable[[], pl.DataFrame]
    save: Callable[[Journal], None]
    progress: Progress = no_progress
    _losses: dict[int, int] = field(default_factory=dict)

    def carry_out(self) -> Journal:
        """Send and ask until every batch is answered.

        Raises:
            RemoteError: The platform cannot be reached, or refuses; the journal has everything up to then.
            CampaignError: The account is not the one in which the push began.
        """
        self._prepare()
        wait = self.platform.poll_seconds
        while not self.journal.is_finished:
            self._report()
            if self._send_next():
                continue
            if self._ask_about_jobs():
                wait = self.platform.poll_seconds
                continue
            self.client.pause(wait)
            wait = min(wait * SLOWER, self.platform.poll_seconds * LONGEST_POLL)
        self._report()
        return self.journal

    def _prepare(self) -> None:
        tags = sorted({batch.tag for batch in self.journal.batches if batch.state != "done"})
        if not tags:
            return
        prepared = self.platform.prepare(self.client, tags, self.settings)
        before = self.journal.prepared
        if any(before.get(tag, place) != place for tag, place in prepared.items()):
            raise CampaignError(
                f"This push began in another account of {self.platform.title}, or its list was deleted there since. "
                "Nothing was sent. Give the key of the account in which it began, or a destination with a name of its "
                "own for the other account."
            )
        self._save(replace(self.journal, prepared={**before, **prepared}))

    def _send_next(self) -> bool:
        """Send one batch, unless as many jobs run as may; whether one was sent."""
        running = sum(batch.state == "running" for batch in self.journal.batches)
        waiting = [batch for batch in self.journal.batches if batch.state in ("planned", "sending")]
        if not waiting or running >= self.platform.jobs_at_once:
            return False
        # looked at once: who withdraws after this moment withdraws after the push
        recipients = self._find_recipients(waiting[0])
        record = waiting[0].without({*waiting[0].customer_ids} - {*recipients["customer_id"]})
        if not record.customer_ids:
            self._save_batch(replace(record, state="done"))
            return True
        record = replace(record, state="sending")
        self._save_batch(record)
        batch = _to_batch(record, recipients)
        sent = self.platform.send(self.client, self.journal.prepared, batch)
        record = record.with_rejections(sent.rejected)
        self._save_batch(replace(record, state="done" if sent.job_id is None else "running", job_id=sent.job_id))
        return True

    def _ask_about_jobs(self) -> bool:
        """Ask about every job that runs; whether one ended."""
        ended = False
        for record in [batch for batch in self.journal.batches if batch.state == "running"]:
            batch, job_id = _to_batch(record, self._find_recipients(record)), record.job_id or ""
            try:
                outcome = self.platform.poll(self.client, self.journal.prepared, batch, job_id)
            except JobLostError:
                self._send_again(record)
                return True
            if outcome is not None:
                self._save_batch(replace(record.with_rejections(outcome.rejected), state="done", job_id=None))
                ended = True
        return ended

    def _send_again(self, record: BatchRecord) -> None:
        losses = self._losses[record.number] = self._losses.get(record.number, 0) + 1
        if losses >= MOST_LOSSES:
            raise RemoteError(
                f"{self.platform.title} has lost the job of batch {record.number} {losses} times. Nobody of it is "
                "recorded as contacted. Look at the account, and run the command again; it goes on where it was."
            )
        self._save_batch(replace(record, state="sending", job_id=None))

    def _find_recipients(self, record: BatchRecord) -> pl.DataFrame:
        return self.find_recipients().filter(pl.col("campaign_tag") == record.tag)

    def _save_batch(self, record: BatchRecord) -> None:
        self._save(self.journal.with_batch(record))

    def _save(self, journal: Journal) -> None:
        self.journal = journal
        self.save(journal)

    def _report(self) -> None:
        batches = [batch for batch in self.journal.batches if batch.round == self.journal.round]
        done = [batch for batch in batches if batch.state == "done"]
        self.progress(sum(batch.size for batch in done), sum(batch.size for batch in batches))


def _to_batch(record: BatchRecord, recipients: pl.DataFrame) -> Batch:
    """The batch in the journal's order; who withdrew since it was sent has no address."""
    ids = pl.DataFrame({"customer_id": record.customer_ids}, schema={"customer_id": pl.Int64})
    rows = ids.join(recipients, on="customer_id", how="left", maintain_order="left")
    return Batch(record.number, record.tag, rows.select(list(RECIPIENT_SCHEMA)))
