"""Read what became of a campaign's messages; who has unsubscribed has no consent from then on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.eligibility.contact_rules import ContactRules, resolve_identities
from frontrow.campaign.experiment.holdout import CONTACTED
from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.campaign_folders import read_campaigns, was_planned_on
from frontrow.campaign.record.register import read_register
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.campaign.responses.matching import MatchedResponses, match_responses
from frontrow.campaign.responses.reading import ResponseFile, ResponseRows, read_responses
from frontrow.errors import CampaignError, SettingError
from frontrow.present.section import Section
from frontrow.present.sections.responses import build_sections
from frontrow.remote.client import ApiClient
from frontrow.service.changing import change_shop
from frontrow.service.platform_responses import fetch_responses
from frontrow.shop.config import ShopConfig
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.shop.unsubscribed import Unsubscribed
from frontrow.sources.connector import Opener
from frontrow.storage.commit import commit
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class ResponseSettings:
    """Where the responses to a campaign are read.

    Attributes:
        files: Exports of the platform: FILE, or RESPONSE=FILE for a list of those of whom one thing is true.
        mapping: Column by field (email, phone, delivered, opened, ...), where the header does not tell.
        platform: Name of a platform or destination to ask beside the files; None to ask none.
        platform_campaign: Id or name of the campaign there.
        settings: NAME=VALUE of the destination, for this run.
        secrets: NAME=env:VARIABLE or NAME=file:/PATH, for this run.
    """

    files: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    platform_campaign: str | None = None
    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResponsesResult:
    """The responses to a campaign, after more of them were read.

    Attributes:
        folder: The shop's folder.
        place: The campaign's folder.
        campaign: What was planned.
        responses: What is known of all its messages now.
        matched: What was read this time.
        unsubscribed: Customers who have unsubscribed, and had not before.
        notices: Sentences about what a person should know.
    """

    folder: Path
    place: Path
    campaign: Campaign
    responses: CampaignResponses
    matched: MatchedResponses
    unsubscribed: int
    notices: tuple[str, ...] = ()

    @property
    def reached_held_out(self) -> int:
        """Held-out customers who received the message nevertheless."""
        return len(self.responses.delivered & {*self.campaign.held_out["customer_id"]})

    @property
    def table(self) -> pl.DataFrame:
        """One row for each customer on the list, by number."""
        return self.responses.table(self.campaign.assignment)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        return {
            "campaign": self.campaign.name,
            "contacted": self.campaign.contacted.height,
            "held_out": self.campaign.held_out.height,
            "responses": self.count_contacted(),
            "reached_held_out": self.reached_held_out,
            "newly_unsubscribed": self.unsubscribed,
            "rows": self.matched.rows,
            "unmatched_addresses": self.matched.unmatched,
            "unreadable_rows": self.matched.unreadable,
            "notices": list(self.notices),
        }

    def count_contacted(self) -> dict[str, int | None]:
        """Number of the contacted by response; None for one that no file told of."""
        rows = self.table.filter(pl.col("group") == CONTACTED).unique("customer_id")
        return {
            name: None if rows[name].null_count() == rows.height else int(rows[name].sum()) for name in rows.columns[3:]
        }

    def sections(self) -> list[Section]:
        """How many received, opened, clicked and unsubscribed, and what that means."""
        return build_sections(
            self.campaign, self.count_contacted(), self.matched, self.unsubscribed, self.reached_held_out
        )


def read_campaign_responses(
    folder: Path,
    campaign: Path,
    settings: ResponseSettings,
    *,
    wait: float = DEFAULT_WAIT,
    opener: Opener = ApiClient,
) -> ResponsesResult:
    """Read what a platform says of a campaign's messages, and record it by customer number.

    Who has unsubscribed is recorded in the shop first, by one commit, whether assigned to the campaign or not. Read
    again, the same files change nothing.

    Args:
        folder: The shop's folder.
        campaign: The campaign's folder.
        settings: The files, or the platform to ask.
        wait: Seconds to wait for another command that is changing the shop.
        opener: Makes the client; a test hands over one whose clock does not wait.

    Raises:
        CampaignError: The folder holds no campaign, one that was planned on another shop, or damaged responses.
        InputError: A file cannot be used; nothing was changed.
        RemoteError: The platform cannot be reached, or refuses; nothing was changed.
        SettingError: There is no such field to map, or neither a file nor a platform is given.
        ShopError: The folder holds no shop, or a damaged one.
        ShopLockedError: Another command did not finish in time.
    """
    planned = Campaign.read(campaign)
    if not settings.files and settings.platform is None:
        raise SettingError("from", "Give the platform's exports, or its name with --from.")
    files = [ResponseFile.parse(text) for text in settings.files]
    parts = read_responses(files, planned.channel, settings.mapping)
    if settings.platform is not None:
        named, given = (settings.platform, settings.platform_campaign), (settings.settings, settings.secrets)
        parts.append(fetch_responses(folder, planned, *named, *given, opener))
    return record_responses(folder, campaign, planned, parts, wait=wait)


def record_responses(
    folder: Path, place: Path, campaign: Campaign, parts: Sequence[ResponseRows], *, wait: float = DEFAULT_WAIT
) -> ResponsesResult:
    """Record what files or a platform say of a campaign's messages.

    Args:
        folder: The shop's folder.
        place: The campaign's folder.
        campaign: As it was planned.
        parts: What they say.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        CampaignError: The campaign was planned on another shop, or its responses are damaged.
        ShopError: The folder holds no shop, or a damaged one.
        ShopLockedError: Another command did not finish in time.
    """
    with change_shop(folder, "results", wait=wait):
        if not was_planned_on(campaign, ShopSettings.read(folder).imports):
            raise CampaignError(
                f"{place} was planned on another shop than {folder}, where customer numbers are not the same. "
                "Give the folder of that shop."
            )
        before = CampaignResponses.read(place) or CampaignResponses(campaign.campaign_id)
        shop = Shop.read(folder, hold=False)
        rules = ContactRules(campaign.channel, phone_region=ShopConfig.read(folder).phone_region)
        customers = resolve_identities(shop.as_of(), rules)
        matched = match_responses(parts, customers, campaign.channel, rules.phone_region)
        today = dt.datetime.now(shop.time_zone).date()
        new = _record_unsubscribed(folder, matched.unsubscribed, campaign, today)
        responses = before.add(_by_response(matched, parts, campaign), _describe(parts))
        if responses.customers != before.customers:
            responses.save(place)
        notices = (
            *_warn_of_waiting_campaigns(folder, shop.settings, matched.unsubscribed, campaign),
            *_warn_of_bad_rows(matched),
        )
    return ResponsesResult(folder, place, campaign, responses, matched, new, notices)


def _record_unsubscribed(folder: Path, customer_ids: pl.Series, campaign: Campaign, day: dt.date) -> int:
    """Record who has unsubscribed, in one commit; how many had not before."""
    before = Unsubscribed.read(folder)
    after = before.add(customer_ids, campaign.channel, day, campaign.name)
    if after.rows.height > before.rows.height:
        commit(folder, after.to_tables(), {})
    return after.rows.height - before.rows.height


def _by_response(
    matched: MatchedResponses, parts: Sequence[ResponseRows], campaign: Campaign
) -> dict[str, frozenset[int]]:
    """Customer numbers by response: of those assigned to the campaign, and everyone who has unsubscribed."""
    reported = {name for part in parts for name in part.reported}
    assigned = {*campaign.assignment["customer_id"]}
    rows = matched.customers.filter(pl.col("customer_id").is_in([*assigned]))
    by_response = {name: frozenset(rows.filter(pl.col("response") == name)["customer_id"]) for name in reported}
    if "unsubscribed" in reported:
        by_response["unsubscribed"] = frozenset(matched.unsubscribed)
    return by_response


def _describe(parts: Sequence[ResponseRows]) -> list[dict[str, Any]]:
    read_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return [{"name": part.name, "layout": part.layout, "rows": part.rows.height, "read_at": read_at} for part in parts]


def _warn_of_waiting_campaigns(
    folder: Path, settings: ShopSettings, customer_ids: pl.Series, campaign: Campaign
) -> list[str]:
    """Files that were written before somebody in them unsubscribed, and may still be sent."""
    waiting = [Path(other.folder) for other in read_register(folder).values() if not other.recorded]
    campaigns, _ = read_campaigns(waiting, settings.imports)
    sentences = []
    for place, other in campaigns.items():
        is_theirs = other.contacted["customer_id"].is_in(customer_ids.implode())
        if other.channel == campaign.channel and other.campaign_id != campaign.campaign_id and is_theirs.any():
            sentences.append(
                f'The files of the campaign "{other.name}" in {place} hold {is_theirs.sum():,} who have unsubscribed '
                "since: plan it again, or push it, which leaves them out."
            )
    return sentences


def _warn_of_bad_rows(matched: MatchedResponses) -> list[str]:
    if not matched.unreadable:
        return []
    return [f"{matched.unreadable:,} rows have no address that can be read, and count nowhere."]
