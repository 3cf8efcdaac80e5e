"""Forget a person: in the tables by one commit, then in what lies beside them, resumed where it was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.campaign.record.campaign import EXPORTS
from frontrow.campaign.record.erase import address_forms
from frontrow.campaign.record.register import read_register
from frontrow.present.section import Section, Sentence
from frontrow.present.wording import counted
from frontrow.push.journal import list_journals
from frontrow.recommend.trained_register import read_trained_folders
from frontrow.service.changing import change_shop
from frontrow.service.unfinished import finish_forgetting
from frontrow.shop.config import ShopConfig
from frontrow.shop.erase import Person, forget, is_forgotten
from frontrow.shop.publish import list_outdated_addresses
from frontrow.sources.downloads import remove_downloads
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class ForgetResult:
    """What was erased, and what frontrow cannot reach.

    Attributes:
        lines: Order lines that are a guest's now.
        again: The person was forgotten before.
        files: Files of campaigns that were written anew without the person.
        unfinished: Sentences about what could not be erased at the moment.
        outside: Sentences about what a person has to do.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    lines: int
    again: bool = False
    files: tuple[Path, ...] = ()
    unfinished: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "order_lines_of_a_guest_now": self.lines,
            "already_forgotten": self.again,
            "files_written_anew": [str(file) for file in self.files],
            "unfinished": list(self.unfinished),
            "outside": list(self.outside),
        }

    def sections(self) -> list[Section]:
        """What stays, and what is left to do."""
        stay = counted(self.lines, "order line stays", "order lines stay")
        first = "Already forgotten; nothing is left of this person." if self.again else f"Erased. {stay} as a guest's."
        if self.again and self.unfinished:
            first = "Already forgotten."
        sentences = [first]
        if self.files:
            sentences.append(
                f"{counted(len(self.files), 'file', 'files')} of campaigns written anew without the person."
            )
        sentences += [f"Not finished: {sentence}" for sentence in self.unfinished]
        sentences += ["Files exported elsewhere are yours to delete.", *self.outside]
        return [Section("forget", "", tuple(map(Sentence, sentences)))]


def forget_customer(folder: Path, who: str, *, wait: float = DEFAULT_WAIT) -> ForgetResult:
    """Erase a customer's personal data; the orders stay, as a guest's, for the products' histories.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The folder holds no shop, or nobody has that address or id.
        ShopLockedError: Another command did not finish in time.
    """
    region = ShopConfig.read(folder).phone_region

    def further_forms(person: Person) -> Iterator[str]:
        regions = [*person.countries, *([region] if region else [])]
        return address_forms(person.emails, person.phones, regions)

    with change_shop(folder, "forget", wait=wait):
        again = is_forgotten(folder, who)
        lines = forget(folder, who, further_forms=further_forms)
        files, unfinished = finish_forgetting(folder)
        # of somebody who was forgotten before, too: an interrupted sync may have fetched the person since
        remove_downloads(folder)
        return ForgetResult(lines, again, tuple(files), tuple(unfinished), tuple(_list_outside(folder)))


def _list_outside(folder: Path) -> Iterator[str]:
    """What a person has to do, because frontrow does not reach it."""
    for campaign in read_register(folder).values():
        place = Path(campaign.folder)
        if not place.is_dir():
            yield f'The campaign "{campaign.name}" is not at {place} any more: delete the copies of its files.'
            continue
        if platforms := _platforms(place):
            yield f'Was a file of "{campaign.name}" uploaded ({platforms})? Then erase the person there too.'
        if destinations := ", ".join(sorted({file.name.partition(".")[0] for file in list_journals(place)})):
            yield f'"{campaign.name}" was pushed to {destinations}: erase the person there too.'
    for trained in read_trained_folders(folder):
        if trained.is_dir():
            yield f"{trained} was trained with this person's orders, by number: train it again with frontrow train."
    for address in list_outdated_addresses(folder):
        yield f"The person is still in what is published at {address}: frontrow publish {folder} {address}"


def _platforms(place: Path) -> str:
    names = {path.name.partition("-")[0] for path in (place / EXPORTS).glob("*")}
    return ", ".join(sorted(names))
