"""Publish a shop to an object store, where other machines and the workers of a cluster read it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from frontrow.errors import ShopError
from frontrow.present.section import Section, Sentence
from frontrow.present.wording import counted
from frontrow.shop.publish import UNFINISHED, Publication, publish_shop, read_publications
from frontrow.storage.address import ShopAddress
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class PublishResult:
    """What was published.

    Attributes:
        publication: What it did.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    publication: Publication
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self.publication) | {"address": str(self.publication.address)}

    def sections(self) -> list[Section]:
        """What was sent, what was there already, what was removed."""
        done = self.publication
        sent = f"{counted(done.sent, 'table', 'tables')} sent ({done.sent_bytes / 1e6:,.1f} MB)"
        sentences = [f"Published at {done.address}: {sent}, {done.unchanged:,} there already."]
        if done.removed:
            sentences.append(f"Removed there: {counted(done.removed, 'table', 'tables')} of an earlier state.")
        sentences.append(f"Read it with: frontrow launches {done.address}")
        return [Section("publish", "", tuple(map(Sentence, sentences)))]


def publish(folder: Path, address: str | None = None, *, wait: float = DEFAULT_WAIT) -> PublishResult:
    """Bring what is published of a shop up to date; readers see the old state or the new, never half of one.

    Args:
        folder: The shop's folder.
        address: Where to; None for the address at which it was published before.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The folder holds no shop, it is not clear where to publish, or the address holds another shop.
        ShopLockedError: Another command did not finish in time.
        RemoteError: The store does not answer; readers see what was published before.
    """
    place = ShopAddress.parse(address) if address is not None else _choose_address(folder)
    return PublishResult(publish_shop(folder, place, wait=wait))


def _choose_address(folder: Path) -> ShopAddress:
    addresses = [address for address, generation in read_publications(folder).items() if generation != UNFINISHED]
    if len(addresses) != 1:
        state = f"was published at {len(addresses)} addresses" if addresses else "was not published before"
        raise ShopError(f"{folder} {state}. Say where: frontrow publish {folder} s3://BUCKET/PATH")
    return addresses[0]
