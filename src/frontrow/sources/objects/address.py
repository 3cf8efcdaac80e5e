"""Addresses of objects: a scheme, a bucket, and a key or a pattern of keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from frontrow.errors import SettingError

SCHEMES: Final = {"s3": "Amazon S3", "gs": "Google Cloud Storage", "az": "Azure Blob Storage"}
"""What messages call the store of each scheme."""

ADDRESS: Final = re.compile(r"(s3|gs|az)://([A-Za-z0-9][A-Za-z0-9._-]{0,221})(?:/(.*))?", re.DOTALL)
WILDCARDS: Final = "*?"
LONGEST: Final = 1_024


def is_object_address(text: str) -> bool:
    """Whether a text names objects of a store, and no file of this machine.

    Example:
        >>> is_object_address("s3://bucket/orders.csv"), is_object_address("s3/orders.csv")
        (True, False)
    """
    return text.partition("://")[0] in SCHEMES and "://" in text


@dataclass(frozen=True)
class ObjectAddress:
    """Which objects are meant.

    Attributes:
        scheme: `s3`, `gs` or `az`.
        bucket: The bucket, or Azure's container.
        pattern: A key, a pattern with * and ** and ?, or the begin of keys, which ends in a slash or is empty.

    Example:
        >>> address = ObjectAddress.parse("s3://garden/exports/2026-*.csv")
        >>> address.prefix, address.matches("exports/2026-05.csv"), address.matches("exports/old/2026-05.csv")
        ('exports/2026-', True, False)
    """

    scheme: str
    bucket: str
    pattern: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address.

        Raises:
            SettingError: It is none; it may hold a secret, so the message does not show it.
        """
        match = ADDRESS.fullmatch(text.strip())
        if match is None or len(text) > LONGEST:
            raise SettingError(
                "path", "Name objects as s3://BUCKET/KEY, gs://BUCKET/KEY or az://CONTAINER/KEY; * stands for any name."
            )
        return cls(match[1], match[2], match[3] or "")

    @property
    def title(self) -> str:
        """What messages call the store."""
        return SCHEMES[self.scheme]

    @property
    def is_exact(self) -> bool:
        """Whether it names one object."""
        return bool(self.pattern) and not self.pattern.endswith("/") and not set(WILDCARDS) & set(self.pattern)

    @property
    def prefix(self) -> str:
        """What all keys that match begin with."""
        return re.split(r"[*?]", self.pattern, maxsplit=1)[0]

    def matches(self, key: str) -> bool:
        """Whether an object is meant; * stands for a part of one name, ** for folders, too."""
        pattern = f"{self.pattern}**" if not self.pattern or self.pattern.endswith("/") else self.pattern
        pieces = re.split(r"(\*\*|\*|\?)", pattern)
        meaning = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
        return re.fullmatch("".join(meaning.get(piece, re.escape(piece)) for piece in pieces), key) is not None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.pattern}"
