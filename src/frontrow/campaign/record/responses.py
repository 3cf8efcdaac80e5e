"""What became of a campaign's messages, by customer number, in the campaign's folder; no personal data.

One file, `responses.json`, which ends with the SHA-256 of its own text and is replaced in one step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.errors import CampaignError
from frontrow.storage.folder import replace_file
from frontrow.storage.json_file import read_json, to_json_text
from frontrow.storage.json_types import is_of_type
from frontrow.storage.pointer import is_sealed, seal

RESPONSES_FILE: Final = "responses.json"
FORMAT_VERSION: Final = 1
SENT: Final = "sent"
STORED: Final = (SENT, "delivered", "opened", "clicked", "bounced", "unsubscribed")
SHOWN: Final = ("delivered", "opened", "clicked", "bounced", "unsubscribed")
"""The columns of `CampaignResponses.table`."""


@dataclass(frozen=True)
class CampaignResponses:
    """What became of the messages of a campaign.

    Attributes:
        campaign_id: The campaign's id.
        customers: Customer numbers by response, of `STORED`; a response that no file told of is missing. Who has
            unsubscribed is there whether assigned to the campaign or not.
        sources: One record a file or answer of a platform: `name`, `layout`, `rows`, `read_at`.
    """

    campaign_id: str
    customers: Mapping[str, frozenset[int]] = field(default_factory=dict)
    sources: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def read(cls, folder: str | Path) -> CampaignResponses | None:
        """Read them from a campaign's folder; None where none were read yet.

        Raises:
            CampaignError: The file is damaged.
        """
        file = Path(folder) / RESPONSES_FILE
        if not file.is_file():
            return None
        damaged = CampaignError(f"{file} is damaged. Delete it, and read the platform's files again: frontrow results")
        if not is_sealed(file.read_bytes()):
            raise damaged
        return read_json(file, cls._parse, damaged=damaged)

    @classmethod
    def _parse(cls, record: dict[str, Any]) -> CampaignResponses:
        customers = {str(name): frozenset(numbers) for name, numbers in record["customers"].items()}
        numbers = [number for part in customers.values() for number in part]
        if record["format_version"] != FORMAT_VERSION or not customers.keys() <= {*STORED}:
            raise ValueError("of another format version")
        if not all(is_of_type(number, int) for number in numbers) or not isinstance(record["campaign_id"], str):
            raise TypeError("not the numbers of customers")
        return cls(record["campaign_id"], customers, tuple({**source} for source in record["sources"]))

    def save(self, folder: str | Path) -> None:
        """Write the file into a campaign's folder, in one step."""
        record = {
            "format_version": FORMAT_VERSION,
            "campaign_id": self.campaign_id,
            "sources": [dict(source) for source in self.sources],
            "customers": {name: sorted(numbers) for name, numbers in sorted(self.customers.items())},
        }
        with replace_file(Path(folder) / RESPONSES_FILE) as staged:
            staged.write_bytes(seal(to_json_text(record, indent=2).encode()))

    def add(self, customers: Mapping[str, Iterable[int]], sources: Iterable[Mapping[str, Any]]) -> CampaignResponses:
        """The same with what later files say; what happened stays so.

        Args:
            customers: Customer numbers by response; an empty response says that a file told of it, and of nobody.
            sources: See `CampaignResponses`.

        Example:
            >>> responses = CampaignResponses("5f0c").add({"sent": [1, 2], "bounced": [2]}, [])
            >>> sorted(responses.delivered), responses.add({"opened": [1]}, []).counts()["opened"]
            ([1], 1)
        """
        names = [name for name in STORED if name in self.customers or name in customers]
        merged = {name: self.customers.get(name, frozenset()) | {*customers.get(name, ())} for name in names}
        return CampaignResponses(self.campaign_id, merged, (*self.sources, *sources))

    def without(self, numbers: Collection[int]) -> CampaignResponses:
        """The same without customers, such as persons who are forgotten."""
        remaining = {name: part - {*numbers} for name, part in self.customers.items()}
        return CampaignResponses(self.campaign_id, remaining, self.sources)

    @property
    def knows_delivery(self) -> bool:
        """Whether a file told to whom the messages were sent or delivered."""
        return SENT in self.customers or "delivered" in self.customers

    @property
    def delivered(self) -> frozenset[int]:
        """Who received the message: told so, or sent to and not bounced; who did something with it received it."""
        get = self.customers.get
        empty: frozenset[int] = frozenset()
        received = get("delivered", empty) | (get(SENT, empty) - get("bounced", empty))
        return received | get("opened", empty) | get("clicked", empty)

    def counts(self) -> dict[str, int | None]:
        """Number of customers by response; None for one that no file told of."""
        counts = {name: len(self.customers[name]) if name in self.customers else None for name in SHOWN}
        return {**counts, "delivered": len(self.delivered) if self.knows_delivery else None}

    def table(self, assignment: pl.DataFrame) -> pl.DataFrame:
        """One row a customer of the campaign.

        Args:
            assignment: `campaign.ASSIGNMENT_SCHEMA`.

        Returns:
            `product_id`, `customer_id`, `group`, and a truth value for each of `SHOWN`; null where no file told.
        """
        columns = {name: self.customers.get(name) for name in SHOWN}
        columns["delivered"] = self.delivered if self.knows_delivery else None
        return assignment.select("product_id", "customer_id", "group").with_columns(
            (
                pl.lit(None, pl.Boolean)
                if numbers is None
                else pl.col("customer_id").is_in(pl.Series(sorted(numbers), dtype=pl.Int64).implode())
            ).alias(name)
            for name, numbers in columns.items()
        )


def erase_from_responses(folder: Path, numbers: Collection[int]) -> bool:
    """Erase persons from the responses in a campaign's folder.

    Args:
        folder: The campaign's folder.
        numbers: Their customer numbers.

    Returns:
        Whether the file was written anew.

    Raises:
        CampaignError: The file is damaged, so that nobody can be erased from it.
    """
    responses = CampaignResponses.read(folder)
    if responses is None or not any(part & {*numbers} for part in responses.customers.values()):
        return False
    responses.without(numbers).save(folder)
    return True
