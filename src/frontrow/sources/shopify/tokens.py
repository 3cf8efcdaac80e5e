"""Access tokens of the Admin API: one that a person made, or one that a client id and secret are exchanged for.

The exchange is OAuth's client credentials grant (December 2026: for apps of the Dev Dashboard that are installed in a
shop of the same organization). Such a token holds for a day; it is kept in memory only, and exchanged again when
Shopify does not accept it any more.
"""

from __future__ import annotations

from typing import Final, Protocol
from urllib.parse import urlencode

from frontrow.errors import CredentialError, RemoteError
from frontrow.remote.client import ApiClient
from frontrow.remote.secrets import Secret

TOKEN_PATH: Final = "/admin/oauth/access_token"
FORM: Final = "application/x-www-form-urlencoded"
GRANTED: Final = 200
REFUSED: Final = (400, 401, 403, 404)


class Tokens(Protocol):
    """Where access tokens come from."""

    def current(self) -> Secret:
        """The token to send now."""

    def renew(self) -> bool:
        """Whether there is another token, after Shopify refused the current one."""


class GivenToken:
    """A token that a person made in Shopify's admin; it holds until it is revoked.

    Args:
        token: The token.
    """

    def __init__(self, token: Secret) -> None:
        self._token = token

    def current(self) -> Secret:
        """See `Tokens`."""
        return self._token

    def renew(self) -> bool:
        """See `Tokens`."""
        return False


class ExchangedToken:
    """Tokens that a client id and secret are exchanged for.

    Args:
        client: Speaks to the shop.
        client_id: The app's.
        client_secret: The app's.
    """

    def __init__(self, client: ApiClient, client_id: str, client_secret: Secret) -> None:
        self._client = client
        self._client_id = client_id
        self._client_secret = client_secret
        self._token: Secret | None = None

    def current(self) -> Secret:
        """See `Tokens`."""
        if self._token is None:
            self._token = self._exchange()
        return self._token

    def renew(self) -> bool:
        """See `Tokens`."""
        self._token = self._exchange()
        return True

    def _exchange(self) -> Secret:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
        }
        answer = self._client.request(
            "POST",
            TOKEN_PATH,
            content=urlencode(form).encode(),
            headers={"Content-Type": FORM, "Accept": "application/json"},
            expect=(GRANTED, *REFUSED),
            repeatable=True,
        )
        if answer.status != GRANTED:
            raise CredentialError(
                f"Shopify gives no token for the app's client id and secret (status {answer.status}). Check in the Dev "
                "Dashboard that both are of this app, that the app is installed in this shop, and that shop and app "
                "belong to the same organization."
            )
        values = answer.json()
        token = values.get("access_token") if isinstance(values, dict) else None
        if not isinstance(token, str) or not token or not token.isprintable():
            raise RemoteError("Shopify answered the app's client id and secret with no token. Try again later.")
        return Secret(token)
