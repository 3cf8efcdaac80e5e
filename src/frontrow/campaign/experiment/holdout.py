"""Who is held out: a random share of each stratum of the list, and the global control group always."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.errors import CampaignError, ShopError
from frontrow.storage.pointer import Pointer

CONTACTED: Final = "contacted"
HELD_OUT: Final = "held out"
STRATA: Final = 10
GLOBAL_CONTROL_GROUP: Final = "global_control_group"
"""The section of `shop.json` that holds it."""


@dataclass(frozen=True)
class GlobalControlGroup:
    """Customers who are held out of every campaign, the same ones each time.

    A customer belongs to it when a hash of the customer's number and the shop's salt falls below the share. So no list
    of its members is stored, new customers belong to it with the same probability, and a larger share keeps those of a
    smaller one.

    Attributes:
        salt: Random text of this shop; without it nobody can tell who belongs to the group.
        share: Share of all customers, 0 to 1.
        first_share: The share that was drawn first, where a larger one followed; None where none did.
        drawn_on: The day from which it is held out, on the shop's calendar; None where that was not recorded.
        other_records: Numbers of further records of persons in the group, who belong to it under every number; worked
            out from the shop's addresses, and stored nowhere.
    """

    salt: str
    share: float
    first_share: float | None = None
    drawn_on: dt.date | None = None
    other_records: frozenset[int] = frozenset()

    @property
    def members_since_the_draw(self) -> GlobalControlGroup:
        """The group as it was drawn first: those who have been held out since `drawn_on`."""
        return self if self.first_share is None else replace(self, share=self.first_share, first_share=None)

    def contains(self, customer_ids: pl.Series) -> pl.Series:
        """Whether each customer belongs to the group; Boolean, in the order given.

        Example:
            >>> GlobalControlGroup("salt", 1.0).contains(pl.Series([1, 2])).to_list()
            [True, True]
        """
        hashes = [
            int.from_bytes(hashlib.sha256(f"{self.salt}:{customer_id}".encode()).digest()[:8], "big") / 2**64
            for customer_id in customer_ids
        ]
        is_member = [
            value < self.share or customer_id in self.other_records
            for value, customer_id in zip(hashes, customer_ids, strict=True)
        ]
        return pl.Series("global_control", is_member, pl.Boolean)

    @classmethod
    def read(cls, folder: str | Path) -> GlobalControlGroup | None:
        """The global control group of a shop; None where it has none.

        Raises:
            ShopError: The folder holds no shop, or a damaged one.
        """
        record = Pointer.read(Path(folder)).sections.get(GLOBAL_CONTROL_GROUP)
        if record is None:
            return None
        try:
            group = cls._parse(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ShopError(
                f"{folder} has a damaged global control group. frontrow check {folder} says more."
            ) from error
        return group

    @classmethod
    def _parse(cls, record: Mapping[str, Any]) -> GlobalControlGroup:
        first, drawn_on = record.get("first_share"), record.get("drawn_on")
        group = cls(
            str(record["salt"]),
            float(record["share"]),
            None if first is None else float(first),
            None if drawn_on is None else dt.date.fromisoformat(drawn_on),
        )
        if not group.salt or not 0 <= (group.share if group.first_share is None else group.first_share) <= group.share:
            raise ValueError("not a share, or no salt")
        if group.share > 1:
            raise ValueError("not a share")
        return group

    @classmethod
    def read_or_draw(
        cls, folder: str | Path, share: float | None, day: dt.date | None = None
    ) -> GlobalControlGroup | None:
        """The shop's global control group; a new or larger one, not yet saved, if such a share is given.

        Args:
            folder: The shop's folder.
            share: Share of all customers; None for the group that the shop has, if any.
            day: The day from which a new group is held out, on the shop's calendar.

        Raises:
            CampaignError: The share is not between 0 and 1, or smaller than that of the shop's group.
            ShopError: The folder holds no shop, or a damaged one.
        """
        group = cls.read(folder)
        if share is None or (group is not None and group.share == share):
            return group
        if not 0 < share < 1:
            raise CampaignError(
                f"The share of the global control group is {share:g}. It must be above 0 and below 1, such as 0.05."
            )
        if group is None:
            return cls(secrets.token_hex(16), share, drawn_on=day)
        if share < group.share:
            raise CampaignError(
                f"The global control group has a share of {group.share:g}. A smaller one would let customers go who "
                "were always held out. Leave the option out to keep it; a larger share keeps the members."
            )
        return replace(group, share=share, first_share=group.members_since_the_draw.share)

    def to_sections(self) -> dict[str, Any]:
        """The section of `shop.json` that holds the group, by its name."""
        record: dict[str, Any] = {"share": self.share, "salt": self.salt}
        if self.first_share is not None:
            record["first_share"] = self.first_share
        if self.drawn_on is not None:
            record["drawn_on"] = self.drawn_on.isoformat()
        return {GLOBAL_CONTROL_GROUP: record}


def hold_out(
    chosen: pl.DataFrame, share: float, *, seed: int, control_group: GlobalControlGroup | None = None
) -> pl.DataFrame:
    """Divide a list at random into those who are contacted and those who are held out.

    Within each product customers are cut into ten strata by rank. The global control group is held out first; of the
    others, each stratum gives the same share, rounded up or down so that it is right on average and the whole list is
    within one customer of it.

    Args:
        chosen: `product_id`, `customer_id` (each customer once), `rank`, in any order.
        share: Share to hold out of those who are not in the global control group, 0 to 1.
        seed: The same seed on the same list gives the same division.
        control_group: The global control group.

    Returns:
        The rows by product and rank, with `group` and `stratum` (int32, 1 the likeliest tenth).

    Raises:
        CampaignError: The share is not between 0 and 1, or a customer is on the list twice.
    """
    _check_share(share)
    if chosen["customer_id"].is_duplicated().any():
        raise CampaignError("A customer is on the list twice. Give each customer to one product.")
    rows = chosen.sort("product_id", "rank", "customer_id").with_columns(stratum=_stratum())
    rng = np.random.default_rng(seed)
    # drawn first, so that `max_list_length` knows it whatever the length
    start = rng.random()
    in_control_group = _in_control_group(rows["customer_id"], control_group)
    drawn = rows.select("product_id", "stratum").with_columns(
        in_control_group.alias("global_control"), pl.Series("draw", rng.random(rows.height))
    )
    is_held = pl.Series(_is_held_out(drawn, share, start))
    return rows.with_columns(group=pl.when(is_held).then(pl.lit(HELD_OUT)).otherwise(pl.lit(CONTACTED)))


def max_list_length(
    customer_ids: pl.Series,
    contacts: int,
    share: float,
    *,
    seed: int,
    control_group: GlobalControlGroup | None = None,
) -> int:
    """The longest list, from the top, of which `hold_out` leaves no more than so many to contact.

    Customers held out cost nothing, so they come on top of the contacts that capacity and budget allow.

    Args:
        customer_ids: Everyone who may be on the list, in its order.
        contacts: Largest number of customers contacted.
        share: Share held out, as for `hold_out`.
        seed: Seed given to `hold_out`.
        control_group: The global control group given to `hold_out`.

    Returns:
        How many of the first customers to choose; 0 where nobody may be contacted.

    Raises:
        CampaignError: The share is not between 0 and 1.

    Example:
        >>> max_list_length(pl.Series(range(500)), 90, 0.1, seed=0) in (99, 100, 101)
        True
    """
    if contacts < 1:
        _check_share(share)
        return 0
    contacted = count_contacted(customer_ids, share, seed=seed, control_group=control_group)
    return int((contacted <= contacts).sum())


def count_contacted(
    customer_ids: pl.Series, share: float, *, seed: int, control_group: GlobalControlGroup | None = None
) -> NDArray[np.int64]:
    """How many are contacted of the first one, two, three and so on, after `hold_out` with the same settings.

    Args:
        customer_ids: Everyone who may be on the list, in its order.
        share: Share held out, as for `hold_out`.
        seed: Seed given to `hold_out`.
        control_group: The global control group given to `hold_out`.

    Returns:
        One number for each length from 1 to everyone.

    Raises:
        CampaignError: The share is not between 0 and 1.

    Example:
        >>> count_contacted(pl.Series([7, 8, 9]), 0.0, seed=0).tolist()
        [1, 2, 3]
    """
    _check_share(share)
    others = (~_in_control_group(customer_ids, control_group)).cum_sum().to_numpy().astype(np.int64)
    held_out = np.floor(share * others + np.random.default_rng(seed).random()).astype(np.int64)
    contacted: NDArray[np.int64] = others - held_out
    return contacted


def _check_share(share: float) -> None:
    if not 0 <= share < 1:
        raise CampaignError(f"The hold-out share is {share:g}. Give 0 for none, or a number below 1.")


def _in_control_group(customer_ids: pl.Series, group: GlobalControlGroup | None) -> pl.Series:
    return pl.repeat(False, len(customer_ids), eager=True) if group is None else group.contains(customer_ids)


def _stratum() -> pl.Expr:
    position = pl.int_range(pl.len()).over("product_id")
    return (position * STRATA // pl.len().over("product_id") + 1).cast(pl.Int32)


def _is_held_out(rows: pl.DataFrame, share: float, start: float) -> NDArray[np.bool_]:
    """The global control group, and the first of each stratum's others in the order that was drawn.

    How many of a stratum is read off the running total of the share, from a start drawn at random: so each stratum is
    within one of its share, and so is every run of strata, the whole list among them.
    """
    stratum = ["product_id", "stratum"]
    is_other = ~pl.col("global_control")
    sizes = rows.group_by(stratum, maintain_order=True).agg(is_other.sum().alias("others"))
    end = pl.col("others").cum_sum()
    until, before = (share * end + start).floor(), (share * (end - pl.col("others")) + start).floor()
    with_quota = rows.join(sizes.with_columns(quota=until - before), on=stratum, how="left", maintain_order="left")
    order = pl.when(is_other).then("draw").rank("ordinal").over(stratum)
    held = pl.col("global_control") | (order <= pl.col("quota")).fill_null(False)
    return with_quota.select(held=held)["held"].to_numpy()
