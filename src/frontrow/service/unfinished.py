"""What an interrupted command began outside the tables of a shop, and the next one finishes."""

from __future__ import annotations

from pathlib import Path

from frontrow.campaign.record.erase import erase_from_campaign
from frontrow.campaign.record.register import read_register, staged_place
from frontrow.errors import FrontrowError
from frontrow.push.journal_lock import erase_from_journals
from frontrow.shop.erase import UNFINISHED, read_unfinished
from frontrow.shop.forgotten import Forgotten
from frontrow.sources.downloads import remove_downloads
from frontrow.storage.commit import commit
from frontrow.storage.folder import remove_models


def finish_forgetting(folder: Path) -> tuple[list[Path], list[str]]:
    """Erase forgotten persons from what lies beside the tables; the caller has the shop's lock.

    Fitted models learned from what the persons bought, and are fitted again when they are needed.

    Args:
        folder: The shop's folder.

    Returns:
        Files that were written anew, and a sentence for each that could not be.
    """
    numbers = read_unfinished(folder)
    if not numbers:
        return [], []
    remove_models(folder)
    busy = remove_downloads(folder)
    forgotten = Forgotten.read(folder)
    files = []
    problems = [
        f'The source "{name}" is being synced at this moment: its downloads go when that has finished.' for name in busy
    ]
    for campaign in read_register(folder).values():
        for place in (Path(campaign.folder), staged_place(folder, campaign)):
            try:
                if place.is_dir():
                    files += erase_from_campaign(place, numbers, forgotten)
                    files += erase_from_journals(place, numbers)
            except OSError as error:
                problems.append(f"{error.filename or place}: {error.strerror or error}. Allow writing to it.")
            except FrontrowError as error:
                problems.append(str(error))
    if not problems:
        commit(folder, {}, {UNFINISHED: []})
    return files, problems
