"""What is known of an order before its products, as rows of embeddings; read off training data only.

Which fields enter is read from the shop: a column that is empty, or the same everywhere, tells nothing and is left
out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.models.interactions.contexts import CONTEXT
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.neural.two_tower.settings import TwoTowerSettings
from frontrow.models.neural.two_tower.vocabulary import Buckets, Vocabulary


@dataclass(frozen=True)
class ContextFields:
    """The context fields that tell something in this shop, by name.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> from frontrow.models.interactions.interactions import build_interactions
        >>> known = build_interactions(hand_made_shop([(1, "pot", 0), (2, "pot", 40)]).as_of())
        >>> list(ContextFields.of(known, TwoTowerSettings(min_customers=1)).fields)
        ['month']
    """

    fields: dict[str, Vocabulary | Buckets]

    @classmethod
    def of(cls, known: Interactions, settings: TwoTowerSettings) -> ContextFields:
        """Read the fields off the orders before the cutoff."""
        found: dict[str, Vocabulary | Buckets] = {}
        for name in CONTEXT:
            pairs = known.lines.select("customer", value=pl.col(name).cast(pl.String)).drop_nulls().unique()
            if name == "company":
                if pairs["value"].n_unique() > 1:
                    found[name] = Buckets(settings.company_buckets)
                continue
            counted = pairs.group_by("value").len().filter(pl.col("len") >= settings.min_customers)
            if pairs["value"].n_unique() > 1 and counted.height:
                found[name] = Vocabulary(tuple(counted["value"].sort()))
        return cls(found)

    def encode(self, context: pl.DataFrame) -> NDArray[np.int64]:
        """Rows of each field, int64 of shape (queries, fields)."""
        if not self.fields:
            return np.zeros((context.height, 0), np.int64)
        return np.stack([field.encode(context[name]) for name, field in self.fields.items()], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            name: field.buckets if isinstance(field, Buckets) else list(field.values)
            for name, field in self.fields.items()
        }

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> ContextFields:
        """Back from JSON."""
        return cls({n: Buckets(v) if isinstance(v, int) else Vocabulary(tuple(v)) for n, v in told.items()})
