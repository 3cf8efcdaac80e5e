"""One bucket: its objects are listed, and downloaded in the state that was listed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from frontrow.errors import CredentialError, FrontrowError, RemoteError, require
from frontrow.sources.objects.address import ObjectAddress
from frontrow.sources.objects.credentials import StoreSettings
from frontrow.storage.store_failures import NO_BUCKET, NO_RIGHT
from frontrow.tables.archives import COMPRESSED, EXCEL, PARQUET, TEXT

T = TypeVar("T")
EXTRA: Final = "object-stores"
PACKAGE: Final = "obstore"
CLIENT: Final = {"connect_timeout": dt.timedelta(seconds=15), "timeout": dt.timedelta(minutes=10)}
RETRIES: Final = {"max_retries": 5, "retry_timeout": dt.timedelta(seconds=60)}
CHUNK: Final = 32 << 20
"""Bytes of one request; what has come of an object stays when the next request fails."""

MOST_OBJECTS: Final = 10_000
READABLE: Final = TEXT | EXCEL | PARQUET | COMPRESSED
PART: Final = ".part"
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME: Final = 60


@dataclass(frozen=True)
class StoredObject:
    """An object as it was listed.

    Attributes:
        key: Its name in the bucket.
        size: In bytes.
        state: Changes with its content: the store's e-tag, else time and size.
    """

    key: str
    size: int
    state: str

    @property
    def digest(self) -> str:
        """Key and state in sixteen characters: what a bookmark remembers of it."""
        return hashlib.sha256(f"{self.key}\0{self.state}".encode()).hexdigest()[:16]

    @property
    def file_name(self) -> str:
        """What its file is called here: our own number for it, and as much of its name as is harmless."""
        name = UNSAFE.sub("-", self.key.rsplit("/", 1)[-1])[-LONGEST_NAME:].lstrip(".-")
        return f"{self.digest}-{name or 'object'}"


class ObjectStore:
    """One bucket of a store.

    Args:
        address: Names it.
        settings: What it is opened with.

    Raises:
        MissingExtraError: The library is not installed.
        SettingError: A setting is of no use with it.
    """

    def __init__(self, address: ObjectAddress, settings: StoreSettings) -> None:
        require(PACKAGE, extra=EXTRA)
        self._address = address
        config = settings.to_config(address.scheme)
        client = {**CLIENT, **({"allow_http": True} if settings.is_loopback(address.scheme) else {})}
        self._store = self._call(lambda: _open(address, config, client))

    def find(self) -> list[StoredObject]:
        """The objects that the address means, by key; of a pattern those whose names say that they hold a table.

        Raises:
            RemoteError: There is none, there are too many, or the store does not answer.
            CredentialError: The store does not accept the secret.
        """
        import obstore

        if self._address.is_exact:
            return [_describe(self._call(lambda: obstore.head(self._store, self._address.pattern)))]
        objects: list[StoredObject] = []
        for page in self._call(lambda: list(obstore.list(self._store, self._folder(), chunk_size=1_000))):
            for meta in page:
                key = str(meta["path"])
                if key.startswith(self._address.prefix) and self._address.matches(key) and _is_readable(key):
                    objects.append(_describe(meta))
        if len(objects) > MOST_OBJECTS:
            raise RemoteError(
                f"{self._address} means {len(objects):,} objects, more than the {MOST_OBJECTS:,} that a source may "
                "have. Name fewer of them, such as those of one year."
            )
        return sorted(objects, key=lambda stored: stored.key)

    def download(self, stored: StoredObject, folder: Path) -> Path:
        """Download an object; goes on where an earlier download of the same state was cut.

        Args:
            stored: What was listed.
            folder: Where to.

        Raises:
            RemoteError: It has changed since, is gone, or does not come.
            CredentialError: The store does not accept the secret.
        """
        file = folder / stored.file_name
        if file.exists():
            return file
        part = file.with_name(file.name + PART)
        part.touch(mode=0o600)
        with part.open("r+b") as target:
            size = target.seek(0, 2)
            while size < stored.size:
                end = min(size + CHUNK, stored.size)
                content = self._call(lambda start=size, end=end: self._read(stored, start, end))  # type: ignore[misc]
                if not content:
                    raise RemoteError(f"{self._address.title} sent nothing of an object. Run the command again.")
                target.write(content)
                size += len(content)
        part.replace(file)
        return file

    def _read(self, stored: StoredObject, start: int, end: int) -> bytes:
        import obstore

        options: dict[str, Any] = {"range": (start, end)}
        if not stored.state.startswith("time "):
            options["if_match"] = stored.state
        return bytes(obstore.get(self._store, stored.key, options=options).bytes())  # type: ignore[arg-type]

    def _folder(self) -> str | None:
        """Stores list by whole names between slashes."""
        folder = self._address.prefix.rpartition("/")[0]
        return folder or None

    def _call(self, action: Callable[[], T]) -> T:
        """Do something with the library; its error is let go, for it may hold a signed address."""
        from obstore import exceptions

        try:
            return action()
        except FileNotFoundError:
            failure: FrontrowError = RemoteError(
                f"{self._address.title} has no object {self._address}. Check the bucket and the key."
            )
        except exceptions.PreconditionError:
            failure = RemoteError(
                "An object was written anew while it was read. Nothing was imported; run the command again."
            )
        except (exceptions.BaseError, OSError, ValueError) as error:
            failure = self._explain(error)
        raise failure

    def _explain(self, error: Exception) -> FrontrowError:
        from obstore import exceptions

        title, bucket = self._address.title, self._address.bucket
        if NO_BUCKET.search(str(error)):
            return RemoteError(f"{title} has no bucket {bucket}. Check its name, the region and the endpoint.")
        if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError) or NO_RIGHT.search(
            str(error)
        ):
            return CredentialError(
                f"{title} does not let this key read {bucket}. Check the key, and that it may list the bucket and get "
                "its objects; docs/sources/object-stores.md has the least rights."
            )
        return RemoteError(
            f"{title} did not give what was looked for in {bucket}. Check bucket, region, endpoint and connection, and "
            "run the command again; it goes on where it was."
        )


def _open(address: ObjectAddress, config: dict[str, Any], client: dict[str, Any]) -> Any:
    from obstore.store import AzureStore, GCSStore, S3Store

    options: dict[str, Any] = {"client_options": client, "retry_config": RETRIES}
    if address.scheme == "s3":
        return S3Store(address.bucket, config=config, **options)  # type: ignore[arg-type]
    if address.scheme == "gs":
        return GCSStore(address.bucket, config=config, **options)  # type: ignore[arg-type]
    return AzureStore(address.bucket, config=config, **options)  # type: ignore[arg-type]


def _describe(meta: Any) -> StoredObject:
    state = meta["e_tag"] or f"time {meta['last_modified'].isoformat()} {meta['size']}"
    return StoredObject(str(meta["path"]), int(meta["size"]), str(state))


def _is_readable(key: str) -> bool:
    return Path(key).suffix.lower() in READABLE
