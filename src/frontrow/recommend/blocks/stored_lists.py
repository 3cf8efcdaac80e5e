"""Lists that lie on disk, a file for each block of customers: they are read a part at a time."""

from __future__ import annotations

import weakref
from contextlib import ExitStack
from typing import Final

import polars as pl

from frontrow.recommend.lists import ROW_SCHEMA, add_titles
from frontrow.recommend.rerank.rerank import EFFECT_SCHEMA
from frontrow.storage.table_output import TableFile

COLUMNS: Final = ("customer_id", "source_id", *ROW_SCHEMA)


class StoredRecommendations:
    """Lists of any number of customers; see `lists.Recommendations`.

    The rows come by block of the shop, and within a block by customer and rank. The folder that they lie in is removed
    with the last use of this object.

    Args:
        parts: `list_step.BLOCK_LIST_SCHEMA` of all blocks.
        customers: `customer_id` and `source_id` of the shop's customers.
        folder: What is closed in the end.

    Attributes:
        effects: `rerank.EFFECT_SCHEMA`: what each rule did.
        customers: Number of lists.
        active: Number of lists of active customers.
        without_order: Number of lists of customers without an order.
        short: Number of lists that are shorter than k.
    """

    def __init__(self, parts: pl.LazyFrame, customers: pl.LazyFrame, folder: ExitStack) -> None:
        self._lists = parts.filter(pl.col("rank").is_not_null()).select("customer_id", *ROW_SCHEMA)
        self._customers = customers
        weakref.finalize(self, folder.close)
        summaries = parts.select(pl.col("summary").drop_nulls()).unnest("summary")
        counts = summaries.select(pl.col("customers", "active", "without_order", "short").sum()).collect()
        self.customers, self.active, self.without_order, self.short = (int(count) for count in counts.row(0))
        self.effects = _add_up_effects(summaries)

    @property
    def rows(self) -> pl.DataFrame:
        """All rows: as many as memory has room for."""
        return self._with_sources().collect()

    def write_to(self, file: TableFile) -> None:
        """Write the rows a part at a time.

        Args:
            file: Where.
        """
        file.write_streamed(self._with_sources())

    def examples(self, count: int, items: pl.DataFrame) -> pl.DataFrame:
        """See `lists.Recommendations.examples`.

        Args:
            count: Number of customers.
            items: Candidate items, which have the titles.
        """
        firsts = self._lists.filter(pl.col("rank") == 1)
        step = max(1, firsts.select(pl.len()).collect().item() // max(count, 1))
        chosen = firsts.select("customer_id").gather_every(step).head(count).collect()
        rows = self._lists.join(chosen.lazy(), on="customer_id", how="semi", maintain_order="left").collect()
        return add_titles(rows, items)

    def _with_sources(self) -> pl.LazyFrame:
        return self._lists.join(self._customers, on="customer_id", how="left", maintain_order="left").select(COLUMNS)


def _add_up_effects(summaries: pl.LazyFrame) -> pl.DataFrame:
    effects = summaries.select("effects").explode("effects").drop_nulls().unnest("effects").collect()
    sums = (pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()) for name in ("removed", "moved"))
    added = effects.group_by("rule", maintain_order=True).agg(
        pl.col("products").first(), *sums, pl.col("customers").sum()
    )
    return added.cast(dict(EFFECT_SCHEMA)) if added.height else pl.DataFrame(schema=EFFECT_SCHEMA)  # type: ignore[arg-type]
