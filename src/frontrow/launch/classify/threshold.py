"""From scores to a decision: the threshold, and the confusion matrix of the customers chosen by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


def best_threshold(labels: NDArray[np.float64], scores: NDArray[np.float64], *, beta: float) -> float:
    """The score at or above which choosing customers gives the highest F-beta; among equals, the shortest list.

    F-beta is the weighted harmonic mean of precision and recall in which recall counts `beta` times as much
    (van Rijsbergen, "Information Retrieval", 1979, chapter 7).

    Args:
        labels: 1.0 for a buyer, else 0.0, shape (customers,); at least one buyer.
        scores: Shape (customers,).
        beta: 1 for F1.

    Example:
        >>> best_threshold(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.1]), beta=1.0)
        0.7
    """
    order = np.argsort(-scores, kind="stable")
    last_of_ties = np.append(np.diff(scores[order]) != 0, True)
    true_positives = np.cumsum(labels[order])[last_of_ties]
    chosen = np.flatnonzero(last_of_ties) + 1.0
    # F-beta over all counts: (1 + b^2) TP / (b^2 (TP + FN) + TP + FP)
    f_beta = (1 + beta**2) * true_positives / (beta**2 * labels.sum() + chosen)
    return float(scores[order][last_of_ties][np.argmax(f_beta)])


@dataclass(frozen=True)
class Confusion:
    """Customers by what was predicted and what they did.

    Attributes:
        true_positives: Chosen, and bought.
        false_positives: Chosen, did not buy.
        false_negatives: Not chosen, bought.
        true_negatives: Not chosen, did not buy.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @classmethod
    def of(cls, labels: NDArray[np.float64], chosen: NDArray[np.bool_]) -> Confusion:
        """Count customers by label and choice.

        Args:
            labels: 1.0 for a buyer, else 0.0; shape (customers,).
            chosen: Whether each was chosen, shape (customers,).

        Example:
            >>> Confusion.of(np.array([1.0, 0.0, 1.0]), np.array([True, True, False]))
            Confusion(true_positives=1, false_positives=1, false_negatives=1, true_negatives=0)
        """
        bought = labels == 1.0
        cells = (chosen & bought, chosen & ~bought, ~chosen & bought, ~chosen & ~bought)
        return cls(*(int(cell.sum()) for cell in cells))

    @property
    def predicted(self) -> int:
        """How many were chosen."""
        return self.true_positives + self.false_positives

    @property
    def accuracy(self) -> float:
        """Share of the customers predicted right; high for whoever chooses nobody, since buyers are few."""
        counts = (self.true_positives, self.false_positives, self.false_negatives, self.true_negatives)
        return _share(self.true_positives + self.true_negatives, sum(counts))

    def report(self) -> pl.DataFrame:
        """Precision, recall and F1 of both classes and their means.

        Returns:
            `class`, `precision`, `recall`, `f1` (NaN where nobody was chosen, or the class is empty), and
            `customers` of the class.
        """
        bought = _class_metrics(self.true_positives, self.false_positives, self.false_negatives)
        not_bought = _class_metrics(self.true_negatives, self.false_negatives, self.false_positives)
        sizes = np.array([self.true_positives + self.false_negatives, self.true_negatives + self.false_positives])
        both = np.array([bought, not_bought])
        rows = [
            ("bought", *bought, sizes[0]),
            ("did not buy", *not_bought, sizes[1]),
            ("mean of both", *both.mean(axis=0), sizes.sum()),
            ("mean by customers", *np.average(both, axis=0, weights=sizes), sizes.sum()),
        ]
        schema = {name: pl.Float64() for name in ("precision", "recall", "f1")}
        typed = [(name, *map(float, values), int(size)) for name, *values, size in rows]
        return pl.DataFrame(typed, {"class": pl.String(), **schema, "customers": pl.Int64()}, orient="row")


def _class_metrics(correct: int, wrongly_chosen: int, missed: int) -> tuple[float, float, float]:
    precision, recall = _share(correct, correct + wrongly_chosen), _share(correct, correct + missed)
    return precision, recall, _share(2 * correct, 2 * correct + wrongly_chosen + missed)


def _share(part: int, total: int) -> float:
    return part / total if total else float("nan")
