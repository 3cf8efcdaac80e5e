"""Downloads of a sync: a private folder of the shop that survives a kill, and goes when its rows are committed.

```text
SHOP/downloads/NAME.lock          who fetches from this source now
SHOP/downloads/NAME/request.json  what is being fetched: a digest of the source and its bookmark, and since when
SHOP/downloads/NAME/content/      what has come; it holds addresses of customers
```
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from frontrow.errors import ShopLockedError
from frontrow.sources.source import Source
from frontrow.storage.durable import PRIVATE_FILE, make_private, make_private_folder, report_full_disk
from frontrow.storage.json_file import read_json, write_json

DOWNLOADS: Final = "downloads"
REQUEST: Final = "request.json"
CONTENT: Final = "content"
LOCK: Final = ".lock"

LONGEST_PAUSE: Final = dt.timedelta(hours=24)
"""What came of a sync that began earlier is fetched anew: a service keeps its files for days only."""


@dataclass(frozen=True)
class Downloads:
    """What has come from a source so far.

    Attributes:
        folder: A connector's files.
        started_at: When the sync began; after a kill, when the first attempt did.
    """

    folder: Path
    started_at: dt.datetime

    def close_to_others(self) -> None:
        """Let only the owner read what a connector wrote."""
        make_private(self.folder)

    def remove(self) -> None:
        """Remove everything, once its rows are committed."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


@contextmanager
def open_downloads(
    shop_folder: Path, source: Source, bookmark: Mapping[str, Any], *, now: dt.datetime
) -> Iterator[Downloads]:
    """Give the folder of a source's downloads, with what an interrupted sync of the same request left there.

    Args:
        shop_folder: The shop's folder.
        source: What is fetched from.
        bookmark: What the sync begins from.
        now: The present instant.

    Raises:
        ShopLockedError: Another command fetches from the source at this moment.
    """
    with report_full_disk(shop_folder):
        for folder in (shop_folder, shop_folder / DOWNLOADS):
            make_private_folder(folder)
        with _lock(shop_folder, source.name):
            yield _resume(shop_folder / DOWNLOADS / source.name, _digest(source, bookmark), now)


def remove_downloads(shop_folder: Path, names: tuple[str, ...] | None = None) -> list[str]:
    """Remove the downloads of a shop's sources; those that are coming at this moment stay.

    Args:
        shop_folder: The shop's folder.
        names: Of sources; None for all.

    Returns:
        The names of the sources whose downloads stay.
    """
    folder = shop_folder / DOWNLOADS
    if not folder.is_dir() or folder.is_symlink():
        return []
    present = sorted({path.name.removesuffix(LOCK) for path in folder.iterdir()})
    busy = []
    for name in present if names is None else [name for name in present if name in names]:
        try:
            with _lock(shop_folder, name):
                shutil.rmtree(folder / name)
        except FileNotFoundError:
            continue
        except (ShopLockedError, OSError):
            busy.append(name)
    return busy


def has_downloads(shop_folder: Path, name: str) -> bool:
    """Whether something has come from a source and is not imported yet.

    Args:
        shop_folder: The shop's folder.
        name: The source's name.
    """
    content = shop_folder / DOWNLOADS / name / CONTENT
    return content.is_dir() and any(content.iterdir())


@contextmanager
def _lock(shop_folder: Path, name: str) -> Iterator[None]:
    """Keep others away from a source's downloads; in the end nothing is left of the lock."""
    file = shop_folder.absolute() / DOWNLOADS / f"{name}{LOCK}"
    lock = FileLock(file, mode=PRIVATE_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ShopLockedError(
            f'Another command fetches from "{name}" of {shop_folder} at this moment. Nothing was done. Wait until it '
            "has finished, and run this one again."
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):
            # Windows removes no file that is open; there an empty one stays
            file.unlink()
        lock.release()
        with suppress(OSError):
            # only an empty one goes
            file.parent.rmdir()


def _resume(folder: Path, digest: str, now: dt.datetime) -> Downloads:
    started_at = _read_start(folder / REQUEST, digest)
    if started_at is None or not dt.timedelta() <= now - started_at <= LONGEST_PAUSE:
        shutil.rmtree(folder, ignore_errors=True)
        started_at = now.replace(microsecond=0)
    make_private_folder(folder)
    make_private_folder(folder / CONTENT)
    write_json({"digest": digest, "started_at": started_at.isoformat()}, folder / REQUEST)
    return Downloads(folder / CONTENT, started_at)


def _read_start(file: Path, digest: str) -> dt.datetime | None:
    """When an earlier attempt at the same request began; None without one."""
    with suppress(OSError, ValueError):
        values = read_json(file, dict, damaged=ValueError())
        if values.get("digest") == digest:
            return dt.datetime.fromisoformat(str(values.get("started_at")))
    return None


def _digest(source: Source, bookmark: Mapping[str, Any]) -> str:
    text = json.dumps([source.digest(), bookmark], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
