"""The validation window before the cutoff, and the blend that is chosen on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from frontrow.models.interactions.interactions import build_interactions
from frontrow.models.neural.validation import Blend, choose_blend, hold_out
from frontrow.testing.recommenders import planted
from frontrow.testing.shops import DAY_ZERO, hand_made_shop


def test_the_window_has_the_purchases_after_the_earlier_cutoff() -> None:
    shop = hand_made_shop([(1, "a", 0), (1, "b", 95), (2, "a", 96), (2, "b", 97), (1, "a", 98)])
    holdout = hold_out(build_interactions(shop.as_of()), 10, seed=0)
    assert holdout.interactions.lines.height == 1
    assert holdout.interactions.cutoff_day == DAY_ZERO + 89
    assert holdout.returning.queries.rows.tolist() == [0]
    assert holdout.returning.targets.toarray().tolist() == [[1, 1]]
    assert holdout.new.queries.rows.tolist() == [-1]
    scores = np.array([[2.0, 1.0]], dtype=np.float32)
    # customer 1 bought a before, so only b counts
    assert holdout.returning.ndcg(scores, never_bought=True).tolist() == [1.0]
    assert holdout.new.ndcg(scores).tolist() == [1.0]


def test_the_blend_follows_clear_differences_only() -> None:
    _, interactions = planted()
    holdout = hold_out(interactions, 20, seed=0)
    shape = holdout.returning.targets.shape
    truth = holdout.returning.targets.toarray().astype(np.float32)
    zeros = np.zeros(shape, np.float32)
    no_queries = holdout.new.queries.block(0, 0)
    no_new_customers = (replace(holdout.new, queries=no_queries), zeros[:0], zeros[:0])
    assert choose_blend((holdout.returning, truth, -3 * truth), no_new_customers).popularity == 0.0
    # too few new customers, and towers without information: the defaults are kept
    assert choose_blend((holdout.returning, truth, zeros), no_new_customers) == Blend()
    new_customers = (holdout.returning, truth, -0.1 * truth)
    assert choose_blend((holdout.returning, truth, zeros), new_customers).tower == 0.25
    assert choose_blend((holdout.returning, truth, zeros), (holdout.returning, -truth, 0.1 * truth)).tower == 0.0
