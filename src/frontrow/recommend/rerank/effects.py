"""What each rule did to the lists, counted as they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.recommend.rerank.compile_rules import Ruling
from frontrow.recommend.rerank.diversify import Columns
from frontrow.recommend.rerank.rerank import Ruled

EFFECT_SCHEMA: Final = {
    "rule": pl.String(),
    "products": pl.Int64(),
    "removed": pl.Int64(),
    "moved": pl.Int64(),
    "customers": pl.Int64(),
}


@dataclass
class Effects:
    """Counts of list places, added up block by block.

    A rule that forbids is counted on the lists that the model alone would give, each rule by itself; a limit on what is
    left of the ranking after those; diversity, pins and launches by the places they put another product in.
    """

    ruling: Ruling
    counted: dict[str, list[int]] = field(default_factory=dict)

    def add(self, made: Ruled, launched: int) -> None:
        """Count a block.

        Args:
            made: Its lists.
            launched: How many of the last products of the shelf are launches.
        """
        plain = made.plain
        for rule, mask in self.ruling.forbidden.items():
            if rule != "nothing":
                self._count(rule, removed=(plain >= 0) & mask[np.maximum(plain, 0)])
        if self.ruling.already_bought != "show":
            self._count("already bought", removed=made.hidden)
        for limit in self.ruling.limits:
            over = np.zeros(made.ranked.shape, dtype=np.bool_)
            for place in range(1, made.ranked.shape[1]):
                over[:, place] = limit.reached(made.ranked[:, place], made.ranked[:, :place])
            self._count(limit.name, removed=over & (made.ranked >= 0))
        if self.ruling.diversity is not None:
            self._count("diversity", moved=_not_in(made.picks, made.alike))
        if len(self.ruling.pins):
            self._count("pinned", moved=made.pins >= 0)
        if launched:
            shelf = len(self.ruling.shown)
            new = (made.lists >= shelf - launched) & _not_in(made.lists, made.pins)
            self._count("launches", moved=new)

    def table(self) -> pl.DataFrame:
        """One row a rule, in `EFFECT_SCHEMA`.

        `products` that it forbids to everyone, null for other rules; list places `removed` and `moved`, null where the
        rule does not do that; `customers` whose list it touched.
        """
        rows = []
        for rule, (removed, moved, customers) in self.counted.items():
            mask = self.ruling.forbidden.get(rule)
            moves = rule in ("diversity", "pinned", "launches")
            products = None if mask is None else int(mask.sum())
            rows.append((rule, products, None if moves else removed, moved if moves else None, customers))
        return pl.DataFrame(rows, schema=EFFECT_SCHEMA, orient="row")

    def _count(
        self, rule: str, *, removed: NDArray[np.bool_] | None = None, moved: NDArray[np.bool_] | None = None
    ) -> None:
        sums = self.counted.setdefault(rule, [0, 0, 0])
        for place, cells in enumerate((removed, moved)):
            if cells is not None:
                sums[place] += int(cells.sum())
                sums[2] += int(cells.any(axis=1).sum())


def _not_in(columns: Columns, others: Columns) -> NDArray[np.bool_]:
    """Cells whose product does not stand in the same row of the others."""
    return np.asarray((columns >= 0) & ~(columns[:, :, None] == others[:, None, :]).any(axis=2))
