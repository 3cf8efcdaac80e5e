"""Who bought what before a cutoff, as a sparse matrix: the input of the baselines."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse


class PurchaseMatrix:
    """Customers by products, at any cutoff.

    Args:
        purchases: What `purchases.build_purchases` returns.
        product_ids: The columns, in order.

    Example:
        >>> purchases = pl.DataFrame({"customer_id": [7, 7, 9], "product_id": ["a", "b", "a"], "day": [1, 2, 3]})
        >>> PurchaseMatrix(purchases, ["a", "b"]).before(3).toarray().tolist()
        [[1.0, 1.0], [0.0, 0.0]]
    """

    def __init__(self, purchases: pl.DataFrame, product_ids: NDArray[np.object_] | list[str]) -> None:
        columns = pl.DataFrame({"product_id": list(product_ids)}).with_row_index("column")
        lines = purchases.join(columns, on="product_id", how="inner").sort("day", "customer_id", "column")
        self.customer_ids = lines["customer_id"].unique().sort().to_numpy()
        self._row = np.searchsorted(self.customer_ids, lines["customer_id"].to_numpy())
        self._column = lines["column"].to_numpy()
        self._day = lines["day"].to_numpy()
        self._shape = (len(self.customer_ids), len(columns))
        self._last: tuple[int, sparse.csr_matrix] | None = None

    def before(self, cutoff_day: int) -> sparse.csr_matrix:
        """Order lines before the cutoff, shape (customers, products), float64; the last result is cached."""
        if self._last is None or self._last[0] != cutoff_day:
            end = int(np.searchsorted(self._day, cutoff_day))
            cells = (np.ones(end), (self._row[:end], self._column[:end]))
            self._last = (cutoff_day, sparse.csr_matrix(cells, shape=self._shape))
        return self._last[1]

    def rows_of(self, customer_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of customers who bought at some time."""
        return np.searchsorted(self.customer_ids, customer_ids)
