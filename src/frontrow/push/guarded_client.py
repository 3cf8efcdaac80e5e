"""The client that a platform is given: nothing that speaks of consent, subscriptions or suppressions ever leaves.

Two fences stand before every request. `remote.allowed_calls` lets only the calls of the platform's own list through,
and none of the lists has a call that subscribes anybody or lifts a suppression. This one looks into what is sent: a
call that is allowed for tags could carry a field of consent as well, and must not.
"""

from __future__ import annotations

import json as json_text
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from frontrow.errors import RemoteError
from frontrow.push.platform import Connection, Platform
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import Answer, ApiClient, ClientSettings
from frontrow.remote.secrets import Secret
from frontrow.sources.connector import Opener

CONSENT_WORDS: Final = re.compile(
    r"consent|subscri|suppress|opt_?in|opt_?out|marketing|double_?opt|unsub", re.IGNORECASE
)
CONSENT_NAMES: Final = re.compile(r"status(_if_new)?|email_type|_kx", re.IGNORECASE)
"""Words in names of fields, and whole names, by which services change what a person agreed to."""

NAMES: Final = re.compile(rb'"([A-Za-z0-9_. -]{1,100})"\s*:')


class GuardedClient:
    """A client that looks into what it sends.

    Args:
        client: Sends it.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client

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
        """Send a request, after a look into it: see `push.platform.Client.request`.

        Raises:
            RemoteError: What is sent has a field of consent, or the call is not allowed, or the service refuses.
        """
        check_payload(json, content)
        return self._client.request(
            method,
            path,
            params=params,
            json=json,
            content=content,
            headers=headers,
            expect=expect,
            repeatable=repeatable,
        )

    def download(self, url: str, file: Path) -> None:
        """Download a file that the service names."""
        self._client.download(url, file)

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> None:
        """Send a file, after a look into it, to the place that the service names for it.

        Raises:
            RemoteError: The file has a field of consent, or the service does not take it.
        """
        check_payload(content=content)
        self._client.upload(url, fields, content)

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._client.pause(seconds)


def open_account(platform: Platform, connection: Connection, opener: Opener) -> ApiClient:
    """The client of an account, which may make the platform's calls and no other.

    Args:
        platform: The platform.
        connection: How to reach the account.
        opener: Makes the client.
    """
    allowed = AllowedCalls(platform.calls, platform.graphql, platform.mutations)
    return opener(
        ClientSettings(
            base_url=connection.base_url,
            service=platform.title,
            allowed=allowed,
            headers=connection.headers,
            requests_per_second=platform.requests_per_second,
        )
    )


def check_payload(json: Any = None, content: bytes | None = None) -> None:
    """Refuse to send a field that changes what a person agreed to.

    Args:
        json: What is sent as JSON; of a GraphQL document its words count too.
        content: Bytes that are sent instead, such as one JSON object a line.

    Raises:
        RemoteError: There is such a field.

    Example:
        >>> check_payload({"data": {"attributes": {"email": "ann@example.com"}}})
        >>> check_payload({"data": [{"consent": "SUBSCRIBED"}]})
        Traceback (most recent call last):
        frontrow.errors.RemoteError: A push leaves consent alone: frontrow never sends "consent". Nothing was sent.
    """
    names = [*_list_names(json)]
    if isinstance(json, Mapping) and isinstance(json.get("query"), str):
        names += [word for word in re.findall(r"\w+", json["query"]) if CONSENT_WORDS.search(word)]
    if content is not None:
        names += [match.decode() for match in NAMES.findall(content)]
    for name in names:
        if CONSENT_WORDS.search(name) or CONSENT_NAMES.fullmatch(name):
            raise RemoteError(
                f"A push leaves consent alone: frontrow never sends {json_text.dumps(name)}. Nothing was sent."
            )


def _list_names(value: Any) -> list[str]:
    """The names of all fields, at any depth."""
    names: list[str] = []
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            names += map(str, part)
            waiting += part.values()
        elif isinstance(part, list | tuple):
            waiting += part
    return names
