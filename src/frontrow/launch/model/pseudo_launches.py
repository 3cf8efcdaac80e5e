"""Pseudo-launches: products already on sale, asked about at a later midnight among customers without them.

"Who of those who do not have it will buy it within the window?" is nearly the question of a launch, and every product
answers it at many midnights. The answers count less than those of true launches, and not at all once there are enough
of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from frontrow.engines.parts import combine_parts
from frontrow.features.customer_sums import find_active
from frontrow.features.normal_scores import NORMAL_SCORES, compute_normal_scores, normal_score_features_of
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.episodes import build_episodes
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.model.small_shop_model import ENOUGH_LAUNCHES
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.shop.history import History

EVERY_DAYS: Final = 30
"""Days between two midnights."""

YEAR_DAYS: Final = 365
"""They go back one year, so that every season is among the training."""

PRODUCTS: Final = 40
"""Most products asked about at one midnight."""

ON_SALE_DAYS: Final = 60
"""A product counts as on sale with an order in so many days before the midnight."""

LAUNCHED_DAYS: Final = 30
"""A product first sold within so many days before the midnight is left to the true launches."""

MAX_PAIRS_A_MIDNIGHT: Final = 2_000
"""Pairs of a customer and a pseudo-launch that are sampled from those who did not buy, about: 26,000 in a year. More of
them ranked no better on launches before the test, and take longer to learn from."""

SALES_COLUMNS: Final = ("customer_id", "product_id", "day")

WEIGHT: Final = 0.3
"""What a pair of a pseudo-launch counts beside one of a true launch when there is next to no launch."""


def pseudo_launch_weight(launches: int) -> float:
    """What a pair of a pseudo-launch counts beside one of a true launch; without any launch there is nothing beside.

    Example:
        >>> pseudo_launch_weight(0), pseudo_launch_weight(80), pseudo_launch_weight(1000)
        (1.0, 0.15, 0.0)
    """
    return 1.0 if launches == 0 else WEIGHT * max(0.0, 1.0 - launches / ENOUGH_LAUNCHES)


def sample_pseudo_launches(
    history: History, settings: LaunchSettings, launches: int, *, earlier_days: int = 0, seed: int = 0
) -> pl.DataFrame | None:
    """The pseudo-launches that a shop's launch model learns from; None where it has launches enough.

    Args:
        history: See `build_pseudo_launch_rows`.
        settings: See `build_pseudo_launch_rows`.
        launches: How many true launches the earliest model learns from that is fitted on them.
        earlier_days: See `build_pseudo_launch_rows`.
        seed: See `build_pseudo_launch_rows`.
    """
    if launches >= ENOUGH_LAUNCHES:
        return None
    return build_pseudo_launch_rows(history, settings, earlier_days=earlier_days, seed=seed)


def build_pseudo_launch_rows(
    history: History, settings: LaunchSettings, *, earlier_days: int = 0, seed: int = 0
) -> pl.DataFrame:
    """Labelled rows of pseudo-launches, to fit a launch model on beside those of true launches.

    Args:
        history: What is known; no window reaches past the day to which it is complete.
        settings: Horizon, active days, fewest buyers.
        earlier_days: Models of up to so many days before are fitted on them too (`select_known`).
        seed: Of the sample of products.

    Returns:
        What `episodes.build_episodes` returns, and `NORMAL_SCORES`; without rows where nothing qualifies. `launch`
        numbers the pseudo-launches.
    """
    latest = history.closed_day - settings.horizon_days
    first_day = history.first_days()["first_day"].min()
    first_midnight = (latest if first_day is None else int(first_day)) + ON_SALE_DAYS  # type: ignore[arg-type]
    earliest = max(latest - YEAR_DAYS - earlier_days, first_midnight)
    # the same midnights whenever the question is asked, so that a model of an earlier day learns the same again
    midnights = range(latest // EVERY_DAYS * EVERY_DAYS, earliest - 1, -EVERY_DAYS)
    parts, launches = [], 0
    for rows in _rows_by_midnight(history, midnights, settings, seed):
        if rows.height:
            parts.append(rows.with_columns(pl.col("launch") + launches))
            launches = int(parts[-1]["launch"].max()) + 1  # type: ignore[arg-type]
    return pl.concat(parts) if parts else _make_rows(history, [latest], settings, seed)[latest].clear()


def select_known(rows: pl.DataFrame | None, day: int, horizon_days: int) -> pl.DataFrame | None:
    """The pseudo-launches that a model fitted at the midnight of a day may learn from: those of the year before.

    Args:
        rows: What `sample_pseudo_launches` returned.
        day: Days since 1970-01-01.
        horizon_days: Length of a window.
    """
    if rows is None:
        return None
    return rows.filter(pl.col("cutoff_day").is_between(day - horizon_days - YEAR_DAYS, day - horizon_days))


def _rows_by_midnight(
    history: History, midnights: Sequence[int], settings: LaunchSettings, seed: int
) -> list[pl.DataFrame]:
    """The pseudo-launches of each midnight with as many buyers as a launch needs, made once for a history."""
    made: dict[int, pl.DataFrame] = {}

    def make(midnight: int) -> pl.DataFrame:
        # midnights that an earlier call made are the latest ones: all those after the first that is missing are too
        if midnight not in made:
            made.update(_make_rows(history, midnights[midnights.index(midnight) :], settings, seed))
        return made[midnight]

    # fits on the same history, such as those of a back-test and of an audience, ask for the same midnights
    key = ("pseudo-launches", seed, replace(settings, boosting=BoostingSettings()))
    return [history.compute_once((*key, midnight), partial(make, midnight)) for midnight in midnights]


def _make_rows(
    history: History, midnights: Sequence[int], settings: LaunchSettings, seed: int
) -> dict[int, pl.DataFrame]:
    cycles = compute_life_cycles(history, settings)
    step = SalesBeforeMidnights(tuple(midnights), settings.active_days)
    sales = combine_parts(history.map_blocks(step, SALES_COLUMNS, guests=True), _add_sales)
    # With vectors one by one: the mean closeness adds up all products, and its last bits depend on how many there are.
    together = [midnights] if history.vectors is None else [[midnight] for midnight in midnights]
    rows: dict[int, pl.DataFrame] = {}
    for group in together:
        rows |= _make_rows_together(history, cycles, sales, group, settings, seed)
    return rows


def _make_rows_together(
    history: History,
    cycles: pl.DataFrame,
    sales: pl.DataFrame,
    midnights: Sequence[int],
    settings: LaunchSettings,
    seed: int,
) -> dict[int, pl.DataFrame]:
    """The pseudo-launches of some midnights; `launch` counts those of each midnight from 0.

    What a midnight knows of `cycles` is no other than it was then: first days, descriptions, and the buyers of launches
    whose window had closed.
    """
    drawn = {midnight: _draw_products(cycles, sales, midnight, seed) for midnight in midnights}
    rates = [
        pl.Series([_negative_rate(sales, midnight, products.height, settings)]).new_from_index(0, products.height)
        for midnight, products in drawn.items()
    ]
    dated = pl.concat(
        products.with_columns(cutoff_day=pl.lit(midnight, pl.Int32), launch_day=pl.lit(midnight, pl.Int32))
        for midnight, products in drawn.items()
    )
    sold = cycles.filter(pl.col("first_day") < max(midnights))
    scoring_set = build_scoring_set(dated, sold, settings.horizon_days, history.vectors)
    own = scoring_set.launches.select("launch", "product_id")
    # what a customer bought of a product itself is not known of one that is new
    neighbours = scoring_set.neighbours.join(own, on=["launch", "product_id"], how="anti", maintain_order="left")
    rows = build_episodes(
        history.as_of(max(midnights) + settings.horizon_days),
        replace(scoring_set, neighbours=neighbours),
        settings,
        launches=scoring_set.launches,
        negative_rate=pl.concat(rates),
    ).filter(pl.col("bought").sum().over("launch") >= settings.min_buyers)
    scores = compute_normal_scores(rows, normal_score_features_of(rows.columns))
    rows = rows.with_columns(pl.Series(NORMAL_SCORES, scores, pl.Array(pl.Float64, scores.shape[1])))
    starts = np.cumsum([0, *(products.height for products in drawn.values())]).tolist()
    return {
        midnight: rows.filter(pl.col("cutoff_day") == midnight).with_columns(pl.col("launch") - start)
        for midnight, start in zip(midnights, starts, strict=False)
    }


def _draw_products(cycles: pl.DataFrame, sales: pl.DataFrame, midnight: int, seed: int) -> pl.DataFrame:
    sold_lately = sales.filter(pl.col("midnight") == midnight).select("product_id")
    on_sale = (
        cycles.filter(pl.col("first_day") < midnight - LAUNCHED_DAYS)
        .join(sold_lately, on="product_id", how="semi")
        .sort("product_id")
    )
    if on_sale.height <= PRODUCTS:
        return on_sale
    drawn = np.random.default_rng([seed, midnight]).choice(on_sale.height, PRODUCTS, replace=False)
    is_drawn = pl.Series(np.isin(np.arange(on_sale.height), drawn))
    return on_sale.filter(is_drawn)


def _negative_rate(sales: pl.DataFrame, midnight: int, products: int, settings: LaunchSettings) -> float:
    active = sales.filter((pl.col("midnight") == midnight) & pl.col("product_id").is_null())
    # all guests together count as one
    customers = int(active["customers"].sum()) + int(active["has_guests"].any())
    return min(settings.negative_rate, MAX_PAIRS_A_MIDNIGHT / max(1, customers * products))


@dataclass(frozen=True)
class SalesBeforeMidnights:
    """A step: which products of a block were on sale at midnights, and how many of its customers were active.

    Attributes:
        midnights: Days since 1970-01-01.
        active_days: A customer is active for this many days after an order.
    """

    midnights: tuple[int, ...]
    active_days: int

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Look through `SALES_COLUMNS` of order lines of whole customers, or of guests.

        Returns:
            `midnight`, `product_id` of each product on sale there; and a row of each midnight without product, with the
            number of active `customers`, and whether it `has_guests` who were.
        """
        numbers = lines.select("customer_id", "day").drop_nulls("customer_id")
        active = find_active(numbers, self.midnights, self.active_days)["cutoff_day"].to_numpy()
        guest_days = lines.filter(pl.col("customer_id").is_null())["day"].unique()
        counts = {
            "midnight": self.midnights,
            "customers": [int((active == midnight).sum()) for midnight in self.midnights],
            "has_guests": [
                bool(guest_days.is_between(midnight - self.active_days, midnight - 1).any())
                for midnight in self.midnights
            ],
        }
        days = lines.select("product_id", "day").unique()
        on_sale = [
            days.filter(pl.col("day").is_between(midnight - ON_SALE_DAYS, midnight - 1)).select(
                pl.lit(midnight, pl.Int64).alias("midnight"), pl.col("product_id").unique()
            )
            for midnight in self.midnights
        ]
        # what parts are put together of is added to them again, so that its columns are theirs
        return _add_sales(pl.concat([pl.DataFrame(counts, schema=_COUNTS), *on_sale], how="diagonal"))


_COUNTS: Final = {"midnight": pl.Int64(), "customers": pl.Int64(), "has_guests": pl.Boolean()}


def _add_sales(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("midnight", "product_id").agg(pl.col("customers").sum(), pl.col("has_guests").any())
