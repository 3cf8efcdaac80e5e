"""What each rule did to the lists, counted as they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.recommend.rerank.compile_rules import CompiledRules
from frontrow.recommend.rerank.diversify import Columns
from frontrow.recommend.rerank.rerank import RerankedLists

EFFECT_SCHEMA: Final = {
    "rule": pl.String(),
    # products it excludes for everyone; null for other rules
    "products": pl.Int64(),
    # products it removed from lists, and products it put into lists; null where the rule does not do that
    "removed": pl.Int64(),
    "moved": pl.Int64(),
    # customers whose list it changed
    "customers": pl.Int64(),
}


@dataclass
class RuleEffects:
    """Changes of list entries by rule, added up block by block.

    A filter is counted on the lists that the model alone would give, each rule by itself; a limit on what the filters
    leave of the ranking; diversity, pins and launches by the ranks where they put another product.

    Attributes:
        rules: The compiled rules.
        counts: Products removed, products moved and customers, by rule.
    """

    rules: CompiledRules
    counts: dict[str, list[int]] = field(default_factory=dict)

    def add(self, reranked: RerankedLists, launch_count: int) -> None:
        """Count a block of customers.

        Args:
            reranked: Its lists.
            launch_count: How many of the last candidate items are launches.
        """
        listed, allowed = reranked.model_lists, reranked.allowed_lists
        for rule, mask in self.rules.excluded.items():
            if rule != "nothing":
                self._count(rule, removed=(listed >= 0) & mask[np.maximum(listed, 0)])
        if self.rules.already_bought != "show":
            self._count("already bought", removed=reranked.is_hidden)
        for limit in self.rules.limits:
            exceeds = np.zeros(allowed.shape, dtype=np.bool_)
            for position in range(1, allowed.shape[1]):
                exceeds[:, position] = limit.is_reached(allowed[:, position], allowed[:, :position])
            self._count(limit.name, removed=exceeds & (allowed >= 0))
        if self.rules.diversity is not None:
            self._count("diversity", moved=_not_in(reranked.picks, reranked.undiversified))
        if len(self.rules.pins):
            self._count("pinned", moved=reranked.pins >= 0)
        if launch_count:
            is_launch = reranked.lists >= len(self.rules.allowed) - launch_count
            self._count("launches", moved=is_launch & _not_in(reranked.lists, reranked.pins))

    def to_table(self) -> pl.DataFrame:
        """One row a rule, in `EFFECT_SCHEMA`."""
        rows = []
        for rule, (removed, moved, customers) in self.counts.items():
            mask = self.rules.excluded.get(rule)
            moves = rule in ("diversity", "pinned", "launches")
            products = None if mask is None else int(mask.sum())
            rows.append((rule, products, None if moves else removed, moved if moves else None, customers))
        return pl.DataFrame(rows, schema=EFFECT_SCHEMA, orient="row")

    def _count(
        self, rule: str, *, removed: NDArray[np.bool_] | None = None, moved: NDArray[np.bool_] | None = None
    ) -> None:
        sums = self.counts.setdefault(rule, [0, 0, 0])
        for index, cells in enumerate((removed, moved)):
            if cells is not None:
                sums[index] += int(cells.sum())
                sums[2] += int(cells.any(axis=1).sum())


def _not_in(columns: Columns, others: Columns) -> NDArray[np.bool_]:
    """Cells whose product is not in the same row of the others."""
    return np.asarray((columns >= 0) & ~(columns[:, :, None] == others[:, None, :]).any(axis=2))
