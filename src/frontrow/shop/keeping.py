"""Whether a model that was fitted on a history may be kept: not if a person was forgotten meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from frontrow.errors import ShopError
from frontrow.shop.forgotten import FORGOTTEN
from frontrow.shop.history import History
from frontrow.storage.pointer import Pointer
from frontrow.storage.shop_lock import lock_shop


@contextmanager
def allow_keeping(folder: Path, history: History) -> Iterator[bool]:
    """Have the shop's lock, and say whether what was learned from a history may be kept in the shop's folder.

    Where another command changes the shop at this moment, the answer is no: the model is fitted again another time.

    Args:
        folder: The shop's folder.
        history: What was learned from; one in memory may be kept in any case.
    """
    if history.pointer is None:
        yield True
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_shop(folder, "fit", published=True))
            allowed = not has_forgotten_since(folder, history)
        except ShopError:
            allowed = False
        yield allowed


def has_forgotten_since(folder: Path, history: History) -> bool:
    """Whether a person was forgotten since a history was read; never for one in memory.

    Args:
        folder: The shop's folder.
        history: What was read.

    Raises:
        ShopError: The folder holds no shop, or a damaged one.
    """
    pointer = history.pointer
    return pointer is not None and Pointer.read(folder).tables.get(FORGOTTEN) != pointer.tables.get(FORGOTTEN)
