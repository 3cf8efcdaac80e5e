"""A loopback server of the small shop of tests, and the plug-in folder that speaks to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import frontrow.sources.connectors
from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.server import LoopbackServer

TOKEN = "tok-0123456789abcdef-never-shown"
FIRST = dt.datetime(2025, 6, 1, 12, tzinfo=dt.UTC)


def add_connectors_of_tests() -> None:
    """Let the connectors of the folder beside this file be loaded as those of frontrow are."""
    folder = str(Path(__file__).with_name("connectors_of_tests"))
    if folder not in frontrow.sources.connectors.__path__:
        frontrow.sources.connectors.__path__.append(folder)


def build_order(number: int, **changes: Any) -> dict[str, Any]:
    """An order of the shop.

    Args:
        number: Of the order.
        changes: What is different in it.
    """
    at = (FIRST + dt.timedelta(days=number)).isoformat()
    return {
        "order_id": f"#{number}",
        "ordered_at": at,
        "updated_at": at,
        "email": f"buyer{number % 5}@example.com",
        "title": f"Pot {number % 3}",
        "quantity": 1,
        "price": 10 + number,
        "currency": "GBP",
    } | changes


@dataclass
class PagedShop:
    """What the server holds.

    Attributes:
        orders: By number, in the order in which they are paged.
        token: What is accepted.
        pages: The pages that were sent.
    """

    orders: list[dict[str, Any]] = field(default_factory=lambda: [build_order(number) for number in range(1, 11)])
    token: str = TOKEN
    pages: list[int] = field(default_factory=list)

    def add_routes(self, server: LoopbackServer) -> None:
        """Answer as the shop."""
        server.add_route("GET", "/orders", self.list_orders)
        server.add_route("GET", "/shop", lambda request: self._check(request) or Reply({"name": "Garden"}))

    def _check(self, request: Request) -> Reply | None:
        is_right = request.headers.get("authorization") == f"Bearer {self.token}"
        return None if is_right else Reply({"error": "unauthorized"}, 401)

    def list_orders(self, request: Request) -> Reply:
        """A page of the orders that changed."""
        refusal = self._check(request)
        if refusal is not None:
            return refusal
        number, size = int(request.params["page"]), int(request.params["size"])
        since = request.params.get("modified_after", "")
        changed = [
            order
            for order in self.orders
            if not since or dt.datetime.fromisoformat(order["updated_at"]) > dt.datetime.fromisoformat(since)
        ]
        self.pages.append(number)
        return Reply(changed[(number - 1) * size : number * size])
