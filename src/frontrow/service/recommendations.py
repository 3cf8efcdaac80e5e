"""Lists of products for customers, products like a given one, and recommenders that serve without the orders."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.engines.choice import LOCAL_NAME
from frontrow.errors import SettingError, ShopError
from frontrow.present.section import Section, Sentence
from frontrow.present.sections.list_files import build_list_file_sections
from frontrow.present.sections.recommendations import build_sections, build_similar_section
from frontrow.progress import Progress, no_progress
from frontrow.recommend.blocks.recommend_blocks import recommend_by_blocks, works_by_blocks
from frontrow.recommend.recommend_products import (
    RecommendationResult,
    check_input_files,
    fit_and_recommend,
    recommend_products,
)
from frontrow.recommend.registry import DEFAULT_MODEL, get_recommender, is_trained
from frontrow.recommend.settings import RecommendSettings
from frontrow.recommend.similar_products import SimilarProducts, find_similar_by_trained, find_similar_products
from frontrow.recommend.trained import TrainedRecommender
from frontrow.recommend.trained_parts import check_output_folder
from frontrow.recommend.trained_register import begin_training, finish_training
from frontrow.service.changing import change_shop
from frontrow.service.opening import RunSettings, launch_settings, list_overrides, open_shop, open_shop_here
from frontrow.service.recommendation_files import (
    ListFileSettings,
    WrittenLists,
    check_list_files,
    write_list_files,
)
from frontrow.shop.config import ShopConfig
from frontrow.shop.keeping import has_forgotten_since
from frontrow.shop.shop import Shop
from frontrow.storage.address import require_own_folder
from frontrow.storage.table_output import TableFile
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class RecommendationsResult:
    """A list of products for each customer.

    Attributes:
        result: The lists.
        trained: The recommender that made them.
        settings: What was asked for.
        examples: Number of customers whose list is shown.
        output: Where all lists were written; None for nowhere.
        notices: Sentences about what this run does differently from what was asked or stated.
        written: Files for platforms; None where none were asked for.
    """

    result: RecommendationResult
    trained: TrainedRecommender
    settings: RecommendSettings
    examples: int
    output: TableFile | None
    notices: tuple[str, ...] = ()
    written: WrittenLists | None = None

    @property
    def table(self) -> pl.DataFrame:
        """One row for each customer and rank."""
        return self.result.recommendations.rows

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the shop should check in its files, for the log."""
        return tuple(self.result.warnings)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; customers by number only."""
        lists = self.result.recommendations
        return {
            "as_of": str(self.trained.cutoff),
            "model": self.trained.model,
            "k": self.settings.k,
            "customers": lists.customers,
            "unknown_customers": self.result.listed.unknown,
            "inactive_customers": self.result.listed.inactive,
            "customers_without_order": self.result.listed.without_order,
            "customers_left_out": self.result.listed.left_out,
            "short_lists": lists.short,
            "scores_are_probabilities": self.result.scores_are_probabilities,
            "effects": lists.effects.to_dicts(),
            "warnings": self.result.warnings,
            "examples": lists.examples(self.examples, self.result.items).to_dicts(),
            "output": None if self.output is None else str(self.output.path),
            **({} if self.written is None else self.written.to_dict()),
        }

    def sections(self) -> list[Section]:
        """Some of the lists, and what the rules did."""
        sections = build_sections(
            self.result,
            customers=self.settings.customers,
            active_days=self.settings.active_days,
            k=self.settings.k,
            model=self.trained.model,
            as_of=str(self.trained.cutoff.date()),
            examples=self.examples,
        )
        if self.written is not None:
            sections += build_list_file_sections(self.written.eligible, self.written.files)
        if self.output is None:
            return sections
        return [*sections, Section("output", "", (Sentence(f"All lists: {self.output.path}"),))]


@dataclass(frozen=True)
class SimilarResult:
    """Products like a given one.

    Attributes:
        similar: The product, and those like it.
        model: Name of the recommender that compared them.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    similar: SimilarProducts
    model: str
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self.similar.product, "model": self.model, "similar": self.similar.rows.to_dicts()}

    def sections(self) -> list[Section]:
        """A table of the products, the most similar first."""
        return [build_similar_section(self.similar.product, self.similar.rows, self.model)]


@dataclass(frozen=True)
class TrainResult:
    """A trained recommender in a folder.

    Attributes:
        trained: The recommender.
        shop: The shop's folder.
        output: The recommender's folder.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    trained: TrainedRecommender
    shop: Path
    output: Path
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "model": self.trained.model,
            "as_of": str(self.trained.cutoff),
            "customers": len(self.trained.customer_ids),
            "products": self.trained.sold_items.height,
            "bytes": sum(file.stat().st_size for file in self.output.rglob("*") if file.is_file()),
            "output": str(self.output),
        }

    def sections(self) -> list[Section]:
        """What the recommender holds, and how to serve it."""
        facts = self.to_dict()
        holds = (
            f"{facts['model']}, as of {self.trained.cutoff.date()}: {facts['customers']:,} customers, "
            f"{facts['products']:,} products, {facts['bytes'] / 1e6:,.1f} MB in {self.output}. It holds customer "
            "numbers, no names or addresses."
        )
        serve = f"Serve it with: frontrow recommend {self.shop} --model {self.output}"
        return [Section("train", "", (Sentence(holds), Sentence(serve)))]


def recommend(
    folder: Path,
    settings: RecommendSettings,
    run: RunSettings,
    *,
    model: str = DEFAULT_MODEL,
    examples: int = 3,
    output: TableFile | None = None,
    list_files: ListFileSettings | None = None,
    progress: Progress = no_progress,
) -> RecommendationsResult:
    """Make a list of products for each customer.

    Args:
        folder: The shop's folder.
        settings: Whom the lists are for, their length, and the rules.
        run: What this run decides.
        model: Name of a recommender, or folder of a trained one.
        examples: Number of customers whose list is shown.
        output: Where all lists are written; None for nowhere.
        list_files: Platforms that files are written for, of those who may be contacted; None for none.
        progress: Called with (done, total) steps.

    Raises:
        CampaignError: Nobody may be contacted, or files for platforms cannot be written.
        InputError: A file cannot be used.
        RecommendationError: The model is unknown, or there is nobody to make a list for.
        ShopError: The folder holds no shop.
    """
    config = ShopConfig.read(folder)
    if list_files is not None:
        check_list_files(list_files, settings.customers)
    stated = launch_settings(run, config)
    settings = replace(settings, active_days=stated.active_days, horizon_days=stated.horizon_days, seed=run.seed)
    notices = tuple(list_overrides(config, run))
    if is_trained(model):
        if run.engine is not None and run.engine != LOCAL_NAME:
            raise SettingError("engine", "A trained model makes its lists on this machine. Write --engine local.")
        trained = _load_trained(model, run.as_of)
        lists = recommend_products(trained, folder, settings, progress=progress)
    else:
        shop = open_shop(folder, run)
        notices = shop.notices
        by_blocks = works_by_blocks(shop.history, model, settings)
        check_input_files(settings, folder, shop.history)
        make_lists = recommend_by_blocks if by_blocks else fit_and_recommend
        lists, trained = make_lists(shop.history, model, folder, settings, progress=progress)
    if output is not None:
        lists.recommendations.write_to(output)
    written = None
    if list_files is not None:
        # what is known now: who has withdrawn consent since a trained model was made gets no list
        written = write_list_files(folder, lists, Shop.read(folder).as_of(run.as_of), list_files)
        notices = (*notices, *written.notices)
    return RecommendationsResult(lists, trained, settings, examples, output, notices, written)


def find_similar(
    folder: Path, product: str, run: RunSettings, *, model: str, top: int = 10, progress: Progress = no_progress
) -> SimilarResult:
    """The products for sale that are most similar to one.

    Args:
        folder: The shop's folder.
        product: Its product id or its title.
        run: What this run decides.
        model: Name of a recommender that compares products, or folder of a trained one.
        top: Number of products.
        progress: Called with (done, total) steps.

    Raises:
        RecommendationError: The product or the model is unknown, or the model does not compare products.
        ShopError: The folder holds no shop.
    """
    if is_trained(model):
        trained = _load_trained(model, run.as_of)
        return SimilarResult(find_similar_by_trained(trained, product, k=top), trained.model)
    shop = open_shop_here(folder, run)
    similar = find_similar_products(shop.history, product, model=model, k=top, seed=run.seed, progress=progress)
    return SimilarResult(similar, model, shop.notices)


def train(
    folder: Path,
    output: Path,
    run: RunSettings,
    *,
    model: str = DEFAULT_MODEL,
    progress: Progress = no_progress,
    wait: float = DEFAULT_WAIT,
) -> TrainResult:
    """Fit a recommender and save it, so that it serves without the orders it learned from.

    Args:
        folder: The shop's folder.
        output: Folder for the recommender; only another recommender may be in it.
        run: What this run decides.
        model: Name of the recommender.
        progress: Called with (done, total) steps.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        RecommendationError: The model is unknown, the folder holds something else, or there is nothing to learn from.
        ShopError: The folder holds no shop, or a person was forgotten meanwhile; nothing is saved then.
        ShopLockedError: Another command did not finish in time.
    """
    require_own_folder(folder)  # before a fit that takes minutes
    get_recommender(model)
    check_output_folder(output)
    shop = open_shop_here(folder, run)
    trained = TrainedRecommender.fit(shop.history, model, seed=run.seed, progress=progress)
    # locked for saving alone: a fit may take minutes
    with change_shop(folder, "train", wait=wait):
        if has_forgotten_since(folder, shop.history):
            raise ShopError("A person was forgotten while the model was trained. Nothing was saved; train again.")
        begin_training(folder, output)
        try:
            trained.save(output)
        finally:
            finish_training(folder)
    return TrainResult(trained, folder, output, shop.notices)


def _load_trained(folder: str, as_of: dt.datetime | None) -> TrainedRecommender:
    if as_of is not None:
        raise SettingError("as_of", "A trained model answers as of its own day.")
    return TrainedRecommender.load(folder)
