"""The recommenders that a server answers from: read once, and again when their files or their shop change."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anyio import CapacityLimiter, to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from frontrow.service.serving import ServedShop

MOST_BYTES: Final = 20_000_000
"""Of the answers of one recommender that stay in memory: about 10,000 lists of ten products."""

MOST_RECOMMENDERS: Final = 4
"""Recommenders that stay in memory."""

THREADS: Final = 2
"""Lists that are computed at a time, so that answers which are there already need not wait for them."""

Signature = tuple[int, int, int] | None
"""What changes whenever a file is replaced; None where there is none."""

MANIFEST: Final = "manifest.json"
RANKINGS: Final = "rankings"
POINTER: Final = "shop.json"


class NotTrainedError(Exception):
    """No recommender of that name was trained for the shop."""


class Answers:
    """Answers that were given, the latest ones."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin without any.

        Args:
            most_bytes: Most bytes of answers, and of the rules that they were given under.
        """
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[tuple[int, int, str], bytes] = OrderedDict()

    def get(self, key: tuple[int, int, str]) -> bytes | None:
        """The answer to a request, if it is there.

        Args:
            key: Customer, length and rules.
        """
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: tuple[int, int, str], answer: bytes) -> None:
        """Keep an answer, in the place of the oldest ones where there is no room for it.

        Args:
            key: Customer, length and rules.
            answer: The bytes.
        """
        self._bytes += _size(key, answer) - _size(key, self._answers.pop(key, None))
        self._answers[key] = answer
        while self._bytes > self._most_bytes:
            self._bytes -= _size(*self._answers.popitem(last=False))


def _size(key: tuple[int, int, str], answer: bytes | None) -> int:
    return 0 if answer is None else len(key[2]) + len(answer)


@dataclass(frozen=True)
class Loaded:
    """A recommender in memory, and the state of the files it was read from.

    Attributes:
        served: The recommender, and the shop's customers.
        model_files: Of the recommender.
        shop_file: Of the shop.
        facts: Facts of the model for every answer.
        version: What tells it from others, as a text.
        answers: What was answered.
    """

    served: ServedShop
    model_files: tuple[Signature, Signature]
    shop_file: Signature
    facts: dict[str, Any]
    version: str
    answers: Answers

    def is_ready(self, customer_id: int, k: int) -> bool:
        """Whether a list under no rules is there already.

        Args:
            customer_id: Number of the customer.
            k: Length of the list.
        """
        return self.served.recommender.is_ready(customer_id, k)


class Recommenders:
    """The recommenders of a server. It is used from the event loop alone; files are read in threads."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[tuple[Path, Path], Loaded] = OrderedDict()
        self._locks: dict[tuple[Path, Path], asyncio.Lock] = {}
        self._limiter: CapacityLimiter | None = None

    async def find(self, shop: Path, trained: Path) -> Loaded:
        """The recommender in a folder, as its files and its shop are now.

        Args:
            shop: The shop's folder.
            trained: The recommender's folder.

        Raises:
            NotTrainedError: The folder holds none.
            RecommendationError: The recommender was trained on another shop.
        """
        key = (shop, trained)
        loaded = self._loaded.get(key)
        if loaded is not None and _is_current(loaded, shop, trained):
            self._loaded.move_to_end(key)
            return loaded
        if _sign(trained / MANIFEST) is None:
            # so that names which somebody made up leave nothing in memory
            raise NotTrainedError
        async with self._locks.setdefault(key, asyncio.Lock()):
            loaded = self._loaded.get(key)
            if loaded is None or not _is_current(loaded, shop, trained):
                loaded = await self.run(_load, shop, trained, loaded)
                self._loaded[key] = loaded
                while len(self._loaded) > MOST_RECOMMENDERS:
                    self._loaded.popitem(last=False)
        return loaded

    async def run(self, compute: Callable[..., Any], *arguments: Any) -> Any:
        """Compute something in one of a few threads.

        Args:
            compute: A function.
            arguments: Its arguments.
        """
        if self._limiter is None:
            self._limiter = CapacityLimiter(THREADS)
        return await to_thread.run_sync(compute, *arguments, limiter=self._limiter)


def _load(shop: Path, trained: Path, before: Loaded | None) -> Loaded:
    from frontrow.service.serving import open_served_shop, read_served_customers

    # read before the files: what changes meanwhile is read again at the next request
    model_files, shop_file = _sign_model(trained), _sign(shop / POINTER)
    if model_files[0] is None:
        raise NotTrainedError
    if before is not None and before.model_files == model_files:
        served = read_served_customers(shop, before.served.recommender)
    else:
        served = open_served_shop(shop, trained)
    return Loaded(served, model_files, shop_file, served.describe(), f"{model_files} {shop_file}", Answers())


def _is_current(loaded: Loaded, shop: Path, trained: Path) -> bool:
    return loaded.model_files == _sign_model(trained) and loaded.shop_file == _sign(shop / POINTER)


def _sign_model(trained: Path) -> tuple[Signature, Signature]:
    return _sign(trained / MANIFEST), _sign(trained / RANKINGS / MANIFEST)


def _sign(file: Path) -> Signature:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
