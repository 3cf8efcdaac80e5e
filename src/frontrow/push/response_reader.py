"""What a response reader is: one file of `response_readers/` asks a platform what became of a campaign's messages.

To add a platform, add a file `response_readers/NAME.py` that ends in `READER = MyReader()`, named like its platform in
`platforms/`, whose connection it uses. It may make GET calls only.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import polars as pl

import frontrow.push.response_readers
from frontrow.campaign.addresses import Channel
from frontrow.campaign.response_layout import RESPONSES
from frontrow.campaign.responses.reading import ResponseRows
from frontrow.discovery import load_plugins, look_up
from frontrow.errors import CampaignError


class Answer(Protocol):
    """What a service answered (`remote.client.Answer`)."""

    def json(self) -> Any:
        """The body, parsed."""


class ReadingClient(Protocol):
    """What a reader calls with: `remote.client.ApiClient`, which lets nothing but the reader's calls through."""

    def request(self, method: str, path: str, *, params: Mapping[str, str | int] | None = None) -> Answer:
        """Send a request.

        Raises:
            RemoteError: The service cannot be reached, or refuses.
        """


@dataclass(frozen=True)
class PlatformCampaign:
    """A campaign as the platform knows it.

    Attributes:
        id: The platform's.
        name: What somebody called it there.
        sent_at: When it was sent, in the platform's own spelling; empty where it does not say.
    """

    id: str
    name: str
    sent_at: str = ""


class ResponseReader(ABC):
    """Asks one platform.

    Attributes:
        name: Name of the platform, which is the name of its file.
        calls: The only calls that it makes, all of them GET.
        requests_per_second: Most requests a second.
        scopes: What the key has to allow, for messages and docs.
    """

    name: ClassVar[str]
    calls: ClassVar[tuple[tuple[str, str], ...]]
    requests_per_second: ClassVar[float]
    scopes: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def list_campaigns(self, client: ReadingClient, channel: Channel) -> list[PlatformCampaign]:
        """The latest campaigns that were sent, the newest first.

        Args:
            client: Calls the account.
            channel: email or sms.
        """

    @abstractmethod
    def read(
        self, client: ReadingClient, campaign: PlatformCampaign, channel: Channel, since: dt.datetime
    ) -> ResponseRows:
        """What became of the messages of a campaign.

        Args:
            client: Calls the account.
            campaign: The platform's campaign.
            channel: email or sms.
            since: Nothing happened before.
        """


def choose_campaign(campaigns: Sequence[PlatformCampaign], named: str | None) -> PlatformCampaign:
    """The campaign of the platform that a person names by its id or name.

    Args:
        campaigns: The platform's latest.
        named: What the person typed; None for nothing.

    Raises:
        CampaignError: None is named, or several are, or none is there.

    Example:
        >>> campaigns = [PlatformCampaign("a1", "Spring"), PlatformCampaign("b2", "Vases")]
        >>> choose_campaign(campaigns, "vases").id, choose_campaign(campaigns, "a1").name
        ('b2', 'Spring')
    """
    listed = "; ".join(f'"{item.name}" ({item.id}{", " * bool(item.sent_at)}{item.sent_at[:10]})' for item in campaigns)
    advice = f"Name it with --platform-campaign. The latest are: {listed}." if campaigns else "None was sent there yet."
    if named is None:
        raise CampaignError(f"Which campaign of the platform was it? {advice}")
    key = named.strip().casefold()
    by_id = [item for item in campaigns if item.id.casefold() == key]
    matches = by_id or [item for item in campaigns if item.name.strip().casefold() == key]
    if len(matches) != 1:
        number = "no" if not matches else "more than one"
        raise CampaignError(f"The platform has {number} campaign of that name or id among its latest. {advice}")
    return matches[0]


def build_rows(platform: str, addresses: Mapping[str, Iterable[str]]) -> ResponseRows:
    """What a platform says, as rows of one address each.

    Args:
        platform: Its title.
        addresses: By response; an empty one says that the platform was asked about it, and it happened to nobody.
    """
    members = {name: {*addresses[name]} for name in RESPONSES if name in addresses}
    everyone = sorted({address for part in members.values() for address in part})
    rows = pl.DataFrame({"address": everyone}, schema={"address": pl.String}).with_columns(
        pl.Series(name, [address in part for address in everyone], pl.Boolean) for name, part in members.items()
    )
    return ResponseRows(platform, platform, rows, tuple(members))


def reader_names() -> list[str]:
    """The platforms that can be asked."""
    return sorted(_readers())


def get_reader(name: str) -> ResponseReader:
    """Return the reader of a platform by its name.

    Raises:
        CampaignError: There is no such reader; the message lists the available ones.
    """
    return look_up(_readers(), name, kind="platform to read results from", error=CampaignError)


def _readers() -> dict[str, ResponseReader]:
    return load_plugins(frontrow.push.response_readers, "READER")
