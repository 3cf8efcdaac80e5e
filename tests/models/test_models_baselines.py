"""Every baseline fulfils the contract; a new one adds a file to `frontrow.models` and two lines here."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from frontrow.models.baseline import Customers, NewProduct, baselines
from frontrow.models.baselines import category_lines, item_to_item, order_lines, random_order, text_similarity
from frontrow.testing.models import BaselineContract


class TestRandomOrder(BaselineContract):
    baseline, floor = random_order.Baseline(), None

    def test_another_seed_gives_another_order(self) -> None:
        customers = Customers(pl.DataFrame({"customer_id": range(50)}), sparse.csr_matrix((50, 3)))
        first, second = (self.baseline.scorer(replace(PRODUCT, seed=seed))(customers) for seed in (1, 2))
        assert (first != second).all()

    def test_other_customers_change_nothing(self) -> None:
        scorer = self.baseline.scorer(PRODUCT)
        everyone, one = (
            scorer(Customers(pl.DataFrame({"customer_id": ids}), sparse.csr_matrix((len(ids), 3))))
            for ids in (range(50), [17])
        )
        assert everyone[17] == one[0]


class TestOrderLines(BaselineContract):
    baseline, floor = order_lines.Baseline(), 0.65


class TestCategoryLines(BaselineContract):
    baseline, floor = category_lines.Baseline(), 0.65


class TestTextSimilarity(BaselineContract):
    baseline, floor = text_similarity.Baseline(), 0.65


class TestItemToItem(BaselineContract):
    baseline, floor = item_to_item.Baseline(), 0.6


def test_every_baseline_is_under_contract() -> None:
    tested = {contract.baseline.name for contract in BaselineContract.__subclasses__()}
    assert tested == {baseline.name for baseline in baselines().values()}
    assert len(tested) == len(baselines())


# customers 0 to 2 by products a, b, c
PURCHASES = sparse.csr_matrix(np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]))
PRODUCT = NewProduct(
    similarity=np.array([0.5, 0.0, 0.2]),
    nearest=np.array([0, 2]),
    buyers=np.array([1, 2, 2]),
    bought_together=np.array([[1, 1, 0], [0, 1, 2]], dtype=np.int32),
    seed=0,
)
ROWS = pl.DataFrame({"category_lines": [3.0, 0.0, 1.0], "lines_180d": [2.0, 4.0, 0.0]})


def test_text_similarity_by_hand() -> None:
    scores = text_similarity.Baseline().scorer(PRODUCT)(Customers(ROWS, PURCHASES))
    np.testing.assert_allclose(scores, [2 * 0.5, 0.2, 0.2])


def test_item_to_item_by_hand() -> None:
    # buyers: a 1, b 2, c 2; cosines a-a 1, a-b 1/sqrt 2, a-c 0, b-c 1/2, c-c 1
    together = [0.5 * 1 + 0.2 * 0, 0.5 / 2**0.5 + 0.2 / 2, 0.2]
    scores = item_to_item.Baseline().scorer(PRODUCT)(Customers(ROWS, PURCHASES))
    expected = [np.log(3) * together[0] + np.log(2) * together[1], np.log(2) * (together[1] + together[2])]
    np.testing.assert_allclose(scores, [*expected, np.log(2) * together[2]])


@pytest.mark.parametrize(("baseline", "expected"), [(category_lines, [3.0, 0.0, 1.0]), (order_lines, [2.0, 4.0, 0.0])])
def test_counts_by_hand(baseline, expected: list[float]) -> None:
    assert baseline.Baseline().scorer(PRODUCT)(Customers(ROWS, PURCHASES)).tolist() == expected
