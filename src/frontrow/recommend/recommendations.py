"""Lists as a table, one row a place: what is written to a file, and what a person looks at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from frontrow.recommend.retrieve.lists import Lists
from frontrow.storage.folder import check_output_file, replace_file

ROW_SCHEMA: Final = {"rank": pl.Int32(), "product_id": pl.String(), "score": pl.Float32(), "source": pl.String()}


@dataclass(frozen=True)
class Recommendations:
    """What was recommended to whom.

    Attributes:
        rows: `customer_id` and `source_id` of a known customer, or `first_order` (a number) and what is known of such
            an order; then `ROW_SCHEMA`. `score` is the chance to buy within the model's window where the model gives
            chances, and otherwise the model's score, which orders the products of one customer and means nothing else;
            null for a product of which the model says nothing.
        effects: `effects.EFFECT_SCHEMA`: what each rule did.
        customers: How many were asked about.
        short: How many lists are shorter than asked for.
    """

    rows: pl.DataFrame
    effects: pl.DataFrame
    customers: int
    short: int

    def examples(self, count: int, shelf: pl.DataFrame) -> pl.DataFrame:
        """The lists of some customers, evenly spaced, with `title`, without `source_id`, which may be an e-mail.

        Args:
            count: Of how many.
            shelf: Has the titles.
        """
        key = self.rows.columns[0]
        asked = self.rows[key].unique(maintain_order=True)
        step = max(1, asked.len() // max(count, 1))
        chosen = asked.gather_every(step).head(count)
        titles = shelf.select("product_id", "title").unique("product_id")
        told = self.rows.filter(pl.col(key).is_in(chosen.implode())).drop("source_id", strict=False)
        return told.join(titles, on="product_id", how="left", maintain_order="left")

    def write(self, file: str | Path) -> None:
        """Write the rows to a CSV or Parquet file, told by its suffix, in one step.

        Raises:
            InputError: The suffix is neither.
        """
        with replace_file(check_output_file(file, ".csv", ".parquet")) as staged:
            if staged.suffix.lower() == ".csv":
                self.rows.write_csv(staged, float_precision=6)
            else:
                self.rows.write_parquet(staged)


def recommendations(found: Lists, asked: pl.DataFrame, shelf: pl.DataFrame, *, chances: bool) -> Recommendations:
    """Lists with the names of whom and what they are about.

    Args:
        found: Lists.
        asked: Whom they are for: one row a list.
        shelf: What their columns stand for.
        chances: The scores are chances, on the logit scale.

    Example:
        >>> from frontrow.recommend.rerank.effects import EFFECT_SCHEMA
        >>> nothing = pl.DataFrame(schema=EFFECT_SCHEMA)
        >>> lists = Lists(np.array([[1, -1]]), np.array([[0.0, np.nan]]), np.array([["popular", ""]]), nothing)
        >>> whom, shelf = pl.DataFrame({"customer_id": [7]}), pl.DataFrame({"product_id": ["pot", "bulb"]})
        >>> recommendations(lists, whom, shelf, chances=True).rows.row(0)
        (7, 1, 'bulb', 0.5, 'popular')
    """
    row, place = np.nonzero(found.columns >= 0)
    scores = found.scores[row, place].astype(np.float64)
    told = 1 / (1 + np.exp(-scores)) if chances else scores
    rows = pl.concat(
        [
            asked[row],
            pl.DataFrame(
                {
                    "rank": place + 1,
                    "product_id": shelf["product_id"].gather(found.columns[row, place]),
                    "score": pl.Series(told).fill_nan(None),
                    "source": found.sources[row, place],
                },
                schema_overrides=ROW_SCHEMA,
            ),
        ],
        how="horizontal",
    )
    short = int((found.columns < 0).any(axis=1).sum())
    return Recommendations(rows, found.effects, len(found.columns), short)
