"""Splits, thresholds and counts, compared with scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import classification_report, confusion_matrix, fbeta_score

from frontrow.launch.classify.cohort import FIT, TEST, VALIDATION, stratified_parts
from frontrow.launch.classify.threshold import Confusion, best_threshold


def some(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = (rng.random(rows) < 0.1).astype(np.float64)
    return labels, (rng.random(rows) + labels).round(2)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_no_threshold_is_better_by_scikit_learn(beta: float) -> None:
    labels, scores = some(1)
    best = best_threshold(labels, scores, beta=beta)
    f_scores = {t: fbeta_score(labels, scores >= t, beta=beta) for t in np.unique(scores)}
    assert f_scores[best] == pytest.approx(max(f_scores.values()))


def test_among_equal_thresholds_the_shortest_list_wins() -> None:
    """Two of two chosen right, or four of eight: F1 is 2/3 both times."""
    labels = np.array([1, 1, 0, 0, 0, 0, 1, 1], dtype=np.float64)
    assert best_threshold(labels, np.arange(8.0, 0.0, -1.0), beta=1.0) == 7.0
    assert best_threshold(labels, np.zeros(8), beta=1.0) == 0.0


def test_counts_and_report_are_scikit_learns() -> None:
    labels, scores = some(2)
    chosen = scores > 0.8
    confusion = Confusion.of(labels, chosen)
    (tn, fp), (fn, tp) = confusion_matrix(labels, chosen)
    assert (
        confusion.true_positives,
        confusion.false_positives,
        confusion.false_negatives,
        confusion.true_negatives,
    ) == (
        tp,
        fp,
        fn,
        tn,
    )
    reference = classification_report(labels, chosen, output_dict=True)
    assert confusion.accuracy == pytest.approx(reference["accuracy"])
    names = {"bought": "1.0", "did not buy": "0.0", "mean of both": "macro avg", "mean by customers": "weighted avg"}
    for row in confusion.report().iter_rows(named=True):
        theirs = reference[names[row["class"]]]
        ours = (row["precision"], row["recall"], row["f1"], row["customers"])
        assert ours == pytest.approx(tuple(theirs.values()))


def test_choosing_nobody_has_no_precision() -> None:
    row = Confusion.of(np.array([1.0, 0.0]), np.array([False, False])).report().row(0, named=True)
    assert np.isnan(row["precision"])
    assert (row["recall"], row["f1"]) == (0.0, 0.0)


def test_every_part_has_its_share_of_buyers() -> None:
    labels = np.repeat([1.0, 0.0], [40, 960])
    parts = stratified_parts(labels, test_share=0.45, validation_share=0.25, seed=3)
    assert {part: int(labels[parts == part].sum()) for part in (FIT, VALIDATION, TEST)} == {
        FIT: 16,
        VALIDATION: 6,
        TEST: 18,
    }
    assert (parts == TEST).sum() == 450
    another_seed = stratified_parts(labels, test_share=0.45, validation_share=0.25, seed=4)
    assert (parts != another_seed).any()
    np.testing.assert_array_equal(parts, stratified_parts(labels, test_share=0.45, validation_share=0.25, seed=3))
