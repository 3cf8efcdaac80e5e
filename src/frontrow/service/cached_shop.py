"""A shop that stays opened between two looks at it, as long as none of its files has changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from frontrow.service.opening import OpenedShop, RunSettings, open_shop
from frontrow.shop.config import CONFIG
from frontrow.shop.product_rules import RULES
from frontrow.storage.pointer import POINTER

MOST_SHOPS: Final = 8
"""Shops that stay opened: their life cycles and product names, no customers."""

Signature = tuple[tuple[int, int, int] | None, ...]

_OPENED: Final[OrderedDict[Path, tuple[Signature, OpenedShop]]] = OrderedDict()
_LOCK: Final = threading.Lock()


def open_cached_shop(folder: Path) -> OpenedShop:
    """The shop as a run without settings of its own sees it; opened again once any of its files has changed.

    It holds no table on disk, so that nothing of the shop outlives a change of it, such as forgetting a person.

    Args:
        folder: The shop's folder.

    Raises:
        ShopError: The folder holds no shop, a damaged one, or one without orders.
    """
    folder = folder.resolve()
    signature = _sign(folder)
    with _LOCK:
        cached = _OPENED.get(folder)
        if cached is not None and cached[0] == signature:
            _OPENED.move_to_end(folder)
            return cached[1]
    opened = open_shop(folder, RunSettings())
    opened.history.let_go()
    with _LOCK:
        _OPENED[folder] = (signature, opened)
        while len(_OPENED) > MOST_SHOPS:
            _OPENED.popitem(last=False)
    return opened


def _sign(folder: Path) -> Signature:
    """What changes whenever one of the files that say how the shop is changes."""
    return tuple(map(_describe, (folder / POINTER, folder / CONFIG, folder / RULES)))


def _describe(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
