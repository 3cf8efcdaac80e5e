"""Who sends a request, and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request

from frontrow.web.store.tokens import OWNER_NAME

Scope = Literal["read", "plan", "addresses"]

SCOPES: Final[dict[Scope, str]] = {
    "read": "see shops, launches, audiences, campaigns and recommendations; nobody's address",
    "plan": "import exports, rank customers, plan and measure campaigns",
    "addresses": "take the files of a campaign, and see e-mail addresses and phone numbers",
}
"""What each scope allows. None contains another."""

STATE: Final = "state"
VISITOR: Final = "visitor"
"""`security.identify` leaves the visitor as `request.state.visitor`."""


@dataclass(frozen=True)
class Visitor:
    """Whoever sent a request.

    Attributes:
        name: Name of the token they came in with, or `OWNER`.
        scopes: What they may do.
    """

    name: str
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Whether they have a scope.

        Example:
            >>> Visitor("till", frozenset({"read"})).may("addresses")
            False
        """
        return scope in self.scopes


OWNER: Final = Visitor(OWNER_NAME, frozenset(SCOPES))
"""Whoever opened the address that `frontrow serve` printed."""


class LoginRequired(HTTPException):
    """Nobody is signed in, and no token came with the request: a page leads to the login, a program gets a 401."""

    def __init__(self) -> None:
        super().__init__(
            401,
            "Sign in, or send a token as the header Authorization: Bearer TOKEN. "
            "Whoever runs the server makes one with: frontrow token SHOPS add NAME.",
            {"WWW-Authenticate": "Bearer"},
        )


class ScopeRequired(HTTPException):
    """The visitor may not do this.

    Attributes:
        scope: What is missing.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__(
            403,
            f'This needs the scope "{scope}": to {SCOPES[scope]}. The token you came in with does not have it. '
            f"Whoever runs the server makes another one with: frontrow token SHOPS add NAME --scope {scope}.",
            {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )


def get_visitor(request: Request) -> Visitor | None:
    """Whoever sent a request; None where nobody is signed in.

    Args:
        request: The request.
    """
    visitor: Visitor | None = request.scope.get(STATE, {}).get(VISITOR)
    return visitor


def require(scope: Scope) -> Callable[[Request], Visitor]:
    """Make the dependency of a route that only visitors with a scope may use.

    Args:
        scope: "read", "plan" or "addresses".

    Returns:
        For `Annotated[Visitor, Depends(require("plan"))]`. It raises `LoginRequired` or `ScopeRequired`.
    """
    return _REQUIREMENTS[scope]


def _require(scope: Scope) -> Callable[[Request], Visitor]:
    async def visitor(request: Request) -> Visitor:
        sender = get_visitor(request)
        if sender is None:
            raise LoginRequired
        if not sender.may(scope):
            raise ScopeRequired(scope)
        return sender

    return visitor  # type: ignore[return-value]


_REQUIREMENTS: Final = {scope: _require(scope) for scope in SCOPES}
"""One function a scope, so that FastAPI asks each only once a request, and tests can see what a route requires."""
