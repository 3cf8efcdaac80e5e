"""What every classifier has to keep: a test class of two lines inherits all of it.

Example::

    class TestLogisticRegression(ClassifierContract):
        classifier = logistic_regression.Classifier()
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from frontrow.metrics import classification as metrics
from frontrow.models.classifier import Classifier, Fitted


def planted_rows(seed: int, rows: int = 3_000) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Vectors of 16 numbers of which two tell who buys, about one in twenty.

    Returns:
        Rows, labels, and the true chance of each.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 16)).astype(np.float32)
    chance = 1 / (1 + np.exp(4.0 - 1.5 * x[:, 0].astype(np.float64) + x[:, 1]))
    return x, (rng.random(rows) < chance).astype(np.float64), chance


class ClassifierContract:
    """The promises of `frontrow.models.classifier.Classifier`.

    Attributes:
        classifier: The classifier under test.
    """

    classifier: ClassVar[Classifier]

    def test_recovers_planted_truth(self) -> None:
        """On rows never seen it comes near the order of the true chances."""
        x, y, chance = planted_rows(1)
        found = metrics.auc(y, _fitted(type(self)).probability(x))
        assert metrics.auc(y, chance) - 0.06 < found < 1.0

    def test_the_same_seed_gives_the_same_classifier(self) -> None:
        """To the bit, and the rows are left as they were."""
        x, y, _ = planted_rows(0)
        before = x.copy(), y.copy()
        again = self.classifier.fit(x, y, seed=5).probability(x)
        np.testing.assert_array_equal(again, _fitted(type(self)).probability(x))
        np.testing.assert_array_equal(x, before[0])
        np.testing.assert_array_equal(y, before[1])

    def test_any_row_has_a_chance(self) -> None:
        """Between 0 and 1 for rows far from any seen, one dtype, one shape."""
        far = np.array([[0.0] * 16, [50.0] * 16, [-50.0] * 16], dtype=np.float32)
        found = _fitted(type(self)).probability(far)
        assert found.dtype == np.float64
        assert found.shape == (3,)
        assert ((found >= 0) & (found <= 1)).all()

    def test_a_row_has_the_chance_it_has_among_others(self) -> None:
        """Blocks of rows say what all at once say."""
        x, _, _ = planted_rows(2, 100)
        fitted = _fitted(type(self))
        halves = np.concatenate([fitted.probability(x[:40]), fitted.probability(x[40:])])
        np.testing.assert_allclose(halves, fitted.probability(x), rtol=1e-5, atol=1e-7)

    def test_no_rows_no_chances(self) -> None:
        """An empty block is no error."""
        assert _fitted(type(self)).probability(np.zeros((0, 16), dtype=np.float32)).shape == (0,)

    def test_a_handful_of_buyers_is_enough(self) -> None:
        """Six among two thousand, and a column that never changes."""
        x, _, _ = planted_rows(3, 2_000)
        x[:, 15] = 1.0
        y = np.zeros(2_000)
        y[np.argsort(-x[:, 0])[:6]] = 1.0
        found = self.classifier.fit(x, y, seed=0).probability(x)
        assert np.isfinite(found).all()
        assert metrics.auc(y, found) > 0.5

    def test_nothing_to_tell_apart_is_refused(self) -> None:
        """Buyers only, nobody who bought, labels of other rows, and values that are not known."""
        x, y, _ = planted_rows(0, 50)
        unknown = x.copy()
        unknown[0, 0] = np.nan
        for rows, labels in ((x, np.ones(50)), (x, np.zeros(50)), (x, y[:-1]), (unknown, y)):
            with pytest.raises(ValueError, match=r"label|finite"):
                self.classifier.fit(rows, labels, seed=0)


_FITTED: dict[type[ClassifierContract], Fitted] = {}


def _fitted(contract: type[ClassifierContract]) -> Fitted:
    """The contract's classifier, fitted once."""
    if contract not in _FITTED:
        x, y, _ = planted_rows(0)
        _FITTED[contract] = contract.classifier.fit(x, y, seed=5)
    return _FITTED[contract]
