"""New products that the shop sells already: recognised by id, SKU or title, with everyone who has them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from frontrow.errors import LaunchError
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.settings import LaunchSettings
from frontrow.masking import describe_value
from frontrow.shop.cutoff import EPOCH
from frontrow.shop.history import History
from frontrow.tables.nearest_name import fold_name

SOLD_SCHEMA: Final = {
    "launch": pl.Int32(),
    "new_product_id": pl.String(),
    "title": pl.String(),
    "product_id": pl.String(),
    "sold_as": pl.String(),
    "matched_by": pl.String(),
    "first_day": pl.Int32(),
    "launch_day": pl.Int32(),
    "under_way": pl.Boolean(),
    "owners": pl.Int64(),
}
"""Columns of `SoldProducts.rows`.

* `launch`: row number among the new products.
* `new_product_id`, `title`: as the new product is called.
* `product_id`, `sold_as`: id and title of the shop's product; of several, the one launched last.
* `matched_by`: `product_id`, `sku` or `title`.
* `first_day`, `launch_day`: of the shop's product, as days since 1970-01-01.
* `under_way`: its window is open: launched before the cutoff, and less than the horizon ago.
* `owners`: number of customers with an order line of it.
"""

OWNER_SCHEMA: Final = {"launch": pl.Int32(), "customer_id": pl.Int64()}


@dataclass(frozen=True)
class SoldProducts:
    """Which new products the shop has sold before the cutoff, and who has them.

    Attributes:
        rows: `SOLD_SCHEMA`, one row for each new product that was sold already.
        owners: `OWNER_SCHEMA`: everyone with an order line of the product, under any of its ids.
    """

    rows: pl.DataFrame
    owners: pl.DataFrame

    def resolve(self, products: pl.DataFrame, cycles: pl.DataFrame) -> pl.DataFrame:
        """The new products as the shop sells them; those not sold yet stay as they are.

        Args:
            products: `launch_files.NEW_PRODUCT_SCHEMA`, as given to `find_sold_products`.
            cycles: What `life_cycle.compute_life_cycles` returns for the same history.

        Returns:
            The same columns: of a product sold already, `product_id` is the shop's, and so is what the file leaves
            out (type, vendor, tags, price). Where its window is open, `launch_day` is the shop's too.
        """
        sold = {row["launch"]: row for row in self.rows.iter_rows(named=True)}
        if not sold:
            return products
        rows = list(products.iter_rows(named=True))
        for number, match in sold.items():
            (shop_product,) = cycles.filter(pl.col("product_id") == match["product_id"]).iter_rows(named=True)
            rows[number] = _fill(rows[number], shop_product, under_way=match["under_way"])
        return pl.DataFrame(rows, schema=products.schema)


def find_sold_products(
    products: pl.DataFrame, history: History, settings: LaunchSettings | None = None
) -> SoldProducts:
    """Find the new products that were sold before the cutoff.

    A product is the shop's if it has its id, one of its SKUs, or its title or an alias in any case, spacing and
    punctuation. In doubt it is: whoever has something of that name is not offered it as new.

    Args:
        products: `launch_files.NEW_PRODUCT_SCHEMA`; a table without `sku` is compared by id and title.
        history: What is known.
        settings: The horizon, within which a launch is under way.

    Raises:
        LaunchError: Two new products are the same product of the shop.

    Example:
        >>> from frontrow.testing.shops import hand_made_shop
        >>> history = hand_made_shop([(1, "Red Pot", 0), (2, "Red Pot", 5), (1, "Cup", 90)]).as_of()
        >>> new = pl.DataFrame({"product_id": ["a", "b"], "title": ["red  pot", "Blue pot"]})
        >>> find_sold_products(new, history).rows.select("launch", "product_id", "matched_by", "owners").rows()
        [(0, 'Red Pot', 'title', 2)]
    """
    settings = settings or LaunchSettings()
    cycles = compute_life_cycles(history, settings)
    keys = history.compute_once("keys of products sold", lambda: _ShopKeys.of(cycles))
    rows: list[dict[str, Any]] = []
    same: list[tuple[int, str]] = []
    for launch, product in enumerate(products.iter_rows(named=True)):
        matches = keys.match(product)
        if matches:
            rows.append(_describe(launch, product, matches, cycles, history, settings))
            same += [(launch, product_id) for product_ids in matches.values() for product_id in product_ids]
    _refuse_repeated(rows)
    owners = _find_owners(same, history)
    counts = owners.group_by("launch").agg(owners=pl.len().cast(pl.Int64))
    table = pl.DataFrame(rows, schema={name: dtype for name, dtype in SOLD_SCHEMA.items() if name != "owners"})
    counted = table.join(counts, on="launch", how="left", maintain_order="left")
    return SoldProducts(counted.with_columns(pl.col("owners").fill_null(0)), owners)


def require_under_way(products: pl.DataFrame, sold: SoldProducts, history: History, horizon_days: int) -> None:
    """Make sure that each product is on sale, and its window open, where the first days of sales are asked for.

    Args:
        products: `launch_files.NEW_PRODUCT_SCHEMA`.
        sold: What `find_sold_products` returns for them.
        history: What is known.
        horizon_days: The window.

    Raises:
        LaunchError: A product has no sale before the cutoff, or its window is not open.
    """
    by_launch = {row["launch"]: row for row in sold.rows.iter_rows(named=True)}
    cutoff = history.cutoff.date()
    for launch, title in enumerate(products["title"]):
        name, match = describe_value(title), by_launch.get(launch)
        if match is None:
            raise LaunchError(
                f"{name} has no sale before {cutoff}. Give the product_id or title it is sold under, or leave out "
                "--sales-so-far."
            )
        if not match["under_way"]:
            raise LaunchError(
                f"{name} was launched on {to_date(match['launch_day'])}; on {cutoff} its first {horizon_days} days "
                "were not under way. Give another day with --as-of, or leave out --sales-so-far to rank those without "
                "it as for a relaunch."
            )


def to_date(day: int) -> dt.date:
    """A day, counted from 1970-01-01, as a date."""
    return EPOCH + dt.timedelta(days=day)


@dataclass(frozen=True)
class _ShopKeys:
    """Ids of the products sold, by each of the names that a new product may have; of several, the last launched last.

    Attributes:
        product_ids: All of them.
        by_sku: By SKU, folded.
        by_title: By title and alias, folded.
    """

    product_ids: dict[str, list[str]]
    by_sku: dict[str, list[str]]
    by_title: dict[str, list[str]]

    @classmethod
    def of(cls, cycles: pl.DataFrame) -> _ShopKeys:
        """Read the names off the life-cycle table, which is in order of launch."""
        keys = cls({}, {}, {})
        for product_id, title, skus, aliases in cycles.select("product_id", "title", "skus", "aliases").iter_rows():
            keys.product_ids[product_id] = [product_id]
            for sku in skus or ():
                keys.by_sku.setdefault(_fold_code(sku), []).append(product_id)
            for name in dict.fromkeys(fold_name(name) for name in (title, *(aliases or ())) if name):
                keys.by_title.setdefault(name, []).append(product_id)
        return keys

    def match(self, product: dict[str, Any]) -> dict[str, list[str]]:
        """Product ids of the shop by what they have in common with a new product, the surest first."""
        product_id = product["product_id"] or ""
        candidates = {
            # people write a SKU in the place of an id
            "product_id": self.product_ids.get(product_id) or self.by_sku.get(_fold_code(product_id), []),
            "sku": self.by_sku.get(_fold_code(product.get("sku") or ""), []),
            "title": self.by_title.get(fold_name(product["title"] or ""), []),
        }
        return {name: product_ids for name, product_ids in candidates.items() if product_ids}


def _fold_code(code: str) -> str:
    return code.strip().casefold()


def _describe(
    launch: int,
    product: dict[str, Any],
    matches: dict[str, list[str]],
    cycles: pl.DataFrame,
    history: History,
    settings: LaunchSettings,
) -> dict[str, Any]:
    matched_by, product_ids = next(iter(matches.items()))
    shop_product = cycles.filter(pl.col("product_id") == product_ids[-1]).row(0, named=True)
    return {
        "launch": launch,
        "new_product_id": product["product_id"],
        "title": product["title"],
        "product_id": product_ids[-1],
        "sold_as": shop_product["title"],
        "matched_by": matched_by,
        "first_day": shop_product["first_day"],
        "launch_day": shop_product["launch_day"],
        "under_way": 0 < history.cutoff_day - shop_product["launch_day"] < settings.horizon_days,
    }


def _refuse_repeated(rows: list[dict[str, Any]]) -> None:
    titles: dict[str, str] = {}
    for row in rows:
        product_id, title = row["product_id"], describe_value(row["title"])
        if product_id in titles:
            raise LaunchError(
                f"{titles[product_id]} and {title} are the same product of the shop, {describe_value(product_id)}. "
                "Keep one of them."
            )
        titles[product_id] = title


def _find_owners(same: list[tuple[int, str]], history: History) -> pl.DataFrame:
    pairs = pl.DataFrame(same, schema={"launch": pl.Int32(), "product_id": pl.String()}, orient="row").unique()
    if pairs.is_empty():
        return pl.DataFrame(schema=OWNER_SCHEMA)
    lines = history.lines.select("customer_id", "product_id").drop_nulls("customer_id")
    owners = lines.join(pairs.lazy(), on="product_id").select("launch", "customer_id").unique().collect()
    return owners.cast(OWNER_SCHEMA).sort("launch", "customer_id")  # type: ignore[arg-type]


def _fill(row: dict[str, Any], shop_product: dict[str, Any], *, under_way: bool) -> dict[str, Any]:
    """A new product with what the shop knows of it where the file says nothing."""
    filled = {
        name: shop_product[name] if value is None else value for name, value in row.items() if name in shop_product
    }
    launch_day = shop_product["launch_day"] if under_way else row["launch_day"]
    return {**row, **filled, "product_id": shop_product["product_id"], "launch_day": launch_day}
