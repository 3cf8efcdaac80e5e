"""Every ranker keeps the contract; each network does what its paper says, and learns what only it can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch.nn.functional import scaled_dot_product_attention

from frontrow import errors
from frontrow.errors import ArtifactError, MissingExtraError, RecommendationError
from frontrow.metrics import classification as metrics
from frontrow.models.neural.ranking.categories import Categories
from frontrow.models.neural.ranking.crossing import CrossLayer
from frontrow.models.neural.ranking.inputs import Batch
from frontrow.models.neural.ranking.interest import Activation, weighted_sum
from frontrow.models.neural.ranking.layers import Embeddings
from frontrow.models.neural.ranking.scaling import Scaling
from frontrow.models.neural.ranking.settings import NetworkSettings
from frontrow.models.neural.ranking.wide import Wide
from frontrow.models.ranker import Candidates, Ranker, concatenate, row_weights
from frontrow.models.rankers import boosted_trees, dcn, din, dnn, ranker_named, rankers, wide_and_deep
from frontrow.testing.rankers import RankerContract, bought_at, candidates_of, planted_candidates


class TestBoostedTrees(RankerContract):
    ranker = boosted_trees.Ranker()


class TestDnn(RankerContract):
    ranker = dnn.Ranker()


class TestWideAndDeep(RankerContract):
    ranker = wide_and_deep.Ranker()


class TestDcn(RankerContract):
    ranker = dcn.Ranker()


class TestDin(RankerContract):
    ranker = din.Ranker()


def small(network: str, **changes: object) -> NetworkSettings:
    return replace(NetworkSettings(network, dropout=0.0, learning_rate=0.02, epochs=4, weight_decay=0.0), **changes)


def auc_after(ranker: Ranker, made: Candidates, bought: np.ndarray) -> float:
    """Fitted on the first two thirds of the queries, on the others."""
    first = made.query < len(made.history) * 2 // 3
    scores = ranker.fit(made.select(first), bought[first], seed=0).scores(made.select(~first))
    return metrics.auc(bought[~first].astype(np.float64), scores.astype(np.float64))


def plain(rng: np.random.Generator, *, queries: int = 300, each: int = 20, products: int = 30) -> Candidates:
    return candidates_of(
        rng.normal(size=(queries * each, 4)).astype(np.float32),
        product=rng.integers(0, products, queries * each),
        country=rng.integers(0, 3, queries),
        history=np.array([rng.permutation(products)[:6] for _ in range(queries)]),
        products=products,
    )


# what only one of them learns


def test_cross_layers_learn_a_product_of_features_where_a_linear_model_cannot() -> None:
    rng = np.random.default_rng(0)
    made = plain(rng)
    bought = bought_at(4.0 * made.features[:, 0] * made.features[:, 1], rng)
    without = small("dcn", hidden=(), cross_layers=0)
    assert auc_after(dcn.Ranker(without), made, bought) < 0.6
    assert auc_after(wide_and_deep.Ranker(replace(without, network="wide_and_deep")), made, bought) < 0.6
    assert auc_after(dcn.Ranker(replace(without, cross_layers=1)), made, bought) > 0.85


def test_the_wide_part_remembers_what_sells_in_which_country() -> None:
    rng = np.random.default_rng(0)
    made = plain(rng)
    wanted = 3 * rng.choice([-1.0, 1.0], size=(30, 3))
    bought = bought_at(wanted[made.product, made.categories[:, 3]], rng)
    without = small("dnn", hidden=())
    assert auc_after(dnn.Ranker(without), made, bought) < 0.75
    assert auc_after(wide_and_deep.Ranker(replace(without, network="wide_and_deep")), made, bought) > 0.9


def test_din_finds_the_candidate_that_is_like_one_of_many_bought_before() -> None:
    rng = np.random.default_rng(0)
    made = plain(rng, queries=600)
    alike = made.history[made.query] % 10 == made.product[:, None] % 10
    bought = bought_at(np.where(alike.any(axis=1), 2.5, -2.5), rng)
    settings = small("din", hidden=(32,), epochs=8)
    assert auc_after(dnn.Ranker(replace(settings, network="dnn")), made, bought) < 0.6
    assert auc_after(din.Ranker(settings), made, bought) > 0.8


# the history


def test_padding_changes_nothing_and_what_is_too_long_ago_is_not_read() -> None:
    made, bought, _ = planted_candidates(0, queries=60)
    fitted = din.Ranker(small("din", history=8)).fit(made, bought, seed=0)
    scores = fitted.scores(made)
    padded = np.hstack([made.history, np.full((60, 40), -1, dtype=np.int32)])
    np.testing.assert_allclose(fitted.scores(replace(made, history=padded)), scores, rtol=1e-5, atol=1e-6)
    between = np.insert(made.history, 2, -1, axis=1)
    np.testing.assert_allclose(fitted.scores(replace(made, history=between)), scores, rtol=1e-5, atol=1e-6)
    longer = padded.copy()
    longer[:, 8:] = 3
    np.testing.assert_array_equal(
        fitted.scores(replace(made, history=longer)), fitted.scores(replace(made, history=padded))
    )
    assert np.abs(fitted.scores(replace(made, history=made.history[:, 2:])) - scores).max() > 1e-4


def test_other_networks_do_not_read_the_history() -> None:
    made, bought, _ = planted_candidates(0, queries=40)
    fitted = dnn.Ranker(small("dnn")).fit(made, bought, seed=0)
    forgotten = replace(made, history=np.full_like(made.history, -1))
    np.testing.assert_array_equal(fitted.scores(made), fitted.scores(forgotten))


def test_the_weighted_sum_is_attention_where_the_weights_are_its_own() -> None:
    generator = torch.Generator().manual_seed(0)
    candidate, history = torch.randn(7, 4, generator=generator), torch.randn(7, 5, 4, generator=generator)
    real = torch.rand(7, 5, generator=generator) < 0.6
    real[:, 0] = True
    scores = (history @ candidate[:, :, None])[..., 0] / 2.0
    weights = scores.masked_fill(~real, -torch.inf).softmax(dim=1)
    expected = scaled_dot_product_attention(candidate[:, None], history, history, attn_mask=real[:, None])[:, 0]
    torch.testing.assert_close(weighted_sum(weights, history, real), expected)


def test_the_activation_by_hand() -> None:
    activation = Activation(size=2, units=1)
    with torch.no_grad():
        activation.of_history.weight.copy_(torch.tensor([[1.0, 0.0]]))
        activation.of_candidate.weight.copy_(torch.tensor([[0.0, 1.0]]))
        activation.of_candidate.bias.fill_(-1.0)
        activation.of_both.weight.copy_(torch.tensor([[0.5, 2.0]]))
        activation.last.weight.fill_(3.0)
        activation.last.bias.fill_(0.25)
        found = activation(torch.tensor([[2.0, 1.0]]), torch.tensor([[[1.0, 3.0], [-2.0, -1.0]]]))
    # first: 1 + (1 - 1) + (.5 * 1 * 2 + 2 * 3 * 1) = 8; second: -2 + 0 + (-2 - 2) = -6, of which PReLU keeps a quarter
    assert found.tolist() == [[3 * 8 + 0.25, 3 * -1.5 + 0.25]]


def test_the_activation_is_a_network_over_both_and_their_product() -> None:
    torch.manual_seed(0)
    activation = Activation(size=3, units=5)
    candidate, history = torch.randn(4, 3), torch.randn(4, 6, 3)
    beside = candidate[:, None, :].expand(4, 6, 3)
    whole = torch.cat([history, beside, history * beside], dim=2)
    parts = (activation.of_history, activation.of_candidate, activation.of_both)
    weights = torch.cat([part.weight for part in parts], dim=1)
    units = activation.rectified(whole @ weights.T + activation.of_candidate.bias)
    torch.testing.assert_close(activation(candidate, history), activation.last(units)[..., 0])


# crosses


def test_the_cross_layer_is_the_formula() -> None:
    torch.manual_seed(0)
    layer = CrossLayer(5)
    first, x = torch.randn(3, 5), torch.randn(3, 5)
    weights, bias = layer.linear.weight.detach().numpy(), layer.linear.bias.detach().numpy()
    expected = first.numpy() * (x.numpy() @ weights.T + bias) + x.numpy()
    np.testing.assert_allclose(layer(first, x).detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_the_wide_part_by_hand() -> None:
    wide = Wide(dense=2, sizes=(3, 1, 1, 2), crosses=2)
    batch = Batch(
        torch.tensor([[1.0, -2.0], [0.5, 0.0]]),
        torch.tensor([[2, 0, 0, 1], [0, 0, 0, 1]], dtype=torch.int32),
        torch.tensor([[1, 0, 2], [0, 0, 0]], dtype=torch.int32),
        torch.zeros((2, 0), dtype=torch.int32),
    )
    assert wide(batch).tolist() == [0, 0]
    with torch.no_grad():
        wide.dense.weight.copy_(torch.tensor([[2.0, 3.0]]))
        wide.categories[0].weight.copy_(torch.tensor([[0.5], [7.0], [10.0]]))
        wide.categories[3].weight.copy_(torch.tensor([[7.0], [20.0]]))
        wide.crosses.weight.copy_(torch.tensor([[0.0], [100.0], [300.0]]))
    assert wide(batch).tolist() == [2 - 6 + 10 + 20 + 100 + 300, 1 + 0.5 + 20]


def test_a_cross_is_remembered_where_both_are_known_and_it_is_common() -> None:
    codes = np.array([[0, 0, -1, 0], [0, 0, -1, 0], [1, 0, -1, 0], [1, 1, -1, -1], [0, 1, 0, 1]], dtype=np.int32)
    found = Categories.of(codes, least_rows=2, crossed=True)
    numbers = found.crosses(found.found(codes))
    # product 0 and type 0 in country 0 are in two and three rows; product 1 in country 0 in one; no vendor is in two
    assert numbers.tolist() == [[1, 2, 0], [1, 2, 0], [0, 2, 0], [0, 0, 0], [0, 0, 0]]


# what goes in


@given(npst.arrays(np.float32, (30, 3), elements=st.floats(-1e6, 1e6, width=32) | st.just(np.nan)))
def test_scaled_features_are_finite_near_and_in_the_same_order(features: np.ndarray) -> None:
    scaling = Scaling.of(features)
    scaled = scaling.scaled(features)
    assert scaled.shape == (30, scaling.width)
    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() < 4
    for before, after in zip(features.T, scaled.T[:3], strict=True):
        known = np.isfinite(before)
        order = np.argsort(before[known], kind="stable")
        assert (np.diff(after[known][order]) >= 0).all()


def test_a_feature_of_any_shape_becomes_normal() -> None:
    values = np.exp(5 * np.random.default_rng(0).normal(size=(5000, 1))).astype(np.float32)
    scaled = Scaling.of(values).scaled(values)
    assert scaled.shape == (5000, 1)
    assert abs(scaled.mean()) < 0.02
    assert abs(scaled.std() - 1) < 0.05


def test_the_unknown_start_from_nothing() -> None:
    table = Embeddings((4, 2), size=3)
    found = table(torch.tensor([[0, 0], [3, 1]], dtype=torch.int32))
    assert found.shape == (2, 6)
    assert not found[0].any()
    assert found[1].all()


def test_a_product_not_learned_from_is_scored_as_unknown() -> None:
    made, bought, _ = planted_candidates(0, queries=60)
    for ranker in (dnn.Ranker(small("dnn")), wide_and_deep.Ranker(small("wide_and_deep")), din.Ranker(small("din"))):
        fitted = ranker.fit(made, bought, seed=0)
        codes = [np.where(np.arange(4) == 0, code, made.categories).astype(np.int32) for code in (-1, 40, 9999)]
        scores = [fitted.scores(replace(made, categories=one)) for one in codes]
        np.testing.assert_array_equal(scores[0], scores[1])
        np.testing.assert_array_equal(scores[0], scores[2])


# the contract's surroundings


def test_a_customer_counts_by_the_root_of_what_was_bought() -> None:
    made, _, _ = planted_candidates(0, queries=3, each=5)
    bought = np.array([1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], dtype=np.bool_)
    assert row_weights(made, bought).tolist() == [0.5] * 5 + [1.0] * 10


def test_windows_under_one_another() -> None:
    one, _, _ = planted_candidates(0, queries=3, each=2)
    both = concatenate([one, one])
    assert both.query.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert len(both.history) == 6


def test_rankers_are_found_by_file_name() -> None:
    assert list(rankers()) == ["boosted_trees", "dcn", "din", "dnn", "wide_and_deep"]
    with pytest.raises(RecommendationError, match=r'"svm" is no ranker\. The rankers are: boosted_trees, dcn'):
        ranker_named("svm")


def test_another_network_is_refused(tmp_path: Path) -> None:
    made, bought, _ = planted_candidates(0, queries=20)
    dnn.Ranker(small("dnn", epochs=1)).fit(made, bought, seed=0).save(tmp_path)
    with pytest.raises(ArtifactError, match="holds a dnn ranker; expected dcn"):
        dcn.Ranker().load(tmp_path)


def test_without_the_extra_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made, bought, _ = planted_candidates(0, queries=20)
    monkeypatch.setattr(errors, "find_spec", lambda _: None)
    for ranker in (dnn, dcn, din, wide_and_deep):
        with pytest.raises(MissingExtraError, match="neural"):
            ranker.Ranker().fit(made, bought, seed=0)
        with pytest.raises(MissingExtraError, match="neural"):
            ranker.Ranker().load(tmp_path)
