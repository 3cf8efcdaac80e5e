"""What went wrong with an object store, told from the words of the library that reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from frontrow.errors import CredentialError, FrontrowError, RemoteError
from frontrow.storage.address import ShopAddress

NO_RIGHT: Final = re.compile(
    r"\b(?:401|403)\b|AccessDenied|Forbidden|InvalidAccessKeyId|SignatureDoesNotMatch|AuthenticationFailed"
)
NO_BUCKET: Final = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist")
NO_KEY: Final = re.compile(r"InvalidClientTokenId|instance credentials|metadata|Missing .*(?:key|credential|token)")
OF_A_STORE: Final = re.compile(r"object-store error|Object at location .* not found|Generic (?:S3|GCS|MicrosoftAzure) ")
"""How Polars says that a store refused or failed, days after a table was opened, or on another machine."""

ACCESS: Final = (
    "Keys come from the environment or the role of the machine, never from frontrow: docs/running.md has the variables "
    "and the least rights."
)
GONE: Final = "Was the shop published again while this command read it? Then run the command again."


def describe_store_failure(error: BaseException, place: str, store: str) -> FrontrowError:
    """The error that says what to do; the library's own is let go, for it may hold a signed address.

    Args:
        error: What the library raised.
        place: The shop's address, for the message.
        store: What messages call the store.

    Example:
        >>> error = OSError("Server returned 403 Forbidden")
        >>> type(describe_store_failure(error, "s3://garden/shop", "Amazon S3")).__name__
        'CredentialError'
    """
    text = str(error)
    if NO_BUCKET.search(text):
        return RemoteError(f"{store} has no bucket or container of {place}. Check its name, region and endpoint.")
    if NO_RIGHT.search(text):
        return CredentialError(f"{store} does not let this machine use {place}. {ACCESS}")
    if isinstance(error, FileNotFoundError):
        return RemoteError(f"A file of {place} is gone. {GONE}")
    if NO_KEY.search(text):
        return CredentialError(f"This machine has no key for {place}. {ACCESS}")
    return RemoteError(
        f"{store} did not answer about {place} as it should. Check region, endpoint and connection, and run the "
        "command again."
    )


def find_store_failure(error: BaseException) -> FrontrowError | None:
    """The same for an error of Polars in the middle of a command; None for one that is not of a store.

    Args:
        error: What ended the command.
    """
    return describe_store_failure(error, "a published shop", "The store") if OF_A_STORE.search(str(error)) else None


@contextmanager
def report_store_failures(address: ShopAddress) -> Iterator[None]:
    """Say what a store refused, where it does.

    Args:
        address: The shop's address.

    Raises:
        RemoteError: The store does not answer, or something is gone.
        CredentialError: The store does not let this machine in.
    """
    from obstore import exceptions
    from polars.exceptions import PolarsError

    try:
        yield
    except (exceptions.BaseError, PolarsError, OSError, ValueError) as error:
        failure = describe_store_failure(error, address.text, address.store)
    else:
        return
    raise failure from None
