"""The launch model fulfils the contract, and on a shop with planted truth it reaches most of the possible AUC."""

from dataclasses import replace
from functools import cache, partial
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from frontrow.errors import ArtifactError, LaunchError
from frontrow.features.launch import FEATURES
from frontrow.launch.audience.audience import score_audience
from frontrow.launch.calibration.calibration import TooFewLaunches
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import build_block_episodes, build_block_purchases, build_episodes
from frontrow.launch.model.launch_model import LaunchModel, sample_training_rows
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.models.baseline import baselines
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.schema import conform
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop
from frontrow.testing.artifacts import sign_artifact
from frontrow.testing.models import ALL_FEATURES, SavedModelContract, planted
from frontrow.testing.shops import hand_made_shop

SHARE_OF_TRUE_AUC = 0.8
"""Share of the true probabilities' AUC above chance that the model has to reach."""

SETTINGS = LaunchSettings(boosting=BoostingSettings(trees=30, seeds=2))


@cache
def _garden() -> SyntheticShop:
    return SyntheticShop(customers=700, seed=6, lines_a_year=4.0)


@cache
def _history() -> History:
    return _garden().shop().as_of()


def _fit() -> LaunchModel:
    return LaunchModel.fit(_history(), SETTINGS, seed=1)


@cache
def _fitted() -> LaunchModel:
    return _fit()


def _new_products() -> pl.DataFrame:
    return conform(_garden().upcoming(), NEW_PRODUCT_SCHEMA).with_columns(
        launch_day=pl.lit(_history().cutoff_day, pl.Int32)
    )


def _score(model: LaunchModel, products: pl.DataFrame) -> pl.DataFrame:
    return model.score(_history(), products, compute_life_cycles(_history(), model.settings), ALL_FEATURES)


class TestLaunchModel(SavedModelContract):
    fit = staticmethod(_fit)
    load = staticmethod(LaunchModel.load)
    scores = staticmethod(lambda model, products: _score(model, products)["probability"].to_numpy())
    rows = staticmethod(_new_products)
    empty = staticmethod(lambda: _new_products()[:0])

    def test_the_settings_of_the_fit_are_read_back(self, tmp_path) -> None:
        model = _fitted()
        model.save(tmp_path)
        loaded = LaunchModel.load(tmp_path)
        attributes = ("settings", "cutoff", "launches", "buyers")
        assert [getattr(loaded, name) for name in attributes] == [getattr(model, name) for name in attributes]

    @pytest.mark.parametrize(
        "change",
        [
            {"settings": None},
            {"settings": {"boosting": {}, "horizon": 3}},
            {"settings": {}},
            {"cutoff": "yesterday"},
            {"cutoff": None},
            {"launches": "many"},
            {"features": list(FEATURES[::-1])},
        ],
    )
    def test_a_manifest_changed_by_hand_is_refused(self, tmp_path, change: dict) -> None:
        _fitted().save(tmp_path)
        sign_artifact(tmp_path, change)
        with pytest.raises(ArtifactError):
            LaunchModel.load(tmp_path)

    def test_a_model_of_another_shop_says_so(self, tmp_path) -> None:
        model = replace(_fitted(), first_import="a" * 64)
        model.save(tmp_path)
        loaded = LaunchModel.load(tmp_path)
        assert loaded.first_import == model.first_import
        history = _history()
        loaded.require_shop(history)
        other = replace(history.settings, imports=({"file": "orders.csv"},))
        with pytest.raises(LaunchError, match="fitted on another shop"):
            loaded.require_shop(SimpleNamespace(settings=other))

    def test_a_saved_model_names_no_customer(self, tmp_path) -> None:
        _fitted().save(tmp_path)
        text = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
        customers = _history().customers.select("source_id", "email").collect()
        assert not any(value in text for column in customers for value in column.drop_nulls().to_list())


@cache
def _planted_model() -> LaunchModel:
    return LaunchModel.fit(planted().history, seed=1)


def _planted_scores(launch: int) -> np.ndarray:
    return _planted_model().probability(planted().rows[launch]).to_numpy()


def test_finds_most_of_what_the_true_probabilities_find() -> None:
    shop = planted()
    best, model_auc = shop.mean(shop.truth, metrics.auc), shop.mean(_planted_scores, metrics.auc)
    assert best > 0.85
    assert (model_auc - 0.5) / (best - 0.5) > SHARE_OF_TRUE_AUC


def test_beats_every_baseline() -> None:
    shop = planted()
    model_precision = shop.mean(_planted_scores, metrics.average_precision)

    def scores(baseline, launch: int) -> np.ndarray:
        return baseline.scorer(shop.new_product(launch, seed=launch))(shop.customers(launch))

    for baseline in baselines().values():
        assert model_precision > 1.2 * shop.mean(partial(scores, baseline), metrics.average_precision), baseline.name


def test_probabilities_keep_the_base_rate_of_the_launches_learned_from() -> None:
    """Customers who did not buy are sampled; the mean probability is that of all of them, not of the sample."""
    history, settings = planted().history, _planted_model().settings
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, settings.horizon_days)
    all_episodes = build_episodes(history, scoring_set, settings, launches=scoring_set.launches, negative_rate=1.0)
    probability = _planted_model().probability(all_episodes)
    assert all_episodes["bought"].mean() < 0.05
    assert probability.mean() == pytest.approx(all_episodes["bought"].mean(), rel=0.1)
    sampled = sample_training_rows(history, scoring_set, settings, past)
    assert sampled["bought"].mean() > 5 * all_episodes["bought"].mean()
    assert sampled["bought"].sum() == all_episodes["bought"].sum()
    assert sampled["weight"].sum() == pytest.approx(all_episodes.height, rel=0.01)


def test_sampling_keeps_the_rows_themselves() -> None:
    history = _history()
    cycles = compute_life_cycles(history, SETTINGS)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, SETTINGS.horizon_days)
    purchases = build_block_purchases(history.lines.collect(), history.first_days())
    all_episodes = build_block_episodes(purchases, scoring_set, SETTINGS, scoring_set.launches, 1.0)
    some = build_block_episodes(purchases, scoring_set, SETTINGS, scoring_set.launches, 0.2)
    assert set(some["weight"].unique()) == {1.0, 5.0}
    sampled = all_episodes.join(some.select("launch", "customer_id"), on=["launch", "customer_id"], how="semi")
    assert_frame_equal(sampled.drop("weight"), some.drop("weight"), check_exact=True)


def test_the_number_of_customers_learned_from_is_bounded() -> None:
    history = _history()
    cycles = compute_life_cycles(history, SETTINGS)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, SETTINGS.horizon_days)
    bounded = sample_training_rows(history, scoring_set, replace(SETTINGS, max_negatives=500), past)
    assert 100 < bounded.filter(pl.col("bought") == 0.0).height < 600


def test_a_product_like_nothing_before_has_scores() -> None:
    unlike_products = pl.DataFrame(
        {"product_id": ["x", "y"], "title": ["Zyzzyva Qwxk", "!!!"], "launch_day": [_history().cutoff_day] * 2}
    )
    scored = _score(_fitted(), conform(unlike_products, NEW_PRODUCT_SCHEMA))
    assert set(scored["launch"]) == {0, 1}
    assert scored["similar_lines"].sum() == 0.0
    assert scored["days_since_similar"].null_count() == scored.height
    assert scored["probability"].is_between(0, 1, closed="none").all()


def test_everyone_active_is_scored_once_for_each_product() -> None:
    scored = _score(_fitted(), _new_products())
    history = _history()
    active = history.lines.filter((pl.col("day") >= history.cutoff_day - 365) & pl.col("customer_id").is_not_null())
    customers = active.select(pl.col("customer_id").unique().sort()).collect()["customer_id"]
    assert scored.select("launch", "customer_id").is_unique().all()
    for launch in range(_new_products().height):
        assert scored.filter(pl.col("launch") == launch)["customer_id"].sort().equals(customers)


def test_scores_do_not_depend_on_other_products() -> None:
    all_at_once = _score(_fitted(), _new_products())
    last = _new_products().height - 1
    last_product = _score(_fitted(), _new_products()[last:])
    of_last = all_at_once.filter(pl.col("launch") == last)
    assert_frame_equal(of_last.drop("launch"), last_product.drop("launch"), check_exact=True)


def test_customers_in_blocks_have_the_scores_of_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    unblocked = _score(_fitted(), _new_products()).sort("launch", "customer_id")
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_ROWS", 500)
    assert len(list(_history().read_blocks(rows_per_customer=_new_products().height))) > 3
    assert_frame_equal(_score(_fitted(), _new_products()), unblocked, check_exact=True)
    assert np.array_equal(
        _score(_fit(), _new_products()).sort("launch", "customer_id")["probability"], unblocked["probability"]
    )


def test_a_shop_without_a_launch_learns_from_products_on_sale() -> None:
    """Everything was on sale when the history began, and its ranks are still much better than chance."""
    shop = planted()
    early = shop.history.as_of(int(shop.history.lines.select(pl.col("day").min()).collect().item()) + 150)
    settings = LaunchSettings(catalogue_start_days=1_000)
    model = LaunchModel.fit(early, settings, seed=1)
    assert model.launches == 0
    auc = shop.mean(lambda launch: model.probability(shop.rows[launch]).to_numpy(), metrics.auc)
    assert auc > 0.7


def test_nothing_to_learn_from_is_refused() -> None:
    shop = hand_made_shop([(customer, product, day) for customer in range(2) for product, day in (("a", 0), ("b", 99))])
    with pytest.raises(LaunchError, match=r"^There is nothing to learn from before 2025-01-06: neither a past launch"):
        LaunchModel.fit(shop.as_of(shop.midnight(20_094)))


def test_an_empty_history_is_refused() -> None:
    shop = hand_made_shop([(1, "a", 50)])
    with pytest.raises(LaunchError, match="nothing to learn from"):
        LaunchModel.fit(shop.as_of(shop.midnight(20_000)))


def test_absent_columns_of_new_products_are_null() -> None:
    table = conform(
        pl.DataFrame({"product_id": ["a"], "title": ["A"], "launch_day": [20_000], "more": [1]}), NEW_PRODUCT_SCHEMA
    )
    assert table.columns == list(NEW_PRODUCT_SCHEMA)
    assert table.row(0, named=True) == dict.fromkeys(NEW_PRODUCT_SCHEMA) | {
        "product_id": "a",
        "title": "A",
        "launch_day": 20_000,
    }


def test_an_undiscriminating_model_warns_about_its_ranks():
    blind = replace(SETTINGS, boosting=replace(SETTINGS.boosting, min_customers_in_leaf=10**6))
    blind_audience, audience = (
        score_audience(_history(), _new_products().head(2), replace(model, calibration=TooFewLaunches(3, 10)))
        for model in (replace(LaunchModel.fit(_history(), blind), small_shop=None), _fitted())
    )
    assert blind_audience.undiscriminating
    assert blind_audience.message is not None
    assert "ranks only follow their numbers" in blind_audience.message
    assert not audience.undiscriminating
    assert audience.message == TooFewLaunches(3, 10).message
