"""What is said when a service refuses a call: by its status only, for its own words may hold addresses or secrets."""

from __future__ import annotations

from typing import Final

from frontrow.errors import CredentialError, RemoteError
from frontrow.remote.retries import TRY_LATER

UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403


def describe_refusal(service: str, call: str, status: int, attempts: int) -> RemoteError:
    """The error for a status that was not expected.

    Args:
        service: What messages call it.
        call: Method and listed path.
        status: Of the answer.
        attempts: How often the call was made where it is one to be made again.

    Example:
        >>> print(describe_refusal("Shopify", "GET /orders", 503, 6))
        Shopify did not do GET /orders in 6 attempts (status 503). Run the command again later; it goes on where it was.
    """
    if status == UNAUTHORIZED:
        return CredentialError(
            f"{service} does not accept the secret (status 401 for {call}). It may have expired or been revoked: make "
            "a new one, and put it where the old one is."
        )
    if status == FORBIDDEN:
        return CredentialError(
            f"{service} refuses {call} (status 403): the token or key lacks a scope or permission for it. Give it the "
            "scopes that the documentation lists, and try again."
        )
    if status in TRY_LATER:
        return RemoteError(
            f"{service} did not do {call} in {attempts} attempts (status {status}). Run the command again later; it "
            "goes on where it was."
        )
    return RemoteError(
        f"{service} answered {call} with status {status}, which was not expected. Check the address and the settings "
        "of the source or destination, and try again."
    )
