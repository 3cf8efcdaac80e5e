"""The files of a published shop in its object store: read, sent, replaced on a condition, removed.

obstore opens the store with the same library in Rust, and by the same variables and roles, as Polars does, which reads
the tables where they are: what one can read, the other can.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from frontrow.errors import RemoteError, ShopError, require
from frontrow.storage.address import ENDPOINTS, ShopAddress
from frontrow.storage.store_failures import report_store_failures

EXTRA: Final = "object-stores"
PACKAGE: Final = "obstore"
VARIABLES: Final = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE", "abfss": "AZURE"}
"""What the names of the variables begin with that say how a store is opened."""

CLIENT: Final[dict[str, Any]] = {"connect_timeout": dt.timedelta(seconds=15), "timeout": dt.timedelta(minutes=30)}
RETRIES: Final = {"max_retries": 5, "retry_timeout": dt.timedelta(seconds=60)}


@dataclass(frozen=True)
class PublishedFile:
    """A small file as it was read.

    Attributes:
        content: Its bytes.
        state: What changes with its content, as the store says it.
    """

    content: bytes
    state: dict[str, str]


class PublishedFiles:
    """The files below the address of a shop.

    Args:
        address: The shop's.

    Raises:
        MissingExtraError: The library is not installed.
        RemoteError: The store cannot be opened so; or a variable names no address.
    """

    def __init__(self, address: ShopAddress) -> None:
        require(PACKAGE, extra=EXTRA)
        from obstore.store import from_url

        self._address = address
        _check_endpoint(address.scheme)
        # Polars reads the same variable: only who says so reads a store of this machine without encryption
        is_plain = os.environ.get(f"{VARIABLES[address.scheme]}_ALLOW_HTTP", "").lower() == "true"
        options: dict[str, Any] = {"client_options": CLIENT | {"allow_http": is_plain}, "retry_config": RETRIES}
        with report_store_failures(address):
            self._store = from_url(address.text, **options)

    def read(self, name: str) -> PublishedFile | None:
        """A small file; None where there is none.

        Args:
            name: Its path below the address.
        """
        import obstore

        with report_store_failures(self._address):
            try:
                result = obstore.get(self._store, name)
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error) or "ContainerNotFound" in str(error):
                    raise
                return None
            return PublishedFile(bytes(result.bytes()), _state_of(result.meta))

    def measure(self, name: str) -> int | None:
        """The size of a file in bytes; None where there is none.

        Args:
            name: Its path below the address.
        """
        import obstore

        with report_store_failures(self._address):
            try:
                return int(obstore.head(self._store, name)["size"])
            except FileNotFoundError:
                return None

    def list_files(self, folder: str) -> dict[str, int]:
        """The files of a folder, by path below the address, with their sizes in bytes.

        Args:
            folder: Its path below the address.
        """
        import obstore

        with report_store_failures(self._address):
            return {str(meta["path"]): int(meta["size"]) for page in obstore.list(self._store, folder) for meta in page}

    def send(self, name: str, content: bytes | Path) -> None:
        """Write a file, whole or not at all; a large one goes in parts.

        Args:
            name: Its path below the address.
            content: Its bytes, or the file that has them.
        """
        import obstore

        with report_store_failures(self._address):
            obstore.put(self._store, name, content)

    def replace(self, name: str, content: bytes, before: PublishedFile | None) -> None:
        """Write a small file if nobody else has written it meanwhile.

        Args:
            name: Its path below the address.
            content: The new bytes.
            before: What it was when it was read; None where there was none.

        Raises:
            ShopError: It is another one by now, and stays as it is.
        """
        import obstore
        from obstore import exceptions

        mode: Any = "create" if before is None else before.state
        with report_store_failures(self._address):
            try:
                obstore.put(self._store, name, content, mode=mode, use_multipart=False)
                return
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                pass
        raise ShopError(
            f"Another command published to {self._address} at the same moment, and that counts. Run this one again."
        )

    def remove(self, names: list[str]) -> None:
        """Remove files.

        Args:
            names: Their paths below the address; those that are gone already are passed over.
        """
        import obstore

        for name in names:
            with report_store_failures(self._address):
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue


def _check_endpoint(scheme: str) -> None:
    """Make sure that the variables name addresses: with anything else the library ends the process."""
    for name in ENDPOINTS[scheme]:
        value = os.environ.get(name)
        if value and not re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", value):
            raise RemoteError(
                f"The variable {name} must be the address of an object store, such as https://objects.example.com. "
                "Correct it, or remove it for the usual address."
            )


def _state_of(meta: Any) -> dict[str, str]:
    return {name: str(meta[name]) for name in ("e_tag", "version") if meta.get(name)}
