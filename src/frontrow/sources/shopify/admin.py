"""Questions to Shopify's GraphQL Admin API: its errors, its limit, and tokens that have expired.

A question has a cost in points. Where none are left, Shopify answers `THROTTLED` and says how fast they come back
(December 2026: 100 a second on most plans).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from frontrow.errors import CredentialError, RemoteError
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import Answer
from frontrow.remote.secrets import Secret
from frontrow.sources.shopify.queries import API_VERSION
from frontrow.sources.shopify.tokens import TOKEN_PATH, Tokens

GRAPHQL_PATH: Final = f"/admin/api/{API_VERSION}/graphql.json"
ALLOWED: Final = AllowedCalls((("POST", TOKEN_PATH),), graphql=GRAPHQL_PATH, mutations=("bulkOperationRunQuery",))
"""The only mutation starts a query; nothing in the shop can be changed."""

READING: Final = ("read_orders", "read_all_orders", "read_products", "read_customers")
"""What a token needs to read a shop."""

TOKEN_HEADER: Final = "X-Shopify-Access-Token"
ATTEMPTS: Final = 8
ANSWERED: Final = 200
UNAUTHORIZED: Final = 401
THROTTLED: Final = "THROTTLED"
PASSING: Final = ("INTERNAL_SERVER_ERROR", "TIMEOUT")
DENIED: Final = "ACCESS_DENIED"
SHORTEST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
LONGEST_MESSAGE: Final = 200


class Client(Protocol):
    """What speaks to the shop: `remote.client.ApiClient`, or one that looks into what it sends."""

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: Mapping[str, str | Secret] | None = None,
        expect: tuple[int, ...] = (200,),
        repeatable: bool | None = None,
    ) -> Answer:
        """See `ApiClient.request`."""

    def download(self, url: str, file: Path) -> None:
        """See `ApiClient.download`."""

    def pause(self, seconds: float) -> None:
        """See `ApiClient.pause`."""


class AdminApi:
    """Asks a shop's Admin API.

    Args:
        client: Speaks to the shop.
        tokens: Where access tokens come from; None where the client sends one itself.
        scopes: What a token needs, for the message where it lacks some.
    """

    def __init__(self, client: Client, tokens: Tokens | None, scopes: Sequence[str] = READING) -> None:
        self.client = client
        self._tokens = tokens
        self._scopes = scopes

    def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the data that answers a document.

        Args:
            document: GraphQL; asked twice it does the same.
            variables: Of the document.

        Raises:
            RemoteError: Shopify does not answer it, even later.
            CredentialError: The token is not accepted, or lacks a scope.
        """
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._send({"query": document, "variables": dict(variables or {})})
            errors = answer.get("errors")
            if not errors:
                return _read_data(answer)
            code = _read_code(errors)
            if code == DENIED:
                raise CredentialError(
                    "Shopify denies access to what frontrow asks for: the token lacks a scope. Give the app the scopes "
                    f"{', '.join(self._scopes[:-1])} and {self._scopes[-1]}, and try again."
                )
            if attempt == ATTEMPTS or code not in (THROTTLED, *PASSING):
                raise RemoteError(_describe_refusal(code, errors))
            self.client.pause(_choose_wait(answer) if code == THROTTLED else min(2.0**attempt, LONGEST_WAIT))
        raise AssertionError  # the last attempt returns or raises

    def _send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a document; once more with another token where the first is not accepted any more."""
        for expect in ((ANSWERED, UNAUTHORIZED), (ANSWERED,)):
            headers = None if self._tokens is None else {TOKEN_HEADER: self._tokens.current()}
            answer = self.client.request(
                "POST", GRAPHQL_PATH, json=dict(body), headers=headers, expect=expect, repeatable=True
            )
            if answer.status == ANSWERED:
                values = answer.json()
                return values if isinstance(values, dict) else {}
            if self._tokens is None or not self._tokens.renew():
                break
        raise CredentialError(
            "Shopify does not accept the access token: it was revoked, or is of another shop, or has expired. Make a "
            "new one, and put it where the old one is."
        )


def _read_data(answer: Mapping[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    if not isinstance(data, dict):
        raise RemoteError("Shopify answered with no data. Is the address that of a Shopify shop? Try again later.")
    return data


def _read_code(errors: Any) -> str:
    """The kind of the first error; empty where there is none, or where the errors are a text."""
    first = errors[0] if isinstance(errors, list) and errors else None
    extensions = first.get("extensions") if isinstance(first, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) else ""


def _describe_refusal(code: str, errors: Any) -> str:
    """A sentence about an error; its text speaks of the document, which holds nothing about persons."""
    first = errors[0] if isinstance(errors, list) and errors else errors
    message = first.get("message") if isinstance(first, dict) else first
    text = "".join(letter for letter in str(message)[:LONGEST_MESSAGE] if letter.isprintable())
    if code == THROTTLED:
        return "Shopify asks to come later, again and again: another app may use up the limit. Run the command later."
    return f"Shopify refuses a question ({code or 'no code'}): {text.rstrip('.')}. Run the command later."


def _choose_wait(answer: Mapping[str, Any]) -> float:
    """Seconds until enough points are there for a question that was throttled."""
    try:
        cost = answer["extensions"]["cost"]
        status = cost["throttleStatus"]
        missing = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        wait = missing / float(status["restoreRate"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return SHORTEST_WAIT
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
