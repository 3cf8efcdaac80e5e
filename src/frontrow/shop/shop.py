"""The shop: validated order lines, products and customers, and the only road from them to anything learned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from frontrow.errors import ShopError
from frontrow.schema import CUSTOMER_SCHEMA, PRODUCT_SCHEMA, conform, order_line_schema
from frontrow.shop.product_rules import ProductRules
from frontrow.shop.settings import ShopSettings
from frontrow.storage.folder import CUSTOMERS, ORDERS, PRODUCTS, RULES, SETTINGS, replace_files, write_parquet

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Shop:
    """A shop's order history.

    Attributes:
        orders: Order lines as imported, non-products included (`schema.order_line_schema`).
        products: One row a product (`schema.PRODUCT_SCHEMA`).
        customers: One row a customer, with the personal data (`schema.CUSTOMER_SCHEMA`).
        settings: Time zone, currency, grain, what was imported.
        rules: What is a product and what is not.
    """

    orders: pl.LazyFrame
    products: pl.DataFrame
    customers: pl.LazyFrame
    settings: ShopSettings
    rules: ProductRules

    @classmethod
    def read(cls, folder: str | Path) -> Shop:
        """Open the shop kept in `folder`; order lines stay on disk until they are needed.

        Raises:
            ShopError: The folder holds no shop, a damaged one, or one of another format version.
        """
        folder = Path(folder)
        if not (folder / SETTINGS).is_file():
            raise ShopError(f"{folder} holds no shop. Make one with: frontrow import FILE... --shop {folder}")
        missing = [name for name in (ORDERS, PRODUCTS, CUSTOMERS) if not (folder / name).is_file()]
        if missing:
            raise ShopError(f"{folder} lacks {', '.join(missing)}. Import the shop's exports again into a new folder.")
        return cls(
            orders=_scanned(folder / ORDERS),
            products=_scanned(folder / PRODUCTS).collect(),
            customers=_scanned(folder / CUSTOMERS),
            settings=ShopSettings.from_json((folder / SETTINGS).read_text("utf-8"), file=folder / SETTINGS),
            rules=ProductRules.read(folder / RULES),
        )

    @classmethod
    def from_tables(
        cls,
        orders: pl.DataFrame,
        products: pl.DataFrame,
        customers: pl.DataFrame,
        *,
        settings: ShopSettings,
        rules: ProductRules | None = None,
    ) -> Shop:
        """A shop in memory; columns the tables lack are filled with nulls, dtypes are cast to the schema's."""
        return cls(
            orders=conform(orders, order_line_schema(settings.time_zone)).lazy(),
            products=conform(products, PRODUCT_SCHEMA),
            customers=conform(customers, CUSTOMER_SCHEMA).lazy(),
            settings=settings,
            rules=rules if rules is not None else ProductRules.default(),
        )

    def write(self, folder: str | Path) -> None:
        """Write the shop to `folder`: all files or none, whatever interrupts it."""
        folder = Path(folder)
        with replace_files(folder) as staged:
            write_parquet(self.orders, staged / ORDERS)
            write_parquet(self.products.lazy(), staged / PRODUCTS)
            write_parquet(self.customers, staged / CUSTOMERS)
            (staged / SETTINGS).write_text(self.settings.to_json(), "utf-8")
            (staged / RULES).write_text(self.rules.to_json(), "utf-8")

    @property
    def time_zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.settings.time_zone)

    def lines(self) -> pl.LazyFrame:
        """Order lines of real products only, as the shop's rules decide them now."""
        dropped = self.rules.not_products(self.products)
        return self.orders.filter(~pl.col("product_id").is_in(dropped["product_id"].implode()))

    def end(self) -> dt.datetime:
        """The midnight after the last order: the latest cutoff about which everything is known.

        Raises:
            ShopError: The shop has no order line.
        """
        last = self.orders.select(pl.col("day").max()).collect().item()
        if last is None:
            raise ShopError("The shop has no order line. Import an orders export first.")
        return self.midnight(last + 1)

    def midnight(self, day: int) -> dt.datetime:
        """The first instant of `day` (days since 1970-01-01) in the shop's time zone."""
        return _instant(EPOCH + dt.timedelta(days=day), self.time_zone)

    def as_of(self, cutoff: dt.datetime | dt.date | None = None) -> History:
        """What was known before `cutoff`, and nothing else.

        Args:
            cutoff: An instant (a naive one is read in the shop's time zone), a date (its midnight), or None
                for the midnight after the last order.

        Example:
            >>> from frontrow.synthetic import SyntheticShop
            >>> shop = SyntheticShop(customers=200, seed=1).shop()
            >>> history = shop.as_of(dt.date(2025, 1, 1))
            >>> history.lines.select(pl.col("day").max() < history.day).collect().item()
            True
        """
        instant = self.end() if cutoff is None else _instant(cutoff, self.time_zone)
        before = (instant.astimezone(dt.UTC) - dt.timedelta(microseconds=1)).astimezone(self.time_zone)
        return History(
            cutoff=instant,
            day=(before.date() - EPOCH).days + 1,
            lines=self.lines().filter(pl.col("ordered_at") < self._literal(instant)),
            products=self.products,
            shop=self,
        )

    def _literal(self, instant: dt.datetime) -> pl.Expr:
        """The instant in the shop's time zone, by way of UTC, which has every instant once."""
        utc = pl.lit(instant.astimezone(dt.UTC), pl.Datetime("us", "UTC"))
        return utc.dt.convert_time_zone(self.settings.time_zone)

    def with_settings(self, settings: ShopSettings) -> Shop:
        """The same tables under other settings."""
        return replace(self, settings=settings)


@dataclass(frozen=True)
class History:
    """A shop as it was known just before a cutoff; made by `Shop.as_of` only.

    Attributes:
        cutoff: The instant; every line in `lines` was ordered strictly before it.
        day: The cutoff as days since 1970-01-01, rounded up to the next midnight, so that a line's
            age `day - line.day` is at least one day.
        lines: Order lines of real products before the cutoff.
    """

    cutoff: dt.datetime
    day: int
    lines: pl.LazyFrame
    products: pl.DataFrame
    shop: Shop

    @property
    def closed_day(self) -> int:
        """The day the cutoff lies in, as days since 1970-01-01: windows that end by its midnight have closed."""
        return (self.cutoff.date() - EPOCH).days

    def first_days(self) -> pl.DataFrame:
        """`product_id` and `first_day` of every product sold before the cutoff, to guests too."""
        return self.lines.group_by("product_id").agg(first_day=pl.col("day").min()).collect()


def _scanned(file: Path) -> pl.LazyFrame:
    """A table that stays on disk, its end looked at: of a file that was cut, nothing can be read."""
    rows = pl.scan_parquet(file, glob=False)
    try:
        rows.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise ShopError(f"{file} is damaged. Import the shop's exports again into a new folder.") from error
    return rows


def _instant(cutoff: dt.datetime | dt.date, time_zone: ZoneInfo) -> dt.datetime:
    if not isinstance(cutoff, dt.datetime):
        cutoff = dt.datetime.combine(cutoff, dt.time())
    aware = cutoff.replace(tzinfo=time_zone) if cutoff.tzinfo is None else cutoff
    try:
        # Through UTC and back: where the clocks skip midnight, the day begins at one o'clock.
        return aware.astimezone(dt.UTC).astimezone(time_zone)
    except OverflowError as error:
        raise ShopError(f"{cutoff} is out of range. Give a date of the shop's lifetime.") from error
