"""Shopify: customers of the shop get a tag; who is no customer there is not made one, and consent is not touched.

Source: shopify.dev, "Perform bulk operations with the GraphQL Admin API", and the reference of `tagsAdd`,
`stagedUploadsCreate` and `bulkOperationRunMutation`, API version 2026-10 (read in December 2026). Customers are found
by one bulk query of their addresses, and tagged by bulk mutations, whose variables are uploaded first. To add a tag
that a customer has is no error and has no effect. The scopes are read_customers and write_customers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary

from frontrow.errors import CredentialError, SettingError
from frontrow.push.platform import (
    Batch,
    Client,
    Connection,
    Outcome,
    Platform,
    PlatformSetting,
    Rejection,
    Sent,
)
from frontrow.push.shopify.customers import find_customers, list_tagged
from frontrow.push.shopify.documents import ACCOUNT, ADD_TAGS, MUTATIONS
from frontrow.push.shopify.tagging import read_tagged, remove_tag, start_tagging
from frontrow.remote.allowed_calls import AllowedCalls
from frontrow.remote.client import ApiClient, ClientSettings
from frontrow.remote.secrets import Secret
from frontrow.sources.shopify.admin import GRAPHQL_PATH, TOKEN_HEADER, AdminApi
from frontrow.sources.shopify.tokens import TOKEN_PATH, ExchangedToken

SCOPES: Final = ("read_customers", "write_customers")
SHOP: Final = re.compile(r"[a-z0-9][a-z0-9-]*(\.myshopify\.com)?")
SUFFIX: Final = ".myshopify.com"
NO_CUSTOMER: Final = "No customer of the Shopify shop has the address"
UNSAID: Final = "Shopify did not set the tag, and did not say why"


class Shopify(Platform):
    """The campaign tag becomes a tag of customers."""

    name = "shopify"
    title = "Shopify"
    default_key = "SHOPIFY_TOKEN"
    settings = (
        PlatformSetting("token", "an Admin API access token; with client_id that app's client secret", secret=True),
        PlatformSetting("shop", "the shop's address, such as my-shop.myshopify.com", required=False),
        PlatformSetting("client_id", "the client id of an app of the Dev Dashboard", required=False),
        PlatformSetting("url", "address of the interface, in the place of shop", required=False),
    )
    calls = ()
    graphql = GRAPHQL_PATH
    mutations = MUTATIONS
    requests_per_second: ClassVar[float] = 4.0
    batch_rows: ClassVar[int] = 10_000
    jobs_at_once: ClassVar[int] = 1
    steps = (
        "In Shopify open Customers > Segments > Create segment, and write: customer_tags CONTAINS '{tag}'.",
        "In Messaging create the e-mail, and choose this segment under To.",
        "Add to the segment: AND customer_tags NOT CONTAINS, and the tag that ends in held-out.",
    )
    held_out_steps = (
        "Add to the segment of every other message about the product: AND customer_tags NOT CONTAINS '{tag}'.",
        "When the days that count are over, remove the tag: it keeps nobody out any more.",
    )

    def __init__(self) -> None:
        # who is who in the shop, for as long as a client lives; on no disk
        self._customers: WeakKeyDictionary[Client, dict[str, str]] = WeakKeyDictionary()

    def connect(self, settings: Mapping[str, str], secrets: Mapping[str, Secret]) -> Connection:
        """See `Platform.connect`.

        Raises:
            SettingError: Neither the shop nor an address is given.
            CredentialError: Shopify gives no token for the app's client id and secret.
        """
        url = settings.get("url") or _find_address(settings.get("shop") or "")
        client_id = settings.get("client_id")
        token = secrets["token"] if not client_id else _exchange(url, client_id, secrets["token"])
        return Connection(url, {TOKEN_HEADER: token})

    def prepare(self, client: Client, tags: Sequence[str], settings: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002
        """Make sure that the token may do what is needed; a tag needs no making: see `Platform.prepare`."""
        answer = AdminApi(client, None, SCOPES).ask(ACCOUNT)
        scopes = {str(scope["handle"]) for scope in answer["currentAppInstallation"]["accessScopes"]}
        if "write_customers" not in scopes:
            raise CredentialError(
                "The token of Shopify may not set tags of customers. Give the app the scopes read_customers and "
                "write_customers, and try again."
            )
        return {tag: str(answer["shop"]["id"]) for tag in tags}

    def lift(self, client: Client, tag: str, settings: Mapping[str, str]) -> int:  # noqa: ARG002
        """Remove the tag from the customers who have it: see `Platform.lift`."""
        api = AdminApi(client, None, SCOPES)
        tagged = list_tagged(api, tag)
        return len(remove_tag(api, client, tagged, tag)) if tagged else 0

    def entry(self, recipient: Mapping[str, Any]) -> dict[str, Any]:
        """See `Platform.entry`."""
        return {"address": recipient["address"], "tags": [recipient["campaign_tag"]]}

    def send(self, client: Client, prepared: Mapping[str, str], batch: Batch) -> Sent:  # noqa: ARG002
        """Start the bulk mutation that tags a batch: see `Platform.send`."""
        known_as = self._find_customers(client)
        rows = batch.rows.select("customer_id", "address").iter_rows()
        ids = {customer_id: known_as.get(address) for customer_id, address in rows}
        rejected = tuple(
            Rejection(customer_id, NO_CUSTOMER) for customer_id, shopify_id in ids.items() if not shopify_id
        )
        matched = [shopify_id for shopify_id in dict.fromkeys(ids.values()) if shopify_id]
        if not matched:
            return Sent(rejected=rejected)
        return Sent(start_tagging(AdminApi(client, None, SCOPES), client, ADD_TAGS, matched, [batch.tag]), rejected)

    def poll(
        self,
        client: Client,
        prepared: Mapping[str, str],  # noqa: ARG002
        batch: Batch,
        job_id: str,
    ) -> Outcome | None:
        """See `Platform.poll`."""
        tagged = read_tagged(AdminApi(client, None, SCOPES), job_id)
        if tagged is None:
            return None
        known_as = self._find_customers(client)
        # who withdrew since has no address here, and may well have the tag
        rows = batch.rows.select("customer_id", "address").drop_nulls().iter_rows()
        refused = [customer_id for customer_id, address in rows if known_as.get(address) not in tagged]
        return Outcome(tuple(Rejection(customer_id, UNSAID) for customer_id in refused))

    def _find_customers(self, client: Client) -> dict[str, str]:
        if client not in self._customers:
            self._customers[client] = find_customers(AdminApi(client, None, SCOPES))
        return self._customers[client]


def _exchange(url: str, client_id: str, client_secret: Secret) -> Secret:
    """The token that an app's client id and secret are exchanged for; it holds for a day."""
    allowed = AllowedCalls((("POST", TOKEN_PATH),))
    with ApiClient(ClientSettings(url, "Shopify", allowed)) as client:
        return ExchangedToken(client, client_id, client_secret).current()


def _find_address(shop: str) -> str:
    name = shop.strip().lower().removeprefix("https://").rstrip("/")
    if not SHOP.fullmatch(name):
        raise SettingError("set", "Shopify needs the shop's address: shop=my-shop.myshopify.com.")
    return f"https://{name.removesuffix(SUFFIX)}{SUFFIX}"


PLATFORM = Shopify()
