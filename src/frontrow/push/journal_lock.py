"""The lock of a journal: one push at a time to one destination, and nobody is erased from a journal while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from frontrow.errors import CampaignError
from frontrow.push.customer_runs import ERASED
from frontrow.push.journal import PUSHES, Journal, list_journals
from frontrow.storage.durable import PRIVATE_FILE, make_private_folder
from frontrow.storage.folder import sweep_staging


@contextmanager
def lock_journal(file: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Keep other pushes away from a journal; one that dies gives the lock back.

    Args:
        file: The journal's file.
        wait: Seconds to wait for another push.

    Raises:
        CampaignError: Another push did not finish in time.
    """
    make_private_folder(file.parent)
    lock = FileLock(file.with_suffix(".lock").absolute(), mode=PRIVATE_FILE)
    try:
        lock.acquire(timeout=max(wait, 0))
    except Timeout as error:
        raise CampaignError(
            f"Another push of {file.parent.parent} to {file.stem} is running. Nothing was done. Wait until it has "
            "ended, and run this command again."
        ) from error
    try:
        yield
    finally:
        lock.release()


def erase_from_journals(campaign_folder: Path, numbers: list[int]) -> list[Path]:
    """Erase forgotten persons' numbers from a campaign's journals.

    Args:
        campaign_folder: The campaign's folder.
        numbers: Their customer numbers.

    Returns:
        The files that were written anew.

    Raises:
        CampaignError: A journal is damaged, or a push is running: its end erases them.
    """
    written = []
    if (campaign_folder / PUSHES).is_dir():
        sweep_staging(campaign_folder / PUSHES)
    for file in list_journals(campaign_folder):
        with lock_journal(file):
            journal = Journal.read(file)
            if journal is None:
                continue
            erased = journal.erased(frozenset(numbers) - {ERASED})
            if erased != journal:
                erased.write(campaign_folder)
                written.append(file)
    return written
