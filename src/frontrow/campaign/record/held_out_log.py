"""Who was held out of campaigns that were sent, of which product, until when; no personal data.

What a campaign caused is the difference to those held out of it. A second message about the same product would reach
them too, and nothing would be left to compare with: so they stay out of it until the first campaign's window is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.record.log_file import read_log
from frontrow.campaign.uplift.product_matching import same_products
from frontrow.storage.folder import HELD_OUT_LOG

HELD_OUT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "customer_id": pl.Int64(),
    # of the product, as the campaign asked about it
    "product_id": pl.String(),
    "title": pl.String(),
    # the first day, on the shop's calendar, whose orders no longer count
    "until": pl.Date(),
    # the campaign's name
    "campaign": pl.String(),
}


@dataclass(frozen=True)
class HeldOutLog:
    """Who was held out, one row a customer, product and campaign.

    Attributes:
        rows: `HELD_OUT_SCHEMA`, those who are free first come first.
    """

    rows: pl.DataFrame

    @classmethod
    def none(cls) -> HeldOutLog:
        """Nobody was held out."""
        return cls(pl.DataFrame(schema=dict(HELD_OUT_SCHEMA)))

    @classmethod
    def read(cls, folder: str | Path) -> HeldOutLog:
        """The log kept in a shop's folder; an empty one where nobody was held out yet.

        Raises:
            ShopError: The file is damaged, or no such log.
        """
        lost = "without it nobody counts as held out."
        return cls(read_log(Path(folder) / HELD_OUT_LOG, HELD_OUT_SCHEMA, name="log of the held-out", lost=lost))

    def with_campaign(self, campaign: Campaign) -> HeldOutLog:
        """The log with those held out of a campaign, each of the product assigned; what it holds is not added twice."""
        products = pl.DataFrame(
            [
                {"product_id": one["product_id"], "title": one["title"], "until": campaign.window_end(one)}
                for one in campaign.products
            ],
            schema={name: HELD_OUT_SCHEMA[name] for name in ("product_id", "title", "until")},
        )
        new = campaign.held_out.join(products, on="product_id").with_columns(campaign=pl.lit(campaign.name))
        rows = pl.concat([self.rows, new.select(list(HELD_OUT_SCHEMA))]).unique()
        return HeldOutLog(rows.sort("until", "campaign", "product_id", "customer_id", "title"))

    def still_held_out(self, asked: pl.DataFrame, products: pl.DataFrame, day: dt.date) -> pl.DataFrame:
        """Who is held out, on a day, of products asked about now; also of days before, for what was sent is sent.

        Args:
            asked: `product_id`, `title`, each once.
            products: The shop's (`schema.PRODUCT_SCHEMA`), by which a product is known under its new name.
            day: On the shop's calendar.

        Returns:
            `product_id` (as asked now), `customer_id`; each pair once.

        Example:
            >>> row = {"customer_id": 7, "product_id": "new:pot", "title": "Pot", "until": dt.date(2026, 4, 1)}
            >>> log = HeldOutLog(pl.DataFrame([{**row, "campaign": "spring"}], schema=dict(HELD_OUT_SCHEMA)))
            >>> asked = pl.DataFrame({"product_id": ["A7"], "title": ["pot"]})
            >>> shop = pl.DataFrame({"product_id": ["A7"], "title": ["Pot"], "aliases": [[]]})
            >>> [log.still_held_out(asked, shop, dt.date(2026, *day)).height for day in ((3, 31), (4, 1))]
            [1, 0]
        """
        held = self.rows.filter(pl.col("until") > day)
        pairs = pl.DataFrame(
            same_products(asked.to_dicts(), held.select("product_id", "title").unique().to_dicts(), products),
            schema={"product_id": pl.String(), "earlier_id": pl.String(), "title": pl.String()},
            orient="row",
        )
        found = pairs.join(held.rename({"product_id": "earlier_id"}), on=["earlier_id", "title"])
        return found.select("product_id", "customer_id").unique().sort("product_id", "customer_id")
