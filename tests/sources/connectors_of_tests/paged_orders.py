"""A small connector for tests: orders by page, those changed since the bookmark, with a token."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import ClassVar, Final

from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import ApiClient, ClientSettings
from frontrow.remote.secrets import Secret
from frontrow.sources.connector import Connector, ConnectorSetting, Fetched, FetchRequest

COLUMNS: Final = ("order_id", "ordered_at", "updated_at", "email", "title", "quantity", "price", "currency")
ALLOWED: Final = AllowedCalls((("GET", "/orders"), ("GET", "/shop")))
OVERLAP: Final = dt.timedelta(hours=1)


class PagedOrders(Connector):
    """Orders by page."""

    name = "paged_orders"
    title = "The shop of tests"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("url", "the shop's address"),
        ConnectorSetting("token", "the access token", secret=True),
        ConnectorSetting("size", "orders a page", required=False, default="3"),
    )

    def fetch(self, request: FetchRequest) -> Fetched:
        """Pages lie in the folder, one file each, until all have come."""
        since = request.bookmark.get("modified_after", "")
        with self._open(request) as client:
            number = 1
            while True:
                page = request.folder / f"page-{number:04d}.json"
                if not page.is_file():
                    params = {"page": number, "size": request.setting("size"), "modified_after": since}
                    staged = page.with_suffix(".new")
                    staged.write_text(json.dumps(client.request("GET", "/orders", params=params).json()))
                    staged.replace(page)
                request.progress(number, number + 1)
                if not json.loads(page.read_bytes()):
                    break
                number += 1
        orders = [
            order for file in sorted(request.folder.glob("page-*.json")) for order in json.loads(file.read_bytes())
        ]
        bookmark = {"modified_after": (request.now - OVERLAP).isoformat()}
        if not orders:
            return Fetched((), bookmark, counts={"orders": 0})
        table = request.folder / "orders.csv"
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(orders)
        return Fetched(
            (table,),
            bookmark,
            format="order_lines",
            counts={"orders": len(orders)},
            warnings=("Orders of the last 60 days only.",),
            time_zone="Europe/London",
        )

    def check_access(self, request: FetchRequest) -> tuple[str, ...]:
        """One call."""
        with self._open(request) as client:
            return (f"Reached {client.request('GET', '/shop').json()['name']}.",)

    def _open(self, request: FetchRequest) -> ApiClient:
        authorization = Secret(f"Bearer {request.secret('token').reveal()}")
        return request.opener(
            ClientSettings(request.setting("url"), self.title, ALLOWED, headers={"Authorization": authorization})
        )


CONNECTOR = PagedOrders()
