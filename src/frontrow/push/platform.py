"""What a platform is: one file of `platforms/` brings recipients into an account of one service that sends mail.

To add a platform, add a file `platforms/NAME.py` that ends in `PLATFORM = MyPlatform()`, a subclass of `Platform`. It
shows up in `frontrow push --to` and in the contract tests without another edit.

A platform gives recipients a tag: it makes them members of a list or segment, or gives them a tag or property. It never
subscribes anyone, and never lifts a suppression: the service's own consent stays as it is. The calls that could are not
among its `calls`, and every payload is searched for words of consent before it leaves (`push.guarded_client`).

**Whatever a platform does can be done again without a further effect.** A push may be killed after a request was sent
and before its answer was written down: the same batch is sent again then.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import polars as pl

import frontrow.push.platforms
from frontrow.discovery import load_plugins, look_up
from frontrow.errors import CampaignError
from frontrow.remote.client import Answer
from frontrow.remote.secrets import Secret
from frontrow.sources.connector import ConnectorSetting

RECIPIENT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    # the id or e-mail as in the source
    "source_id": pl.String(),
    # for the channel: an e-mail trimmed and lower-cased, or a phone number in E.164
    "address": pl.String(),
    # email or sms
    "channel": pl.String(),
    "product_id": pl.String(),
    # identifies campaign and product, or campaign and held-out group
    "campaign_tag": pl.String(),
    # further properties of the profile as a JSON object; null for none
    "properties": pl.String(),
}


PlatformSetting = ConnectorSetting
"""Something that a destination states; destinations are added and shown as sources are."""

TAG_PROPERTY: Final = "property"
"""The setting of a destination that names a property of the profile: it gets the tag as well (`recipients`)."""


class Client(Protocol):
    """What a platform may call with: `remote.client.ApiClient` behind `push.guarded_client.GuardedClient`."""

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        expect: tuple[int, ...] = (200,),
        repeatable: bool | None = None,
    ) -> Answer:
        """Send a request; throttling, short failures and rate limits are seen to (`remote.client.ApiClient.request`).

        Raises:
            RemoteError: The service cannot be reached, refuses, or answers with another status than `expect`.
        """

    def download(self, url: str, file: Path) -> None:
        """Download a file that the service names (`remote.client.ApiClient.download`)."""

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> None:
        """Send a file to the place that the service names for it (`remote.client.ApiClient.upload`)."""

    def pause(self, seconds: float) -> None:
        """Wait."""


@dataclass(frozen=True)
class Connection:
    """How to reach an account.

    Attributes:
        base_url: Where the interface is, such as https://a.klaviyo.com.
        headers: Sent with every request; what holds a key is a secret.
    """

    base_url: str
    headers: Mapping[str, str | Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Recipients with one tag, few enough for one request or job.

    Attributes:
        number: 1 for the first of the push.
        tag: The campaign tag they get.
        rows: `RECIPIENT_SCHEMA`, by customer number.
    """

    number: int
    tag: str
    rows: pl.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Rejection:
    """A recipient that the platform did not take.

    Attributes:
        customer_id: The customer.
        reason: Why, as one short sentence that names nobody: a code or a title, never the text of the service, which
            may hold an address.
    """

    customer_id: int
    reason: str


@dataclass(frozen=True)
class Sent:
    """A batch that the platform has taken in.

    Attributes:
        job_id: The job to poll; None where the answer said at once what became of the batch.
        rejected: Those that it refused at once; the job, if there is one, is about the others.
    """

    job_id: str | None = None
    rejected: tuple[Rejection, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a job; who is not rejected was accepted.

    Attributes:
        rejected: Those that the platform did not take, each once.
    """

    rejected: tuple[Rejection, ...] = ()


class JobLostError(Exception):
    """The platform does not know a job any more: its batch is sent again."""


class Platform(ABC):
    """One service.

    Attributes:
        name: Its name for `--to`, which is the name of its file.
        title: Its name for a person.
        settings: What a destination states, the key among it; the first secret one is read from the environment
            variable `default_key` where the destination does not name another.
        default_key: Environment variable that holds the key by default.
        calls: The only calls it may make: method and path, with `{name}` for one part of a path.
        graphql: The path of its GraphQL interface; None without one.
        mutations: The only GraphQL mutations it may name.
        requests_per_second: Most requests a second that the service takes in the long run, from its documentation.
        batch_rows: Most recipients of a batch.
        batch_bytes: Largest size of a batch's recipients as JSON, in bytes; None for no limit.
        jobs_at_once: Most jobs that run at the same time.
        poll_seconds: How long to wait before a job is asked about again; it becomes longer while nothing ends.
        steps: What to do on the platform after the push, in the words of its own menus; `{tag}` stands for the tag.
        held_out_steps: The same where those held out were pushed, so that they hear nothing.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[tuple[PlatformSetting, ...]]
    default_key: ClassVar[str]
    calls: ClassVar[tuple[tuple[str, str], ...]]
    graphql: ClassVar[str | None] = None
    mutations: ClassVar[tuple[str, ...]] = ()
    requests_per_second: ClassVar[float]
    batch_rows: ClassVar[int]
    batch_bytes: ClassVar[int | None] = None
    jobs_at_once: ClassVar[int] = 10
    poll_seconds: ClassVar[float] = 1.0
    steps: ClassVar[tuple[str, ...]] = ()
    held_out_steps: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def connect(self, settings: Mapping[str, str], secrets: Mapping[str, Secret]) -> Connection:
        """How to reach the account that a destination names.

        Args:
            settings: Values by name, defaults filled in.
            secrets: Keys by name.
        """

    @abstractmethod
    def prepare(self, client: Client, tags: Sequence[str], settings: Mapping[str, str]) -> dict[str, str]:
        """Find or make what receives the recipients, such as a list named after each tag.

        Done again, it finds what it made. What it returns is written into the journal, and compared when a push goes
        on, so that a push never goes on in another account.

        Args:
            client: Calls the account.
            tags: The campaign tags of the push.
            settings: Of the destination.

        Returns:
            The platform's own id, by tag.
        """

    @abstractmethod
    def entry(self, recipient: Mapping[str, Any]) -> dict[str, Any]:
        """One recipient as the platform's JSON.

        Args:
            recipient: One row of `RECIPIENT_SCHEMA`.
        """

    @abstractmethod
    def send(self, client: Client, prepared: Mapping[str, str], batch: Batch) -> Sent:
        """Send a batch; sent again, it has no further effect.

        Args:
            client: Calls the account.
            prepared: What `prepare` returned.
            batch: The recipients.

        Raises:
            RemoteError: The batch as a whole is refused, or it is not certain that it arrived; it is sent again by the
                next push.
        """

    def poll(self, client: Client, prepared: Mapping[str, str], batch: Batch, job_id: str) -> Outcome | None:
        """What became of a job; None while it is running.

        Args:
            client: Calls the account.
            prepared: What `prepare` returned.
            batch: The recipients that the job is about, in the order in which they were sent. Who was forgotten or
                withdrew in the meantime has no address here.
            job_id: Of what `send` returned.

        Raises:
            JobLostError: The platform does not know the job any more.
        """
        raise NotImplementedError(f"{self.name} has no jobs")

    def lift(self, client: Client, tag: str, settings: Mapping[str, str]) -> int:  # noqa: ARG002
        """Take the tag of those held out off everybody who has it, and return how many had it; done again, nobody.

        Args:
            client: Calls the account.
            tag: The campaign tag of those held out.
            settings: Of the destination.

        Raises:
            CampaignError: This is done by hand on the platform.
            RemoteError: The platform cannot be reached, or refuses; done again, it goes on.
        """
        raise CampaignError(f"On {self.title} this is done by hand: delete the list {tag} there.")

    def batches(self, recipients: pl.DataFrame, *, first: int = 1) -> Iterator[Batch]:
        """Cut recipients into batches: the same recipients give the same batches, whatever their order.

        Args:
            recipients: `RECIPIENT_SCHEMA`.
            first: Number of the first batch.
        """
        number = first
        for (tag,), rows in recipients.sort("campaign_tag", "customer_id").group_by(
            "campaign_tag", maintain_order=True
        ):
            for start, length in self._cuts(rows):
                yield Batch(number, str(tag), rows.slice(start, length))
                number += 1

    def _cuts(self, rows: pl.DataFrame) -> Iterator[tuple[int, int]]:
        """Start and length of each batch."""
        if self.batch_bytes is None:
            yield from (
                (start, min(self.batch_rows, rows.height - start)) for start in range(0, rows.height, self.batch_rows)
            )
            return
        start, length, size = 0, 0, 0
        for recipient in rows.iter_rows(named=True):
            more = self._size(recipient)
            if length and (length == self.batch_rows or size + more > self.batch_bytes):
                yield start, length
                start, length, size = start + length, 0, 0
            length, size = length + 1, size + more
        yield start, length

    def _size(self, recipient: Mapping[str, Any]) -> int:
        """Bytes of a recipient's JSON, with what separates it from the next one."""
        return len(json.dumps(self.entry(recipient)).encode()) + 2


def platform_names() -> list[str]:
    """The platforms, which are the files of `platforms/` that hold a `PLATFORM`."""
    return sorted(_platforms())


def get_platform(name: str) -> Platform:
    """Return a platform by its name.

    Raises:
        CampaignError: There is no such platform; the message lists the available ones.
    """
    return look_up(_platforms(), name, kind="platform", error=CampaignError)


def _platforms() -> dict[str, Platform]:
    return load_plugins(frontrow.push.platforms, "PLATFORM")
