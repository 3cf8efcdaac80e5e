"""The contracts of baselines and of saved models as tests: a test class of two lines inherits all of them.

Example::

    class TestTextSimilarity(BaselineContract):
        baseline = text_similarity.Baseline()

    class TestLaunchModel(SavedModelContract):
        model = staticmethod(fitted_launch_model)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy import sparse

from frontrow.errors import ArtifactError
from frontrow.features.launch import FEATURES
from frontrow.features.purchase_matrix import PurchaseMatrix
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.buyer_counts import BuyerCounts
from frontrow.launch.model.episodes import build_block_purchases, build_features, select_scored_customers
from frontrow.launch.model.scoring_set import ScoringSet, build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics import classification as metrics
from frontrow.models.baseline import NEAREST, Baseline, Customers, NewProduct
from frontrow.models.top_k import top_positions
from frontrow.schema import conform
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History
from frontrow.synthetic import SyntheticShop

ALL_FEATURES: Final = (pl.col("cutoff_day", *FEATURES),)
"""For `LaunchModel.score`: every feature of the rows scored."""


class Planted:
    """A synthetic shop with products to be launched, whose true buyers are known.

    Args:
        customers: Number of customers with an order.
        seed: Seed of the shop.

    Attributes:
        garden: The shop with its truth.
        history: Its whole history.
        products: The products to be launched, as `LaunchModel.score` takes them.
        scoring_set: The same products with what is scored.
        rows: Scored customers with features, one frame per product.
        purchases: Order lines of everyone who bought, customers by products.
    """

    def __init__(self, *, customers: int = 4_000, seed: int = 2) -> None:
        self.garden = SyntheticShop(customers=customers, seed=seed, lines_a_year=6.0, launches_a_month=3.0)
        self.history: History = self.garden.shop().as_of()
        self.cycles = compute_life_cycles(self.history)
        self.products = conform(
            self.garden.upcoming().with_columns(
                launch_day=(pl.col("launch_date") - EPOCH).dt.total_days().cast(pl.Int32)
            ),
            NEW_PRODUCT_SCHEMA,
        )
        settings = LaunchSettings()
        products = self.products.with_columns(cutoff_day=pl.lit(self.history.cutoff_day, pl.Int32))
        self.scoring_set: ScoringSet = build_scoring_set(products, self.cycles, settings.horizon_days)
        bought = build_block_purchases(self.history.lines.collect(), self.history.first_days())
        scored = select_scored_customers(bought, self.scoring_set.launches, settings.active_days)
        rows = build_features(bought, self.scoring_set, self.scoring_set.launches, scored)
        self.rows = rows.partition_by("launch", maintain_order=True)
        self._product_ids = self.scoring_set.neighbourhood.catalogue.product_ids
        self._matrix = PurchaseMatrix(bought, self._product_ids)
        self.purchases = self._matrix.before(self.history.cutoff_day)

    def new_product(self, launch: int, *, seed: int = 0) -> NewProduct:
        """The product of a launch, as a baseline gets it.

        Args:
            launch: Number of the launch.
            seed: Seed of the baseline's random numbers.
        """
        similarity, nearest, counts = self._counts(launch)
        return NewProduct(similarity.copy(), nearest, counts.buyers[0], counts.bought_together[0], seed)

    @cache  # noqa: B019
    def _counts(self, launch: int) -> tuple[NDArray[np.float64], NDArray[np.int64], BuyerCounts]:
        day, position = self.history.cutoff_day, int(self.scoring_set.positions[launch])
        similarity = self.scoring_set.neighbourhood.similarities(position, day).characters
        nearest = top_positions(similarity, NEAREST)
        days = np.array([day])
        return similarity, nearest, BuyerCounts.count(self.history, self._product_ids.tolist(), days, [nearest])

    def customers(self, launch: int) -> Customers:
        """The customers scored for a launch."""
        rows = self.rows[launch]
        return Customers(rows, self.purchases[self._matrix.rows_of(rows["customer_id"].to_numpy())])

    def truth(self, launch: int) -> NDArray[np.float64]:
        """The true probability that each of these customers buys within 30 days of the launch."""
        product_id, launch_day = self.products.select("product_id", "launch_day").row(launch)
        ids = self.rows[launch]["customer_id"].to_numpy()
        return np.asarray(self.garden.probability([product_id], ids, launch_day, 30)[0])

    def bought(self, launch: int, *, replicates: int = 1) -> NDArray[np.float64]:
        """Draw who buys.

        Args:
            launch: Number of the launch.
            replicates: Number of draws.

        Returns:
            1.0 for a buyer, shape (replicates, customers).
        """
        p = self.truth(launch)
        return (np.random.default_rng(launch).random((replicates, len(p))) < p).astype(np.float64)

    def mean(self, score: Callable[[int], NDArray[np.float64]], metric: Callable[..., float]) -> float:
        """A metric of scores against who buys, averaged over the products and ten draws of each.

        Args:
            score: Scores the customers of a launch.
            metric: The metric, called with labels and scores.
        """
        values = [
            metric(labels, scores)
            for launch in range(self.products.height)
            for scores in [score(launch)]
            for labels in self.bought(launch, replicates=10)
        ]
        return float(np.nanmean(values))


@cache
def planted() -> Planted:
    """The shop that all contracts share, made once."""
    return Planted()


class BaselineContract:
    """The promises of `frontrow.models.baseline.Baseline`.

    Attributes:
        baseline: The baseline under test.
        floor: AUC it reaches at least on the synthetic shop; None for one that knows nothing.
    """

    baseline: ClassVar[Baseline]
    floor: ClassVar[float | None] = 0.55

    def test_recovers_planted_truth(self) -> None:
        """It finds buyers whose probabilities are known, or, if it knows nothing, does not."""
        shop = planted()
        # one random order is luck, the mean of eight is not
        seeds = range(8 if self.floor is None else 1)
        auc = np.mean([shop.mean(partial(self._scores, shop, seed), metrics.auc) for seed in seeds])
        if self.floor is None:
            assert abs(auc - 0.5) < 0.03
        else:
            assert self.floor < auc < 1.0

    def test_scores_repeat(self) -> None:
        """The same scoring_set and seed give the same scores, and the scoring_set is left as it was."""
        shop = planted()
        product, customers = shop.new_product(0, seed=5), shop.customers(0)
        arrays = {name: value.copy() for name, value in vars(product).items() if name != "seed"}
        before = customers.purchases.copy()
        scores = self.baseline.scorer(product)(customers)
        assert scores.dtype == np.float64
        assert scores.shape == (customers.rows.height,)
        np.testing.assert_array_equal(scores, self.baseline.scorer(shop.new_product(0, seed=5))(shop.customers(0)))
        np.testing.assert_array_equal(customers.purchases.data, before.data)
        np.testing.assert_array_equal(customers.purchases.indices, before.indices)
        for name, array in arrays.items():
            np.testing.assert_array_equal(getattr(product, name), array)

    def test_blocks_of_customers_give_the_scores_of_all(self) -> None:
        """One scorer, asked block after block, says what it says of all at once."""
        shop = planted()
        customers = shop.customers(0)
        scorer, half = self.baseline.scorer(shop.new_product(0)), customers.rows.height // 2
        blocks = [
            Customers(customers.rows[:half], customers.purchases[:half]),
            Customers(customers.rows[half:], customers.purchases[half:]),
        ]
        all_scores = self.baseline.scorer(shop.new_product(0))(customers)
        np.testing.assert_array_equal(np.concatenate([scorer(block) for block in blocks]), all_scores)

    def test_no_customers_no_scores(self) -> None:
        """An empty block is no error."""
        shop = planted()
        customers = shop.customers(0)
        empty = Customers(customers.rows[:0], customers.purchases[:0])
        assert self.baseline.scorer(shop.new_product(0))(empty).shape == (0,)

    def test_a_customer_without_a_purchase_and_a_product_like_no_other_have_finite_scores(self) -> None:
        """Nothing known is a low score, not a hole."""
        shop = planted()
        customers, product = shop.customers(0), shop.new_product(0)
        nobody = Customers(customers.rows[:3], sparse.csr_matrix((3, customers.purchases.shape[1])))
        assert np.isfinite(self.baseline.scorer(product)(nobody)).all()
        unlike = replace(product, similarity=np.zeros_like(product.similarity))
        assert np.isfinite(self.baseline.scorer(unlike)(customers)).all()

    def _scores(self, shop: Planted, seed: int, launch: int) -> NDArray[np.float64]:
        return self.baseline.scorer(shop.new_product(launch, seed=100 * seed + launch))(shop.customers(launch))


class SavedModelContract:
    """The promises of a fitted model: it repeats, it is saved without loss, and damage is detected.

    Attributes:
        fit: Fits the model; the same arguments, the same model.
        load: Reads it back.
        save: Writes it to a folder.
        scores: Probabilities of given rows.
        rows: Rows to score.
        empty: No rows.
    """

    fit: ClassVar[Callable[[], Any]]
    load: ClassVar[Callable[[Path], Any]]
    save: ClassVar[Callable[[Any, Path], None]] = staticmethod(lambda model, folder: model.save(folder))
    scores: ClassVar[Callable[[Any, Any], NDArray[np.float64]]]
    rows: ClassVar[Callable[[], Any]]
    empty: ClassVar[Callable[[], Any]]

    def test_fitting_again_gives_the_same_scores(self) -> None:
        """To the bit."""
        np.testing.assert_array_equal(self._scores(_fitted(type(self))), self._scores(type(self).fit()))

    def test_scores_are_probabilities(self) -> None:
        """Between 0 and 1, and not all the same."""
        scores = self._scores(_fitted(type(self)))
        assert scores.dtype == np.float64
        assert ((scores >= 0) & (scores <= 1)).all()
        assert len(np.unique(scores)) > 10

    def test_saved_and_loaded_scores_are_equal(self, tmp_path: Path) -> None:
        """To the bit, also after saving over an older model."""
        model = _fitted(type(self))
        for _ in range(2):
            type(self).save(model, tmp_path / "model")
            np.testing.assert_array_equal(
                self._scores(type(self).load(tmp_path / "model")), self._scores(model), strict=True
            )

    def test_no_rows_no_scores(self) -> None:
        """An empty table is no error."""
        assert len(type(self).scores(_fitted(type(self)), type(self).empty())) == 0

    def test_a_damaged_model_is_refused(self, tmp_path: Path) -> None:
        """Each file cut, changed or missing raises `ArtifactError`, and so does a folder without a model."""
        type(self).save(_fitted(type(self)), tmp_path / "model")
        paths = sorted(path for path in (tmp_path / "model").rglob("*") if path.is_file())
        assert len(paths) > 1
        for path in paths:
            content = path.read_bytes()
            for broken in (content[: len(content) // 2], content.replace(b"0", b"7"), b"", b"\xff\xfe", b"[]", None):
                path.unlink()
                if broken is not None:
                    path.write_bytes(broken)
                with pytest.raises(ArtifactError):
                    type(self).load(tmp_path / "model")
                path.write_bytes(content)
        type(self).load(tmp_path / "model")
        with pytest.raises(ArtifactError, match="no saved model"):
            type(self).load(tmp_path / "nothing")

    def _scores(self, model: Any) -> NDArray[np.float64]:
        return type(self).scores(model, type(self).rows())


_FITTED: dict[type[SavedModelContract], Any] = {}


def _fitted(contract: type[SavedModelContract]) -> Any:
    """The contract's model, fitted once."""
    if contract not in _FITTED:
        _FITTED[contract] = contract.fit()
    return _FITTED[contract]
