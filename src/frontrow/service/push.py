"""Push a campaign's recipients to a platform: counted first, sent once a person has confirmed the number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from frontrow.campaign.eligibility.contact_rules import ContactHistory
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.properties import read_properties
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.campaign_folders import require_planned_on
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.errors import CampaignError, SettingError
from frontrow.present.section import Section
from frontrow.present.sections.push import build_push_sections, list_push_warnings
from frontrow.progress import Progress, no_progress
from frontrow.push.accepted import record_accepted
from frontrow.push.guarded_client import GuardedClient, open_account
from frontrow.push.journal import Group, Journal, journal_file
from frontrow.push.journal_lock import lock_journal
from frontrow.push.platform import TAG_PROPERTY
from frontrow.push.recipients import Recipients, read_contact_rules, select_recipients
from frontrow.push.reconciliation import reconcile
from frontrow.push.run import PushRun, list_left, plan_round
from frontrow.push.summary import PushSummary
from frontrow.remote.client import ApiClient
from frontrow.service.changing import change_shop
from frontrow.service.destinations import Destination, find_destination
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.sources.connector import Opener
from frontrow.storage.pointer import Pointer
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class PushSettings:
    """What is pushed, and where.

    Attributes:
        to: Name of a destination or platform.
        group: The customers who are contacted, or those held out, who are to be left out of messages.
        suppress: Files of addresses that must not be contacted.
        confirm: The number of customers that a person confirms; None to count and send nothing.
        settings: NAME=VALUE of the destination, for this run.
        secrets: NAME=env:VARIABLE or NAME=file:/PATH, for this run.
    """

    to: str
    group: Group = "contacted"
    suppress: tuple[Path, ...] = ()
    confirm: int | None = None
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def to_options(self) -> tuple[str, ...]:
        """The words of a command line that state suppression lists, settings and the places of secrets.

        Example:
            >>> PushSettings("klaviyo", settings=("property=frontrow_tag",)).to_options()
            ('--set', 'property=frontrow_tag')
        """
        values = (("--suppress", self.suppress), ("--set", self.settings), ("--secret", self.secrets))
        return tuple(word for option, given in values for value in given for word in (option, str(value)))


@dataclass(frozen=True)
class PushResult:
    """What would be pushed, or was.

    Attributes:
        summary: Numbers, and the rows that are left.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    summary: PushSummary
    notices: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences that a person should act on."""
        return list_push_warnings(self.summary)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        return {**self.summary.to_dict(), "warnings": list(self.warnings)}

    def sections(self) -> list[Section]:
        """Who is pushed and who is left out, what became of them, and what to do next."""
        return build_push_sections(self.summary)


def push_campaign(
    folder: Path,
    campaign_folder: Path,
    settings: PushSettings,
    *,
    progress: Progress = no_progress,
    wait: float = DEFAULT_WAIT,
    opener: Opener = ApiClient,
) -> PushResult:
    """Count whom a campaign would reach on a platform; send them once the number is confirmed.

    The same command again sends nothing twice. One that was interrupted goes on where it was.

    Args:
        folder: The shop's folder.
        campaign_folder: The campaign's folder.
        settings: What is pushed, and where.
        progress: Called with (done, total) customers.
        wait: Seconds to wait for another command that is changing the shop.
        opener: Makes the client; a test hands over one whose clock does not wait.

    Raises:
        CampaignError: The folder holds no campaign of this shop, its journal is damaged, or another push of it runs.
        SettingError: The number is not the one to confirm, or a setting of the destination is wrong.
        CredentialError: The key is missing, expired, or lacks a scope.
        RemoteError: The platform cannot be reached, or refuses. The command again goes on from there.
        ShopError: The folder holds no shop, or a damaged one.
        ShopLockedError: Another command did not finish in time.
    """
    campaign = Campaign.read(campaign_folder)
    require_planned_on(campaign, campaign_folder, folder, ShopSettings.read(folder).imports)
    destination = find_destination(folder, settings.to, settings.settings, settings.secrets)
    push = _Push(folder, campaign_folder, campaign, destination, settings)
    if settings.confirm is None:
        return push.to_result(0)
    recorded = 0
    try:
        with lock_journal(push.file, wait=wait):
            if push.needs_sending(settings.confirm):
                recorded = push.send(progress, wait, opener)
    finally:
        # also where nothing was left to send, because an earlier run was killed before it could record; and without
        # the journal's lock, so that who was forgotten meanwhile is erased from it now
        recorded += push.record(wait)
    return push.to_result(recorded)


@dataclass
class _Push:
    """A push to one destination: its journal, and who may be reached at this moment."""

    folder: Path
    campaign_folder: Path
    campaign: Campaign
    destination: Destination
    settings: PushSettings
    _generation: int | None = None
    _recipients: Recipients | None = None

    @property
    def file(self) -> Path:
        return journal_file(self.campaign_folder, self.destination.name, self.settings.group)

    def read_journal(self) -> Journal:
        platform = self.destination.platform.name
        empty = Journal(self.campaign.campaign_id, self.destination.name, platform, self.settings.group)
        journal = Journal.read(self.file) or empty
        if (journal.campaign_id, journal.platform) != (empty.campaign_id, empty.platform):
            raise CampaignError(
                f"{self.file} is of another campaign, or of another platform than {platform}. Give the destination "
                "another name, or move the file away if nobody was reached by it."
            )
        return journal

    def select(self) -> Recipients:
        """Who may be reached, as the shop is now: worked out again whenever it has changed."""
        generation = Pointer.read(self.folder).generation
        if self._recipients is None or generation != self._generation:
            self._generation, self._recipients = generation, self._select()
        return self._recipients

    def _select(self) -> Recipients:
        shop = Shop.read(self.folder)
        region = read_contact_rules(self.campaign).phone_region
        contacts = ContactHistory(
            SuppressionList.read(list(self.settings.suppress), default_region=region),
            ContactLog.read(self.folder),
            HeldOutLog.read(self.folder),
            GlobalControlGroup.read(self.folder),
        )
        return select_recipients(
            self.campaign,
            self.settings.group,
            shop.as_of(dt.datetime.now(dt.UTC)),
            contacts,
            read_properties(self.campaign_folder),
            tag_property=self.destination.settings.get(TAG_PROPERTY, ""),
        )

    def needs_sending(self, confirmed: int) -> bool:
        """Whether a confirmed number is that of a push to be done; not where it was done already.

        Raises:
            SettingError: The number is another one.
        """
        journal = self.read_journal()
        if not journal.is_finished:
            if confirmed == journal.confirmed:
                return True
            raise SettingError(
                "confirm",
                f"A push of {journal.confirmed:,} customers was interrupted. To go on with it, confirm "
                f"{journal.confirmed}.",
            )
        left = list_left(journal, self.select().rows).height
        if left and confirmed == left:
            return True
        if journal.round and (not left or confirmed == journal.confirmed):
            return False
        raise SettingError(
            "confirm",
            f"{left:,} customers would be pushed now, and not {confirmed:,}. Look at them without --confirm, and then "
            f"confirm {left}."
            if left
            else "Nobody is left to be pushed.",
        )

    def send(self, progress: Progress, wait: float, opener: Opener) -> int:
        """Send what is left; how many contacts are new in the log."""
        platform = self.destination.platform
        # before anything is written: a missing key or package leaves everything as it was
        client = open_account(platform, self.destination.connect(), opener)
        journal = self.read_journal()
        if journal.is_finished:
            planned = plan_round(journal, self.select().rows, platform)
            journal = replace(planned, started_on=self._today())
        journal.write(self.campaign_folder)
        # before anybody is reached: from now on no other campaign contacts those held out
        recorded = self.record(wait)
        with client:
            PushRun(
                journal,
                platform,
                GuardedClient(client),
                self.destination.settings,
                find_recipients=lambda: self.select().rows,
                save=lambda changed: changed.write(self.campaign_folder),
                progress=progress,
            ).carry_out()
        return recorded

    def record(self, wait: float) -> int:
        """Record whom the platform has taken so far, and that those held out are held out; contacts that are new."""
        journal = self.read_journal()
        if self.settings.group != "contacted" or journal.started_on is None:
            return 0
        with change_shop(self.folder, "push", wait=wait):
            is_current = Pointer.read(self.folder).generation == self._generation
            recorded = record_accepted(self.folder, self.campaign, journal.accepted_ids, journal.started_on)
            if is_current:
                # its own rows in the logs do not count, so the recipients are the same
                self._generation = Pointer.read(self.folder).generation
            return recorded

    def _count_days_since_import(self) -> int | None:
        instants = [record.get("imported_at") for record in ShopSettings.read(self.folder).imports]
        latest = max((dt.datetime.fromisoformat(str(instant)) for instant in instants if instant), default=None)
        return None if latest is None else (dt.datetime.now(dt.UTC) - latest).days

    def _today(self) -> dt.date:
        return Shop.read(self.folder).instant(dt.datetime.now(dt.UTC)).date()

    def to_result(self, recorded: int) -> PushResult:
        journal, recipients = self.read_journal(), self.select()
        held_out = Journal.read(journal_file(self.campaign_folder, self.destination.name, "held-out"))
        summary = PushSummary(
            folder=self.folder,
            campaign_folder=self.campaign_folder,
            campaign=self.campaign,
            destination=self.destination.name,
            platform=self.destination.platform,
            group=self.settings.group,
            recipients=recipients,
            left=list_left(journal, recipients.rows),
            reconciliation=reconcile(journal) if journal.round else None,
            accepted=sum(len(batch.accepted_ids) for batch in journal.batches),
            is_dry_run=self.settings.confirm is None,
            recorded=recorded,
            has_pushed_held_out=held_out is not None and held_out.is_finished,
            options=self.settings.to_options(),
            is_over=all(self._today() >= self.campaign.window_end(product) for product in self.campaign.products),
            days_since_import=self._count_days_since_import(),
        )
        return PushResult(summary)
