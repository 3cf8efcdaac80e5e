"""Find the customers of a Shopify shop by their addresses: one bulk query for all, kept in memory only."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.addresses import normal_email, normal_phone
from frontrow.errors import CredentialError, RemoteError
from frontrow.push.shopify.documents import CUSTOMERS, TAGGED
from frontrow.sources.shopify.admin import DENIED, AdminApi
from frontrow.sources.shopify.file_check import IncompleteFileError
from frontrow.sources.shopify.jsonl import Layout, read_nodes
from frontrow.sources.shopify.operation import COMPLETED, RUNNING, Operation, look_up, start

LAYOUT: Final = Layout(
    roots={
        "id": pl.String(),
        "defaultEmailAddress": pl.Struct({"emailAddress": pl.String()}),
        "defaultPhoneNumber": pl.Struct({"phoneNumber": pl.String()}),
    },
    children={"id": pl.String()},
    root_columns=(
        pl.col("defaultEmailAddress").struct.field("emailAddress").alias("email"),
        pl.col("defaultPhoneNumber").struct.field("phoneNumber").alias("phone"),
    ),
)
IDS: Final = Layout(roots={"id": pl.String()}, children={"id": pl.String()}, root_columns=())
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 15.0
LONGEST_BUSY: Final = 3600.0
ATTEMPTS: Final = 3


def find_customers(api: AdminApi) -> dict[str, str]:
    """Shopify's id of each customer, by normal e-mail address and by phone number.

    Args:
        api: The shop's.

    Raises:
        RemoteError: Shopify's answer does not come, or not whole, again and again.
        CredentialError: The token lacks a scope.
    """
    by_address: dict[str, str] = {}
    for customer_id, email, phone in _fetch(api, CUSTOMERS, LAYOUT).select("id", "email", "phone").iter_rows():
        for address in (normal_email(email), normal_phone(phone)):
            if address is not None:
                by_address.setdefault(address, customer_id)
    return by_address


def list_tagged(api: AdminApi, tag: str) -> list[str]:
    """Shopify's ids of the customers with a tag.

    Args:
        api: The shop's.
        tag: The tag: letters, digits and hyphens.

    Raises:
        RemoteError: Shopify's answer does not come, or not whole, again and again.
        CredentialError: The token lacks a scope.
    """
    query = TAGGED.format(query=json.dumps(f"tag:'{tag}'"))
    return _fetch(api, query, IDS)["id"].to_list()


def _fetch(api: AdminApi, query: str, layout: Layout) -> pl.DataFrame:
    """The rows that a bulk query gives, once they have come whole."""
    for _ in range(ATTEMPTS):
        operation = _wait_for(api, _start(api, query))
        if operation is None or operation.status != COMPLETED:
            continue
        try:
            return _read(api, operation, layout)
        except IncompleteFileError:
            continue
    raise RemoteError(
        f"Shopify's list of customers did not come whole in {ATTEMPTS} attempts. Nobody was tagged by this batch. Run "
        "the command again later; it goes on where it was."
    )


def _start(api: AdminApi, query: str) -> str:
    wait, waited = FIRST_WAIT, 0.0
    while (started := start(api, query)) is None:
        if waited > LONGEST_BUSY:
            raise RemoteError(
                "Shopify runs other bulk operations of this app, and no further one can start. Run the command again "
                "when they have ended; it goes on where it was."
            )
        api.client.pause(wait)
        waited, wait = waited + wait, min(2 * wait, LONGEST_WAIT)
    return started.id


def _wait_for(api: AdminApi, operation_id: str) -> Operation | None:
    wait = FIRST_WAIT
    while (operation := look_up(api, operation_id)) is not None and operation.status in RUNNING:
        api.client.pause(wait)
        wait = min(2 * wait, LONGEST_WAIT)
    if operation is not None and operation.error == DENIED:
        raise CredentialError(
            "Shopify denies access to the customers: the token lacks the scope read_customers. Give the app the scope, "
            "and run the command again."
        )
    return operation


def _read(api: AdminApi, operation: Operation, layout: Layout) -> pl.DataFrame:
    if operation.url is None:
        return pl.DataFrame(schema=dict.fromkeys(("id", "email", "phone"), pl.String))
    # addresses lie in a folder that only its owner may read, and only until the block ends
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        file = Path(folder) / "customers.jsonl"
        api.client.download(operation.url, file)
        return read_nodes(file, operation.check, layout).roots
