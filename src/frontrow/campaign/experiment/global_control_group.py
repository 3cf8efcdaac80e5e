"""The standing control group: customers who are held out of every campaign, the same ones each time."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import CampaignError, ShopError
from frontrow.storage.folder import STANDING_CONTROL, write_text

FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class StandingControl:
    """Customers who are held out of every campaign, the same ones each time.

    A customer belongs to it when a hash of the customer's number and the shop's salt falls below the share. So nobody
    is listed anywhere, new customers are in it with the same chance, and a larger share keeps those of a smaller one.

    Attributes:
        salt: Random text of the shop's own; without it nobody can tell who is in.
        share: Of all customers, 0 to 1.
    """

    salt: str
    share: float

    def has(self, customer_ids: pl.Series) -> pl.Series:
        """Whether each customer is in it; Boolean, in the order given.

        Example:
            >>> StandingControl("salt", 1.0).has(pl.Series([1, 2])).to_list()
            [True, True]
        """
        places = [
            int.from_bytes(hashlib.sha256(f"{self.salt}:{one}".encode()).digest()[:8], "big") / 2**64
            for one in customer_ids
        ]
        return pl.Series("standing", [place < self.share for place in places], pl.Boolean)

    @classmethod
    def read(cls, folder: str | Path) -> StandingControl | None:
        """The standing control group of a shop; None where it has none.

        Raises:
            ShopError: The file is damaged.
        """
        file = Path(folder) / STANDING_CONTROL
        if not file.is_file():
            return None
        try:
            told = json.loads(file.read_text("utf-8"))
            found = cls(str(told["salt"]), float(told["share"]))
            whole = told["format_version"] == FORMAT_VERSION and found.salt and 0 <= found.share <= 1
        except (ValueError, KeyError, TypeError) as error:
            raise ShopError(_damaged(file)) from error
        if not whole:
            raise ShopError(_damaged(file))
        return found

    @classmethod
    def of(cls, folder: str | Path, share: float | None) -> StandingControl | None:
        """The shop's standing control group; a new one, not yet kept, if a share is asked for and there is none.

        Args:
            folder: The shop's.
            share: Of all customers; None takes what there is.

        Raises:
            CampaignError: The share is none, or another than the group has.
            ShopError: The file is damaged.
        """
        found = cls.read(folder)
        if share is None or (found is not None and found.share == share):
            return found
        if not 0 < share < 1:
            raise CampaignError(f"A standing control of {share:g} is no share. Give a number between 0 and 1.")
        if found is not None:
            raise CampaignError(
                f"The standing control has a share of {found.share:g}, not {share:g}. Leave the option out to keep "
                f"it, or change the share in {Path(folder) / STANDING_CONTROL}: a larger one keeps those who are in."
            )
        return cls(secrets.token_hex(16), share)

    def save(self, folder: str | Path) -> None:
        """Keep the group in a shop's folder, in one step."""
        told = {"format_version": FORMAT_VERSION, "share": self.share, "salt": self.salt}
        write_text(json.dumps(told, indent=2) + "\n", Path(folder) / STANDING_CONTROL)


def _damaged(file: Path) -> str:
    return f"{file} is damaged. Put it back from a copy; without it, who is always held out changes."
