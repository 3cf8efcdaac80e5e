"""The contract tests of classifiers: a test class of two lines inherits all of them.

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
from frontrow.models.classifier import Classifier, FittedClassifier


def planted_rows(seed: int, rows: int = 3_000) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Draw vectors of 16 numbers, two of which determine the purchase probability; about one in twenty is a buyer.

    Args:
        seed: Seed of the draws.
        rows: Number of vectors.

    Returns:
        Rows, labels, and the true probability of each.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 16)).astype(np.float32)
    probability = 1 / (1 + np.exp(4.0 - 1.5 * x[:, 0].astype(np.float64) + x[:, 1]))
    return x, (rng.random(rows) < probability).astype(np.float64), probability


class ClassifierContract:
    """Tests of what `frontrow.models.classifier.Classifier` promises.

    Attributes:
        classifier: The classifier under test.
    """

    classifier: ClassVar[Classifier]

    def test_recovers_planted_truth(self) -> None:
        """On new rows, the AUC is near that of the true probabilities."""
        x, y, probability = planted_rows(1)
        auc = metrics.auc(y, _fitted(type(self)).probability(x))
        assert metrics.auc(y, probability) - 0.06 < auc < 1.0

    def test_the_same_seed_gives_the_same_classifier(self) -> None:
        """The probabilities are equal to the bit, and the rows do not change."""
        x, y, _ = planted_rows(0)
        before = x.copy(), y.copy()
        again = self.classifier.fit(x, y, seed=5).probability(x)
        np.testing.assert_array_equal(again, _fitted(type(self)).probability(x))
        np.testing.assert_array_equal(x, before[0])
        np.testing.assert_array_equal(y, before[1])

    def test_any_row_has_a_probability(self) -> None:
        """Rows far from the training rows get a float64 between 0 and 1."""
        far = np.array([[0.0] * 16, [50.0] * 16, [-50.0] * 16], dtype=np.float32)
        probability = _fitted(type(self)).probability(far)
        assert probability.dtype == np.float64
        assert probability.shape == (3,)
        assert ((probability >= 0) & (probability <= 1)).all()

    def test_a_row_has_the_same_probability_in_any_block(self) -> None:
        """Blocks of rows give the probabilities of all rows together."""
        x, _, _ = planted_rows(2, 100)
        fitted = _fitted(type(self))
        blocks = np.concatenate([fitted.probability(x[:40]), fitted.probability(x[40:])])
        np.testing.assert_allclose(blocks, fitted.probability(x), rtol=1e-5, atol=1e-7)

    def test_no_rows_give_no_probabilities(self) -> None:
        """An empty block is no error."""
        assert _fitted(type(self)).probability(np.zeros((0, 16), dtype=np.float32)).shape == (0,)

    def test_a_handful_of_buyers_is_enough(self) -> None:
        """Six buyers among two thousand customers, and a constant column."""
        x, _, _ = planted_rows(3, 2_000)
        x[:, 15] = 1.0
        y = np.zeros(2_000)
        y[np.argsort(-x[:, 0])[:6]] = 1.0
        probability = self.classifier.fit(x, y, seed=0).probability(x)
        assert np.isfinite(probability).all()
        assert metrics.auc(y, probability) > 0.5

    def test_rows_to_learn_nothing_from_are_refused(self) -> None:
        """Only buyers, no buyers, labels of other rows, and missing values are errors."""
        x, y, _ = planted_rows(0, 50)
        with_missing = x.copy()
        with_missing[0, 0] = np.nan
        for rows, labels in ((x, np.ones(50)), (x, np.zeros(50)), (x, y[:-1]), (with_missing, y)):
            with pytest.raises(ValueError, match=r"label|finite"):
                self.classifier.fit(rows, labels, seed=0)


_FITTED: dict[type[ClassifierContract], FittedClassifier] = {}


def _fitted(contract: type[ClassifierContract]) -> FittedClassifier:
    """Return the contract's classifier, fitted once."""
    if contract not in _FITTED:
        x, y, _ = planted_rows(0)
        _FITTED[contract] = contract.classifier.fit(x, y, seed=5)
    return _FITTED[contract]
