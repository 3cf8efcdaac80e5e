"""Addresses of published shops: a place in an object store that holds a shop's tables and its pointer.

Light to import: the command line looks at every shop that a person names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from frontrow.errors import ShopError

STORES: Final = {
    "s3": "Amazon S3",
    "gs": "Google Cloud Storage",
    "az": "Azure Blob Storage",
    "abfss": "Azure Data Lake Storage",
}
"""What messages call the store of each scheme."""

_OF_AZURE: Final = ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
ENDPOINTS: Final = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": (),
    "az": _OF_AZURE,
    "abfss": _OF_AZURE,
}
"""Variables of the environment that name where the stores of each scheme are, if it is not the usual place."""

ADDRESS_FILE: Final = "address.json"
"""The file of a working copy that says of which address it is one."""

_BELOW: Final = r"(?:/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)+/?"
_ADDRESS: Final = re.compile(
    rf"(?:s3|gs|az)://[A-Za-z0-9][A-Za-z0-9._-]*{_BELOW}|abfss://[A-Za-z0-9-]+@[A-Za-z0-9.-]+{_BELOW}"
)
_LONGEST: Final = 500


@dataclass(frozen=True)
class ShopAddress:
    """Where a shop is published.

    Attributes:
        text: The address, without a slash at its end.

    Example:
        >>> address = ShopAddress.parse("s3://garden/shops/demo/")
        >>> print(address, address.name, address.store)
        s3://garden/shops/demo demo Amazon S3
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address.

        Raises:
            ShopError: It is none; it may hold a secret, so the message does not show it.
        """
        text = text.strip()
        scheme = text.partition("://")[0]
        if scheme in ("hdfs", "viewfs", "webhdfs"):
            raise ShopError(
                "A shop is not read from HDFS by its address. Mount HDFS on every machine under the same path (its NFS "
                "gateway does that), and name the folder; or publish the shop to s3://, gs://, az:// or abfss://."
            )
        if not _ADDRESS.fullmatch(text) or len(text) > _LONGEST:
            raise ShopError(
                "This is no address of a shop. Write s3://BUCKET/PATH, gs://BUCKET/PATH, az://CONTAINER/PATH or "
                "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH, of letters, digits and . _ = - alone."
            )
        return cls(text.rstrip("/"))

    @property
    def scheme(self) -> str:
        """`s3`, `gs`, `az` or `abfss`."""
        return self.text.partition("://")[0]

    @property
    def store(self) -> str:
        """What messages call the store."""
        return STORES[self.scheme]

    @property
    def name(self) -> str:
        """The last part, as that of a folder."""
        return self.text.rpartition("/")[2]

    def locate(self, name: str) -> str:
        """The address of a file of the shop.

        Args:
            name: Its path below the shop's folder.
        """
        return f"{self.text}/{name}"

    def __str__(self) -> str:
        return self.text


def is_address(text: str) -> bool:
    """Whether a text names a place in a store, and no folder of this machine.

    Example:
        >>> is_address("s3://garden/shop"), is_address("shops/s3"), is_address("C:/shops/garden")
        (True, False, False)
    """
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text.strip()) is not None


def read_address(folder: Path) -> ShopAddress | None:
    """The address that a folder is the working copy of; None for a shop's own folder.

    Args:
        folder: The folder.

    Raises:
        ShopError: The file that says so is damaged.
    """
    try:
        content = (folder / ADDRESS_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    from frontrow.storage.json_file import parse_json

    try:
        return ShopAddress.parse(str(parse_json(content)["address"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ShopError(f"{folder / ADDRESS_FILE} is damaged. Remove {folder}: it is made again.") from error


def describe_address(address: ShopAddress) -> str:
    """The text of the file that says of which address a folder is the working copy."""
    from frontrow.storage.json_file import to_json_text

    return to_json_text({"address": address.text})


def require_own_folder(folder: Path) -> None:
    """Make sure that a folder is a shop's own, and may be changed.

    Args:
        folder: The folder.

    Raises:
        ShopError: It is the working copy of a published shop.
    """
    if (address := read_address(folder)) is not None:
        raise ShopError(
            f"{address} is a published shop, which is only read. Nothing was changed. Run the command on the folder of "
            f"the shop that was published there, and publish it again with: frontrow publish SHOP {address}"
        )
