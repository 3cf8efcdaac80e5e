"""A collection of WooCommerce read page by page, each kept in a private file: after a kill the next page is asked for.

A shop goes on selling while it is read, and a page that is counted from the beginning of a list moves when something
before it comes or goes. So orders and refunds are asked for by the day they were made, which never changes: each page
begins where the one before it ended. What has no such date is counted, and read again where the list became shorter.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

from frontrow.errors import RemoteError
from frontrow.remote.client import Answer, ApiClient

PER_PAGE: Final = 100
"""The most that WooCommerce gives."""

PRIVATE_FILE: Final = 0o600
MOST_RESTARTS: Final = 3
NOT_THERE: Final = 404
ONE_SECOND: Final = dt.timedelta(seconds=1)
TOTAL: Final = "x-wp-total"
PAGES: Final = "x-wp-totalpages"

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Position:
    """Where to go on in a collection.

    Attributes:
        page: The page to ask for.
        after: Only what was made later, in ISO format; empty for everything.
        total: What the last answer said there is; None before the first.
        restarts: How often the collection was begun again because it became shorter.
        is_done: Whether nothing is left.
        began: When the server answered the first page, in ISO format.
    """

    page: int = 1
    after: str = ""
    total: int | None = None
    restarts: int = 0
    is_done: bool = False
    began: str = ""


@dataclass(frozen=True)
class Collection:
    """Something that is read in pages.

    Attributes:
        name: Of its files.
        path: As in the list of calls, filled in.
        params: Sent with each request.
        is_dated: Whether it is read by the day its records were made, else counted in the order of their ids.
        may_be_missing: Whether older versions of WooCommerce do not have it.
        first_page: Where a counted collection begins: what stands before it came with an earlier sync.
    """

    name: str
    path: str
    params: Mapping[str, str]
    is_dated: bool = False
    may_be_missing: bool = False
    first_page: int = 1


@dataclass(frozen=True)
class PageFolder:
    """The pages that came so far.

    Attributes:
        folder: A private folder.
    """

    folder: Path

    def read(self, name: str) -> Iterator[tuple[Position, list[Record]]]:
        """The pages of a collection in their order, and where each leads; one that a kill cut ends the list.

        Args:
            name: Of the collection.
        """
        number = 1
        while (page := self._read_page(name, number)) is not None:
            yield page
            number += 1

    def has(self, name: str) -> bool:
        """Whether a page of a collection came."""
        return self._read_page(name, 1) is not None

    def latest_records(self, name: str) -> Iterator[list[Record]]:
        """The records of a collection a page at a time, each in its latest state: a page may repeat what came before.

        Args:
            name: Of the collection.
        """
        last = {record["id"]: number for number, (_, page) in enumerate(self.read(name)) for record in page}
        for number, (_, page) in enumerate(self.read(name)):
            yield [*{record["id"]: record for record in page if last[record["id"]] == number}.values()]

    def position(self, collection: Collection) -> tuple[int, Position]:
        """The number of the next page of a collection and where it begins."""
        positions = [Position(page=collection.first_page), *(position for position, _ in self.read(collection.name))]
        return len(positions), positions[-1]

    def write(self, name: str, number: int, position: Position, records: list[Record]) -> None:
        """Keep a page, in one step."""
        file = self._file(name, number)
        part = file.with_suffix(".part")
        part.touch(mode=PRIVATE_FILE)
        part.write_text(json.dumps({"position": asdict(position), "records": records}), "utf-8")
        part.replace(file)

    def _read_page(self, name: str, number: int) -> tuple[Position, list[Record]] | None:
        try:
            page = json.loads(self._file(name, number).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return Position(**page["position"]), page["records"]

    def _file(self, name: str, number: int) -> Path:
        return self.folder / f"{name}-{number:06d}.json"


def fetch_collection(client: ApiClient, pages: PageFolder, collection: Collection) -> Iterator[Position]:
    """Read what is left of a collection, a page at a time.

    Args:
        client: Of the shop.
        pages: Where pages are kept.
        collection: What to read.

    Yields:
        Where it is after each page.

    Raises:
        RemoteError: The shop cannot be reached, or refuses.
        CredentialError: The key is refused.
    """
    number, position = pages.position(collection)
    while not position.is_done:
        expect = (200, NOT_THERE) if collection.may_be_missing else (200,)
        answer = client.request("GET", collection.path, params=_params(collection, position), expect=expect)
        records = [] if answer.status == NOT_THERE else read_records(answer)
        position = replace(position, began=position.began or _answered_at(answer))
        position = _advance(collection, position, answer, records)
        pages.write(collection.name, number, position, records)
        number += 1
        yield position


def read_records(answer: Answer) -> list[Record]:
    """The records of an answer.

    Raises:
        RemoteError: It holds something else, as the page of a firewall or of another plug-in would.
    """
    records = answer.json()
    if not isinstance(records, list) or not all(isinstance(record, dict) and "id" in record for record in records):
        raise RemoteError(
            "WooCommerce answered with something that is no list of records. Open the shop's address with "
            "/wp-json/wc/v3 after it in a browser: a plug-in for security or caching may stand before it."
        )
    return records


def was_missing(pages: PageFolder, name: str) -> bool:
    """Whether the shop's WooCommerce does not have a collection: nothing was counted.

    Args:
        pages: Where its pages are kept.
        name: Of the collection.
    """
    return any(position.total is None for position, _ in pages.read(name))


def began_at(pages: PageFolder, name: str) -> str | None:
    """When the first page of a collection was answered, by the server's clock; None where there was none.

    Args:
        pages: Where its pages are kept.
        name: Of the collection.
    """
    return next((position.began or None for position, _ in pages.read(name)), None)


def kept_moving(pages: PageFolder, name: str) -> bool:
    """Whether a collection became shorter so often while it was read that it was not begun again.

    Args:
        pages: Where its pages are kept.
        name: Of the collection.
    """
    return any(position.restarts >= MOST_RESTARTS for position, _ in pages.read(name))


def _params(collection: Collection, position: Position) -> dict[str, str]:
    params = {"per_page": str(PER_PAGE), "order": "asc", **collection.params, "page": str(position.page)}
    if collection.is_dated:
        params |= {"orderby": "date", "dates_are_gmt": "true"}
    else:
        params |= {"orderby": "id"}
    return params | ({"after": position.after} if position.after else {})


def _advance(collection: Collection, position: Position, answer: Answer, records: list[Record]) -> Position:
    """Where to go on after an answer."""
    if answer.status == NOT_THERE:
        return replace(position, is_done=True)
    total, count = _count(answer, TOTAL), _count(answer, PAGES)
    if not collection.is_dated:
        shorter = position.total is not None and total < position.total
        if shorter and position.restarts < MOST_RESTARTS:
            again = replace(position, page=collection.first_page, total=total)
            return replace(again, restarts=position.restarts + 1)
        return replace(position, page=position.page + 1, total=total, is_done=position.page >= count)
    if position.page >= count or not records:
        return replace(position, total=total, is_done=True)
    # the last second again: others may have been made in it
    made = records[-1].get("date_created_gmt")
    after = (dt.datetime.fromisoformat(made) - ONE_SECOND).isoformat() if made else ""
    if after > position.after:
        return replace(position, page=1, after=after, total=total)
    return replace(position, page=position.page + 1, total=total)


def _count(answer: Answer, header: str) -> int:
    text = answer.headers.get(header, "")
    if not text.isdecimal():
        raise RemoteError(
            f"WooCommerce did not say how much there is (the header {header} is missing). A cache or firewall before "
            "the shop may remove it: let it pass /wp-json/wc/v3."
        )
    return int(text)


def _answered_at(answer: Answer) -> str:
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(dt.UTC).isoformat()
    except ValueError:
        return ""
