"""The client of every service: only allowed calls, as fast as allowed, again where that helps, and no secret shown.

httpx is imported when a client is opened, and not before.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urljoin

from frontrow.errors import RemoteError, require
from frontrow.remote.addresses import ServiceAddress, check_download, follow
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.download import Transfer, download_file
from frontrow.remote.failures import CHUNK, describe_failure
from frontrow.remote.log_filter import hide_logs, unlogged
from frontrow.remote.rate_limit import RateLimit
from frontrow.remote.refusals import describe_refusal
from frontrow.remote.retries import NOT_DONE, SAFE_METHODS, TRY_LATER, RetrySettings, Waits, read_stated_wait
from frontrow.remote.secrets import Secret, reveal_headers, reveal_values
from frontrow.remote.timing import REAL_TIME, Timing
from frontrow.remote.upload import upload_file

if TYPE_CHECKING:
    import httpx

EXTRA: Final = "connect"
"""The extra of frontrow that brings what the client needs."""

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS: Final = 3
READING: Final = ("GET", "HEAD")
"""Methods that a service may send on to another address of its own."""


@dataclass(frozen=True)
class ClientSettings:
    """How to speak to a service.

    Attributes:
        base_url: Its address; http:// only on this machine.
        service: What messages call it, such as Shopify.
        headers: Sent with each request; a secret is revealed only there.
        params: Sent with each request as a part of the address; no message and no log shows them.
        allowed: The calls that may be made.
        requests_per_second: The most; None for no limit.
        timeout_seconds: A service that says nothing for so long is asked again.
        most_bytes: Of one answer; a longer one is refused.
        retries: How often and how patiently a request is sent again.
    """

    base_url: str
    service: str
    allowed: AllowedCalls
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    params: Mapping[str, str | Secret] = field(default_factory=dict)
    requests_per_second: float | None = None
    timeout_seconds: float = 60.0
    most_bytes: int = 128 * CHUNK
    retries: RetrySettings = field(default_factory=RetrySettings)


@dataclass(frozen=True)
class Answer:
    """What a service answered; its content is never shown, for it may hold addresses.

    Attributes:
        status: Such as 200.
        headers: By name in lower case.
        content: The bytes of its body.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    service: str = field(default="The service", repr=False)

    def json(self) -> Any:
        """The value that the body holds.

        Raises:
            RemoteError: It is no JSON.

        Example:
            >>> Answer(200, {}, b'{"orders": []}').json()
            {'orders': []}
        """
        try:
            return json_text.loads(self.content)
        except (ValueError, RecursionError):
            # without its cause, which holds the text
            raise RemoteError(
                f"{self.service} answered with something that is no JSON. Is the address of the service right, and is "
                "there no sign-in page or firewall before it?"
            ) from None


class ApiClient:
    """A client of one service; use it as a context manager.

    Args:
        settings: How to speak to the service.
        timing: How to tell the time and wait.

    Raises:
        MissingExtraError: httpx is not installed.
        SettingError: The address cannot be used.
    """

    def __init__(self, settings: ClientSettings, timing: Timing = REAL_TIME) -> None:
        require("httpx", extra=EXTRA)
        self._settings = settings
        self._timing = timing
        self._address = ServiceAddress.parse(settings.base_url)
        self._limit = RateLimit(settings.requests_per_second, timing)
        self._waits = Waits(settings.retries)
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        import httpx

        hide_logs()
        self._client = httpx.Client(
            timeout=self._settings.timeout_seconds,
            # proxies of the machine are used, except on the way to the machine itself
            trust_env=not self._address.is_loopback,
            follow_redirects=False,
            # certificates are read, which takes long, where they are needed
            verify=not self._address.origin.startswith("http:"),
            headers={"User-Agent": f"frontrow/{version('frontrow')}"},
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

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
        """Make a call, again where the service asks for it or did not answer.

        Args:
            method: Such as GET.
            path: Below the service's address, such as /wp-json/wc/v3/orders.
            params: What follows the path in the address.
            json: A value to be sent as JSON.
            content: Bytes to be sent instead.
            headers: Sent beside those of the settings.
            expect: Statuses that are returned; every other one is an error.
            repeatable: Whether the call does the same when it comes twice; None to go by the method. A call that does
                not is sent again only where the service says that it has done nothing.

        Raises:
            RemoteError: The call is not allowed, or the service refuses it, or cannot be reached.
            CredentialError: The service does not accept the secret.
        """
        listed = self._settings.allowed.match(method, path, json if isinstance(json, Mapping) else None)
        call = f"{method} {listed}"
        is_repeatable = method in SAFE_METHODS if repeatable is None else repeatable
        arguments: dict[str, Any] = {"params": reveal_values({**self._settings.params, **(params or {})}) or None}
        if json is not None:
            arguments["json"] = json
        if content is not None:
            arguments["content"] = content
        arguments["headers"] = reveal_headers({**self._settings.headers, **(headers or {})})
        url = f"{self._address.origin}{self._address.base}{path}"
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._send_patiently(method, url, arguments, call, expect, repeatable=is_repeatable)
            if answer.status in expect or answer.status not in REDIRECTS or method not in READING:
                break
            target = urljoin(url, answer.headers.get("location", ""))
            path = follow(target, self._address, call, self._settings.service)
            self._settings.allowed.match(method, path)
            url = f"{self._address.origin}{self._address.base}{path}"
        if answer.status not in expect:
            raise describe_refusal(self._settings.service, call, answer.status, self._settings.retries.attempts)
        return answer

    def download(self, url: str, file: Path) -> None:
        """Download a file that the service names; goes on where an earlier download of the same file was cut.

        The secrets of the settings are not sent along. While it comes, the file is called like `file` with `.part`.

        Args:
            url: Its address, as the service gave it; no message shows it.
            file: Where to write it; replaced in one step once it is whole.

        Raises:
            RemoteError: The address is not to be followed, or the file does not come.
        """
        self._transfer(url, lambda client: download_file(client, url, file), "a download")

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> None:
        """Send a file to the place that the service named for it, as a form whose last field it is.

        The secrets of the settings are not sent along: what the place asks for is in `fields`. Sent again, the file
        takes its own place.

        Args:
            url: The place, as the service gave it; no message shows it.
            fields: The other fields of the form, in the order in which the service gave them.
            content: The file.

        Raises:
            RemoteError: The address is not to be followed, or the file is not taken.
        """
        self._transfer(url, lambda client: upload_file(client, url, fields, content), "an upload")

    def pause(self, seconds: float) -> None:
        """Wait, as a service asked by other means than a status.

        Args:
            seconds: How long.
        """
        self._timing.sleep(seconds)

    def _transfer(self, url: str, send: Callable[[httpx.Client], Transfer], name: str) -> None:
        """Send or fetch a file at a place that the service named, until it is done or cannot be."""
        check_download(url, self._address)
        client = self._open_client()
        for attempt in range(1, self._settings.retries.attempts + 1):
            self._limit.wait()
            with unlogged():
                transfer = send(client)
            if transfer.is_done:
                return
            if not transfer.may_repeat or attempt == self._settings.retries.attempts:
                raise RemoteError(
                    f"{self._settings.service}: {name} did not succeed ({transfer.problem}). Run the command again; it "
                    "goes on where it was."
                )
            self._pause(attempt, transfer.retry_after, name)

    def _open_client(self) -> httpx.Client:
        if self._client is None:
            raise RuntimeError("a client is used as a context manager")
        return self._client

    def _send_patiently(
        self,
        method: str,
        url: str,
        arguments: Mapping[str, Any],
        call: str,
        expect: tuple[int, ...],
        *,
        repeatable: bool,
    ) -> Answer:
        """Send a request until it is answered with something other than that it should come later."""
        for attempt in range(1, self._settings.retries.attempts + 1):
            is_last = attempt == self._settings.retries.attempts
            self._limit.wait()
            answer, problem, was_sent = self._send(method, url, arguments)
            if answer is None:
                if is_last or (was_sent and not repeatable):
                    raise RemoteError(
                        f"{self._settings.service} did not answer {call} ({problem}). Check the address and the "
                        "connection, and run the command again; it goes on where it was."
                    )
                self._pause(attempt, None, call)
                continue
            may_repeat = answer.status in NOT_DONE or (answer.status in TRY_LATER and repeatable)
            if answer.status in expect or not may_repeat or is_last:
                return answer
            self._pause(attempt, answer.headers.get("retry-after"), call)
        raise AssertionError  # the last attempt returns or raises

    def _send(self, method: str, url: str, arguments: Mapping[str, Any]) -> tuple[Answer | None, str, bool]:
        """One attempt: the answer, or what went wrong and whether the service may have seen the request."""
        import httpx

        try:
            with unlogged(), self._open_client().stream(method, url, **arguments) as response:
                content = self._read(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, content, self._settings.service), "", True
        except httpx.HTTPError as error:
            not_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            return None, describe_failure(error), not not_sent

    def _read(self, response: httpx.Response) -> bytes:
        chunks, size = [], 0
        for chunk in response.iter_bytes(CHUNK):
            size += len(chunk)
            if size > self._settings.most_bytes:
                raise RemoteError(
                    f"{self._settings.service} sent an answer of more than {self._settings.most_bytes // CHUNK} MiB, "
                    "which no page of it should have. Check the address of the service."
                )
            chunks.append(chunk)
        return b"".join(chunks)

    def _pause(self, attempt: int, retry_after: str | None, call: str) -> None:
        stated_wait = read_stated_wait(retry_after, self._timing.now())
        longest = self._settings.retries.longest_stated_wait
        if stated_wait is not None and stated_wait > longest:
            raise RemoteError(
                f"{self._settings.service} asks to wait {stated_wait / 60:.0f} minutes before {call}. Run the command "
                "again then; it goes on where it was."
            )
        self._timing.sleep(self._waits.choose(attempt, stated_wait))
