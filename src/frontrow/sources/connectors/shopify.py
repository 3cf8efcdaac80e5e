"""Shopify: orders, products and customers by bulk operations of the GraphQL Admin API.

They come in the layouts of Shopify's own exports, so that a shop is the same whether it is synced or imported.
`docs/sources/shopify.md` has the clicks to a token, and what comes and what does not.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from frontrow.errors import CredentialError, RemoteError, SettingError
from frontrow.remote.client import ClientSettings
from frontrow.sources.connector import Connector, ConnectorSetting, Fetched, FetchRequest
from frontrow.sources.shopify.admin import ALLOWED, AdminApi
from frontrow.sources.shopify.bulk import BulkRun
from frontrow.sources.shopify.file_check import FileCheck
from frontrow.sources.shopify.plan import Plan
from frontrow.sources.shopify.queries import KINDS, SHOP, Kind, write_bulk_query
from frontrow.sources.shopify.tokens import ExchangedToken, GivenToken, Tokens

OVERLAP: Final = dt.timedelta(hours=1)
"""How far before the last sync a further one begins: Shopify's index of changes is not always up to date."""

RECENT_DAYS: Final = 60
"""How far back orders come without the scope read_all_orders."""

FEWEST_WITHOUT_ADDRESS: Final = 20
"""So many orders and customers without a single e-mail address are no coincidence."""

NEEDED: Final = tuple(f"read_{kind}" for kind in KINDS)
ALL_ORDERS: Final = "read_all_orders"
DOMAIN: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
SUFFIX: Final = ".myshopify.com"


@dataclass(frozen=True)
class ShopFacts:
    """What a shop says of itself.

    Attributes:
        time_zone: IANA name.
        currency: ISO 4217 code.
        scopes: What the token may do.
    """

    time_zone: str
    currency: str
    scopes: frozenset[str]

    def missing(self) -> list[str]:
        """The scopes that a sync cannot do without and the token lacks; a scope to write includes that to read."""
        return [scope for scope in NEEDED if not {scope, scope.replace("read_", "write_")} & self.scopes]


class Shopify(Connector):
    """Shopify's Admin API."""

    name = "shopify"
    title = "Shopify"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("shop", "the shop's address, such as my-shop.myshopify.com"),
        ConnectorSetting("client_id", "the client id of an app of the Dev Dashboard", required=False),
        ConnectorSetting("client_secret", "the client secret of that app", required=False, secret=True),
        ConnectorSetting("token", "instead of both, an Admin API access token", required=False, secret=True),
    )

    def fetch(self, request: FetchRequest) -> Fetched:
        """See `Connector.fetch`."""
        with _open_api(request) as api:
            facts = _ask_facts(api)
            queries: dict[str, str] = {kind: write_bulk_query(kind, _begin(request.bookmark, kind)) for kind in KINDS}
            plan = Plan.open(request.folder, queries, request.now)

            def read(kind: str, file: Path, check: FileCheck) -> list[int]:
                from frontrow.sources.shopify.export import write_export

                return write_export(kind, file, check, plan.folder, facts.time_zone)

            BulkRun(api, plan, read, lambda done: request.progress(done, len(KINDS))).run()
        files = (plan.folder / f"{kind}_export.parquet" for kind in KINDS)
        return Fetched(
            files=tuple(file for file in files if file.is_file()),
            bookmark={kind: plan.started[kind].created_at.isoformat() for kind in KINDS},
            counts={kind: plan.counts[kind][0] for kind in KINDS},
            warnings=(
                *_warn_of_window(facts),
                *_warn_of_missing_addresses(plan.counts),
                *_warn_of_orphans(plan.counts),
            ),
            time_zone=facts.time_zone,
            currency=facts.currency,
        )

    def check_access(self, request: FetchRequest) -> tuple[str, ...]:
        """See `Connector.check_access`."""
        with _open_api(request) as api:
            facts = _ask_facts(api)
        reached = f"The shop answers: its time zone is {facts.time_zone}, its currency {facts.currency}."
        return (reached, *(_warn_of_window(facts) or ("Orders of all times will come.",)))


@contextmanager
def _open_api(request: FetchRequest) -> Iterator[AdminApi]:
    settings = ClientSettings(base_url=read_shop_address(request.setting("shop")), service="Shopify", allowed=ALLOWED)
    with request.opener(settings) as client:
        tokens: Tokens
        if "token" in request.source.secrets:
            tokens = GivenToken(request.secret("token"))
        elif request.setting("client_id"):
            tokens = ExchangedToken(client, request.setting("client_id"), request.secret("client_secret"))
        else:
            raise SettingError(
                "secret",
                f'The source "{request.source.name}" says nothing about how to sign in. Give the app\'s client id and '
                "secret with --set client_id=ID --secret client_secret=env:VARIABLE, or a token with "
                "--secret token=env:VARIABLE.",
            )
        yield AdminApi(client, tokens)


def read_shop_address(text: str) -> str:
    """Return the web address of a shop's API.

    Args:
        text: The shop's name, its address, or the whole address on this machine, as in tests.

    Raises:
        SettingError: It is not a shop's address.

    Example:
        >>> read_shop_address("My-Shop"), read_shop_address("https://my-shop.myshopify.com/admin")
        ('https://my-shop.myshopify.com', 'https://my-shop.myshopify.com')
    """
    text = text.strip().lower()
    if text.startswith("http://"):
        # refused by the client where it is not this machine
        return text
    host = text.removeprefix("https://").partition("/")[0]
    name = host.removesuffix(SUFFIX)
    if not DOMAIN.fullmatch(name):
        raise SettingError(
            "shop",
            "The shop's address must be that in Shopify's own domain, such as my-shop.myshopify.com: the name after "
            "/store/ in the address of its admin, with .myshopify.com.",
        )
    return f"https://{name}{SUFFIX}"


def _ask_facts(api: AdminApi) -> ShopFacts:
    data = api.ask(SHOP)
    try:
        scopes = frozenset(str(scope["handle"]) for scope in data["currentAppInstallation"]["accessScopes"])
        facts = ShopFacts(str(data["shop"]["ianaTimezone"]), str(data["shop"]["currencyCode"]), scopes)
    except (KeyError, TypeError):
        raise RemoteError("Shopify does not say what the shop's time zone is. Run the command later.") from None
    if missing := facts.missing():
        raise CredentialError(
            f"The token lacks the scope{'s' * (len(missing) > 1)} {', '.join(missing)}. Add to the app what is "
            "missing, release the new version, and accept it in the shop's admin."
        )
    return facts


def _begin(bookmark: Mapping[str, Any], kind: Kind) -> dt.datetime | None:
    """From when on changes are fetched; None for everything."""
    text = bookmark.get(kind)
    return dt.datetime.fromisoformat(text) - OVERLAP if isinstance(text, str) else None


def _warn_of_window(facts: ShopFacts) -> tuple[str, ...]:
    if ALL_ORDERS in facts.scopes:
        return ()
    return (
        f"Only orders of the last {RECENT_DAYS} days come, because the app has no scope {ALL_ORDERS}: older ones are "
        "missing, and so are later changes to them. Ask Shopify for the scope, or import an export of the older orders "
        "once.",
    )


def _warn_of_missing_addresses(counts: Mapping[str, list[int]]) -> tuple[str, ...]:
    """Some plans of Shopify give an app everything but what names a person."""
    came, addresses = (sum(counts[kind][place] for kind in ("orders", "customers")) for place in (0, 3))
    if addresses or came < FEWEST_WITHOUT_ADDRESS:
        return ()
    return (
        f"None of {came:,} orders and customers came with an e-mail address, so all orders are those of guests. The "
        "shop's plan, or the app's access to protected customer data, keeps them back: see docs/sources/shopify.md.",
    )


def _warn_of_orphans(counts: Mapping[str, list[int]]) -> tuple[str, ...]:
    orphans = sum(values[2] for values in counts.values())
    if not orphans:
        return ()
    return (
        f"{orphans:,} line items or variants came without the order or product that they belong to, and were left out. "
        "They come with the next change of it.",
    )


CONNECTOR = Shopify()
