"""Every use case that changes a shop: one at a time, and what an interrupted one began is finished first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from frontrow.campaign.record.register import complete_campaigns, read_register
from frontrow.recommend.trained_register import finish_training
from frontrow.service.unfinished import finish_forgetting
from frontrow.storage.folder import sweep_staging
from frontrow.storage.pointer import POINTER
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.waiting import DEFAULT_WAIT


@contextmanager
def change_shop(folder: Path, command: str, *, wait: float = DEFAULT_WAIT, new: bool = False) -> Iterator[None]:
    """Have a shop's lock, and finish what an interrupted command began.

    Args:
        folder: The shop's folder.
        command: The name of the command that changes it.
        wait: Seconds to wait for another command.
        new: Make the folder if there is none.

    Raises:
        ShopLockedError: Another command did not finish in time.
        ShopError: The folder cannot be used, or holds no shop, or a damaged one.
    """
    with lock_shop(folder, command, wait=wait, new=new):
        if (folder / POINTER).exists():
            complete_campaigns(folder)
            finish_training(folder)
            for campaign in read_register(folder).values():
                sweep_staging(Path(campaign.folder))
            finish_forgetting(folder)
        yield
