"""Every ranker fulfils the contract; each network follows its paper and learns a pattern that the others cannot."""

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
from frontrow.models.neural.ranking.inputs import Batch, CategoryRows, FeatureScaling
from frontrow.models.neural.ranking.networks import ActivationUnit, CrossLayer, Embeddings, WideNetwork, sum_history
from frontrow.models.neural.settings import RankingNetworkName, RankingSettings
from frontrow.models.ranker import Candidates, Ranker, concatenate, row_weights
from frontrow.models.rankers import boosted_trees, get_ranker, rankers
from frontrow.models.rankers.networks import NetworkRanker
from frontrow.testing.artifacts import sign_artifact
from frontrow.testing.rankers import RankerContract, candidates_of, draw_purchases, planted_candidates


class TestBoostedTrees(RankerContract):
    ranker = boosted_trees.Ranker()


class TestDnn(RankerContract):
    ranker = get_ranker("dnn")


class TestWideAndDeep(RankerContract):
    ranker = get_ranker("wide_and_deep")


class TestDcn(RankerContract):
    ranker = get_ranker("dcn")


class TestDin(RankerContract):
    ranker = get_ranker("din")


def test_trees_are_the_mean_of_fits_with_other_seeds() -> None:
    candidates, bought, _ = planted_candidates(seed=0)

    def scores(fits: int, seed: int) -> np.ndarray:
        ranker = boosted_trees.Ranker(boosted_trees.TreeSettings(fits=fits, trees=20))
        return ranker.fit(candidates, bought, seed=seed).scores(candidates)

    first, second = scores(1, 3), scores(1, 4)
    assert (first != second).any()
    np.testing.assert_allclose(scores(2, 3), (first + second) / 2, atol=1e-5)


def test_saved_trees_of_no_fit_are_refused(tmp_path: Path) -> None:
    candidates, bought, _ = planted_candidates(seed=0)
    ranker = boosted_trees.Ranker(boosted_trees.TreeSettings(trees=2))
    ranker.fit(candidates, bought, seed=0).save(tmp_path)
    sign_artifact(tmp_path, {"fits": 0})
    with pytest.raises(ArtifactError, match="damaged"):
        ranker.load(tmp_path)


def small(network: RankingNetworkName, **changes: object) -> RankingSettings:
    return replace(RankingSettings(network, dropout=0.0, learning_rate=0.02, epochs=4, weight_decay=0.0), **changes)


def auc_after(ranker: Ranker, candidates: Candidates, bought: np.ndarray) -> float:
    """AUC on the last third of the queries after a fit on the others."""
    first = candidates.query < len(candidates.history) * 2 // 3
    scores = ranker.fit(candidates.select(first), bought[first], seed=0).scores(candidates.select(~first))
    return metrics.auc(bought[~first].astype(np.float64), scores.astype(np.float64))


def plain_candidates(
    rng: np.random.Generator, *, queries: int = 300, candidates_per_query: int = 20, products: int = 30
) -> Candidates:
    return candidates_of(
        rng.normal(size=(queries * candidates_per_query, 4)).astype(np.float32),
        product=rng.integers(0, products, queries * candidates_per_query),
        country=rng.integers(0, 3, queries),
        history=np.array([rng.permutation(products)[:6] for _ in range(queries)]),
        products=products,
    )


# what only one of the networks learns


def test_cross_layers_learn_a_product_of_features_where_a_linear_model_cannot() -> None:
    rng = np.random.default_rng(0)
    candidates = plain_candidates(rng)
    bought = draw_purchases(4.0 * candidates.features[:, 0] * candidates.features[:, 1], rng)
    linear = small("dcn", hidden=(), cross_layers=0)
    assert auc_after(NetworkRanker(linear), candidates, bought) < 0.6
    assert auc_after(NetworkRanker(replace(linear, network="wide_and_deep")), candidates, bought) < 0.6
    assert auc_after(NetworkRanker(replace(linear, cross_layers=1)), candidates, bought) > 0.85


def test_the_wide_part_memorises_what_sells_in_which_country() -> None:
    rng = np.random.default_rng(0)
    candidates = plain_candidates(rng)
    logits = 3 * rng.choice([-1.0, 1.0], size=(30, 3))
    bought = draw_purchases(logits[candidates.product, candidates.categories[:, 3]], rng)
    without_wide = small("dnn", hidden=())
    assert auc_after(NetworkRanker(without_wide), candidates, bought) < 0.75
    assert auc_after(NetworkRanker(replace(without_wide, network="wide_and_deep")), candidates, bought) > 0.9


def test_din_finds_candidates_similar_to_one_of_many_products_bought_before() -> None:
    rng = np.random.default_rng(0)
    candidates = plain_candidates(rng, queries=600)
    is_similar = candidates.history[candidates.query] % 10 == candidates.product[:, None] % 10
    bought = draw_purchases(np.where(is_similar.any(axis=1), 2.5, -2.5), rng)
    settings = small("din", hidden=(32,), epochs=8)
    assert auc_after(NetworkRanker(replace(settings, network="dnn")), candidates, bought) < 0.6
    assert auc_after(NetworkRanker(settings), candidates, bought) > 0.8


# the history


def test_padding_changes_nothing_and_older_products_are_not_read() -> None:
    candidates, bought, _ = planted_candidates(0, queries=60)
    fitted = NetworkRanker(small("din", history=8)).fit(candidates, bought, seed=0)
    scores = fitted.scores(candidates)
    padded = np.hstack([candidates.history, np.full((60, 40), -1, dtype=np.int32)])
    np.testing.assert_allclose(fitted.scores(replace(candidates, history=padded)), scores, rtol=1e-5, atol=1e-6)
    between = np.insert(candidates.history, 2, -1, axis=1)
    np.testing.assert_allclose(fitted.scores(replace(candidates, history=between)), scores, rtol=1e-5, atol=1e-6)
    longer = padded.copy()
    longer[:, 8:] = 3
    np.testing.assert_array_equal(
        fitted.scores(replace(candidates, history=longer)), fitted.scores(replace(candidates, history=padded))
    )
    assert np.abs(fitted.scores(replace(candidates, history=candidates.history[:, 2:])) - scores).max() > 1e-4


def test_other_networks_do_not_read_the_history() -> None:
    candidates, bought, _ = planted_candidates(0, queries=40)
    fitted = NetworkRanker(small("dnn")).fit(candidates, bought, seed=0)
    forgotten = replace(candidates, history=np.full_like(candidates.history, -1))
    np.testing.assert_array_equal(fitted.scores(candidates), fitted.scores(forgotten))


def test_the_sum_with_attention_weights_is_attention() -> None:
    generator = torch.Generator().manual_seed(0)
    candidate, history = torch.randn(7, 4, generator=generator), torch.randn(7, 5, 4, generator=generator)
    is_product = torch.rand(7, 5, generator=generator) < 0.6
    is_product[:, 0] = True
    scores = (history @ candidate[:, :, None])[..., 0] / 2.0
    weights = scores.masked_fill(~is_product, -torch.inf).softmax(dim=1)
    expected = scaled_dot_product_attention(candidate[:, None], history, history, attn_mask=is_product[:, None])[:, 0]
    torch.testing.assert_close(sum_history(weights, history, is_product), expected)


def test_the_activation_by_hand() -> None:
    activation = ActivationUnit(size=2, units=1)
    with torch.no_grad():
        activation.of_history.weight.copy_(torch.tensor([[1.0, 0.0]]))
        activation.of_candidate.weight.copy_(torch.tensor([[0.0, 1.0]]))
        activation.of_candidate.bias.fill_(-1.0)
        activation.of_both.weight.copy_(torch.tensor([[0.5, 2.0]]))
        activation.last.weight.fill_(3.0)
        activation.last.bias.fill_(0.25)
        weights = activation(torch.tensor([[2.0, 1.0]]), torch.tensor([[[1.0, 3.0], [-2.0, -1.0]]]))
    # first: 1 + (1 - 1) + (.5 * 1 * 2 + 2 * 3 * 1) = 8; second: -2 + 0 + (-2 - 2) = -6, of which PReLU keeps a quarter
    assert weights.tolist() == [[3 * 8 + 0.25, 3 * -1.5 + 0.25]]


def test_the_activation_is_a_network_over_both_and_their_product() -> None:
    torch.manual_seed(0)
    activation = ActivationUnit(size=3, units=5)
    candidate, history = torch.randn(4, 3), torch.randn(4, 6, 3)
    expanded = candidate[:, None, :].expand(4, 6, 3)
    joined = torch.cat([history, expanded, history * expanded], dim=2)
    parts = (activation.of_history, activation.of_candidate, activation.of_both)
    weights = torch.cat([part.weight for part in parts], dim=1)
    units = activation.rectified(joined @ weights.T + activation.of_candidate.bias)
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
    wide = WideNetwork(dense=2, sizes=(3, 1, 1, 2), pairs=2)
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
        wide.pairs.weight.copy_(torch.tensor([[0.0], [100.0], [300.0]]))
    assert wide(batch).tolist() == [2 - 6 + 10 + 20 + 100 + 300, 1 + 0.5 + 20]


def test_a_pair_is_numbered_if_both_are_known_and_it_is_frequent() -> None:
    codes = np.array([[0, 0, -1, 0], [0, 0, -1, 0], [1, 0, -1, 0], [1, 1, -1, -1], [0, 1, 0, 1]], dtype=np.int32)
    categories = CategoryRows.fit(codes, min_rows=2, with_pairs=True)
    numbers = categories.encode_pairs(categories.encode(codes))
    # product 0 and type 0 in country 0 are in two and three rows; product 1 in country 0 in one; no vendor is in two
    assert numbers.tolist() == [[1, 2, 0], [1, 2, 0], [0, 2, 0], [0, 0, 0], [0, 0, 0]]


# the inputs


@given(npst.arrays(np.float32, (30, 3), elements=st.floats(-1e6, 1e6, width=32) | st.just(np.nan)))
def test_scaled_features_are_finite_bounded_and_in_the_same_order(features: np.ndarray) -> None:
    scaling = FeatureScaling.fit(features)
    scaled = scaling.scale(features)
    assert scaled.shape == (30, scaling.width)
    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() < 4
    for before, after in zip(features.T, scaled.T[:3], strict=True):
        is_known = np.isfinite(before)
        order = np.argsort(before[is_known], kind="stable")
        assert (np.diff(after[is_known][order]) >= 0).all()


def test_a_feature_of_any_shape_becomes_normal() -> None:
    values = np.exp(5 * np.random.default_rng(0).normal(size=(5000, 1))).astype(np.float32)
    scaled = FeatureScaling.fit(values).scale(values)
    assert scaled.shape == (5000, 1)
    assert abs(scaled.mean()) < 0.02
    assert abs(scaled.std() - 1) < 0.05


def test_embeddings_of_unknown_values_start_at_zero() -> None:
    table = Embeddings((4, 2), width=3)
    embedded = table(torch.tensor([[0, 0], [3, 1]], dtype=torch.int32))
    assert embedded.shape == (2, 6)
    assert not embedded[0].any()
    assert embedded[1].all()


def test_a_product_not_learned_from_is_scored_as_unknown() -> None:
    candidates, bought, _ = planted_candidates(0, queries=60)
    for ranker in (NetworkRanker(small("dnn")), NetworkRanker(small("wide_and_deep")), NetworkRanker(small("din"))):
        fitted = ranker.fit(candidates, bought, seed=0)
        codes = [np.where(np.arange(4) == 0, code, candidates.categories).astype(np.int32) for code in (-1, 40, 9999)]
        scores = [fitted.scores(replace(candidates, categories=changed)) for changed in codes]
        np.testing.assert_array_equal(scores[0], scores[1])
        np.testing.assert_array_equal(scores[0], scores[2])


# weights, windows and the registry


def test_a_customer_is_weighted_by_the_root_of_the_purchases() -> None:
    candidates, _, _ = planted_candidates(0, queries=3, each=5)
    bought = np.array([1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], dtype=np.bool_)
    assert row_weights(candidates, bought).tolist() == [0.5] * 5 + [1.0] * 10


def test_windows_are_concatenated() -> None:
    window, _, _ = planted_candidates(0, queries=3, each=2)
    both = concatenate([window, window])
    assert both.query.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert len(both.history) == 6


def test_rankers_have_the_names_of_files_and_variants() -> None:
    assert list(rankers()) == ["boosted_trees", "dcn", "din", "dnn", "wide_and_deep"]
    with pytest.raises(RecommendationError, match=r'no ranker named "svm"\. Available: boosted_trees, dcn'):
        get_ranker("svm")


def test_another_network_is_refused(tmp_path: Path) -> None:
    candidates, bought, _ = planted_candidates(0, queries=20)
    NetworkRanker(small("dnn", epochs=1)).fit(candidates, bought, seed=0).save(tmp_path)
    with pytest.raises(ArtifactError, match="holds a dnn ranker; expected dcn"):
        get_ranker("dcn").load(tmp_path)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    candidates, bought, _ = planted_candidates(0, queries=20)
    monkeypatch.setattr(errors, "find_spec", lambda _: None)
    for network in ("dnn", "dcn", "din", "wide_and_deep"):
        with pytest.raises(MissingExtraError, match="neural"):
            get_ranker(network).fit(candidates, bought, seed=0)
        with pytest.raises(MissingExtraError, match="neural"):
            get_ranker(network).load(tmp_path)
