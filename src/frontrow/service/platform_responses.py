"""Ask a platform what became of a campaign's messages, with a key that need only read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.responses.reading import ResponseRows
from frontrow.push.response_reader import choose_campaign, get_reader
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import ApiClient, ClientSettings
from frontrow.service.destinations import find_destination
from frontrow.sources.connector import Opener


def fetch_responses(
    folder: Path,
    campaign: Campaign,
    platform: str,
    platform_campaign: str | None,
    settings: Sequence[str] = (),
    secrets: Sequence[str] = (),
    opener: Opener = ApiClient,
) -> ResponseRows:
    """What a platform says of a campaign's messages; nothing is changed there.

    Args:
        folder: The shop's folder.
        campaign: As it was planned.
        platform: Name of a platform, or of a destination that the shop states.
        platform_campaign: Id or name of the campaign on the platform; None to be told the latest.
        settings: NAME=VALUE of the destination, for this run.
        secrets: NAME=env:VARIABLE or NAME=file:/PATH, for this run.
        opener: Makes the client.

    Raises:
        CampaignError: The platform has no such campaign, or cannot be asked.
        SettingError: A setting of the destination is wrong.
        CredentialError: The key is missing, expired, or lacks a scope.
        RemoteError: The platform cannot be reached, or refuses.
    """
    destination = find_destination(folder, platform, settings, secrets)
    reader = get_reader(destination.platform.name)
    connection = destination.connect()
    client_settings = ClientSettings(
        base_url=connection.base_url,
        service=destination.platform.title,
        allowed=AllowedCalls(reader.calls),
        headers=connection.headers,
        requests_per_second=reader.requests_per_second,
    )
    with opener(client_settings) as client:
        chosen = choose_campaign(reader.list_campaigns(client, campaign.channel), platform_campaign)
        rows = reader.read(client, chosen, campaign.channel, campaign.as_of)
    return replace(rows, name=f"{destination.platform.title}: {chosen.id}")
