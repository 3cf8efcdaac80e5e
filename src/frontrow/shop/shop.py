"""The shop: validated order lines, products and customers, and the only road from them to anything learned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from frontrow.engines.blocks import SIZE_SCHEMA, OrderBlocks, no_sizes
from frontrow.engines.engine import Engine
from frontrow.engines.local import LOCAL
from frontrow.errors import ShopError
from frontrow.schema import FIRST_DAY, conform, last_day, order_state_schema
from frontrow.shop.cutoff import EPOCH, is_before, read_instant, round_up_to_day, to_utc
from frontrow.shop.frames import check_references, conform_customers, conform_orders, conform_products
from frontrow.shop.history import History
from frontrow.shop.order_blocks import sort_into_blocks
from frontrow.shop.product_rules import RULES, ProductRules
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.publish import scan_where_published
from frontrow.shop.published import open_published
from frontrow.shop.settings import SECTION, ShopSettings
from frontrow.shop.table_checks import check_customers, check_orders, check_products
from frontrow.shop.unsubscribed import Unsubscribed
from frontrow.storage.address import ShopAddress, is_address
from frontrow.storage.commit import commit
from frontrow.storage.pointer import CUSTOMERS, ORDER_BLOCKS, ORDER_STATES, ORDERS, PRODUCTS, UNSUBSCRIBED
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.shop_tables import ShopTables
from frontrow.storage.waiting import DEFAULT_WAIT


@dataclass(frozen=True)
class Shop:
    """A shop's order history.

    Attributes:
        orders: Order lines as imported, non-products included (`schema.order_line_schema`).
        products: One row a product (`schema.PRODUCT_SCHEMA`).
        customers: One row a customer, with the personal data (`schema.CUSTOMER_SCHEMA`); consent is what the exports
            say, and a history knows better (`unsubscribed`).
        settings: Time zone, currency, grain, what was imported.
        rules: What is a product and what is not.
        launch_days: Launch days (days since 1970-01-01) that the shop states itself, by product id, where the first
            sale is not the launch.
        order_states: What is known of each order, those included that are no purchase (`schema.order_state_schema`);
            only an import reads it.
        vectors: Product vectors that the owner gave; None without them.
        unsubscribed: Who has unsubscribed through a message, whatever the exports say.
        block_sizes: Where the order lines of each block of customers are (`engines.blocks.SIZE_SCHEMA`); without rows
            for a small shop, and one in memory.
        engine: Where the work on order lines is done.
    """

    orders: pl.LazyFrame
    products: pl.DataFrame
    customers: pl.LazyFrame
    settings: ShopSettings
    rules: ProductRules
    launch_days: Mapping[str, int] = field(default_factory=dict)
    order_states: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    vectors: ProductVectors | None = None
    unsubscribed: Unsubscribed = field(default_factory=Unsubscribed, compare=False)
    block_sizes: pl.DataFrame = field(default_factory=no_sizes, compare=False)
    engine: Engine = field(default=LOCAL, compare=False)
    _tables: ShopTables | None = field(default=None, repr=False, compare=False)

    @classmethod
    def read(cls, folder: str | Path, *, hold: bool = True, published: bool = False) -> Shop:
        """Open the shop kept in `folder`; order lines stay on disk until they are needed.

        Other commands may change the shop meanwhile: this object and its histories keep what they opened.

        Args:
            folder: The shop's folder, or the address of a published shop, such as "s3://bucket/shop".
            hold: Keep the tables on disk as long as this object or one of its histories lives; False for a command
                that has the shop's lock until it is done with them.
            published: Read the order lines where the shop is published as it is in the folder, if it is, so that other
                machines can read them, too.

        Raises:
            ShopError: The folder holds no shop, a damaged one, or one of another format version.
        """
        folder = open_published(ShopAddress.parse(str(folder))) if is_address(str(folder)) else Path(folder)
        tables = ShopTables.open(folder, (ORDERS, ORDER_BLOCKS, PRODUCTS, CUSTOMERS, ORDER_STATES, UNSUBSCRIBED))
        settings = ShopSettings.parse(tables.pointer, folder)
        try:
            orders = _scan_orders(tables, published=published)
            believed = _believed(orders)
            shop = cls(
                orders=believed,
                products=tables.read(PRODUCTS),
                customers=tables.scan(CUSTOMERS),
                settings=settings,
                rules=ProductRules.read(folder / RULES),
                order_states=tables.scan(ORDER_STATES),
                unsubscribed=Unsubscribed.parse(tables),
                block_sizes=_read_sizes(tables) if believed is orders else no_sizes(),
                _tables=tables if hold else None,
            )
            check_orders(shop.orders, settings.time_zone, tables.pointer.tables[ORDERS].sha256)
            check_products(shop.products)
            check_customers(shop.customers)
        except (TypeError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise ShopError(
                f"{folder} has a table that frontrow did not write. Find out what is left with: frontrow check {folder}"
            ) from error
        if not hold:
            tables.close()
        return shop

    @classmethod
    def from_tables(
        cls,
        orders: Any,
        products: Any,
        customers: Any,
        *,
        settings: ShopSettings,
        rules: ProductRules | None = None,
    ) -> Shop:
        """A shop in memory, from frames of pandas, Polars (eager or lazy) or PyArrow, or DuckDB relations.

        Args:
            orders: `schema.order_line_schema`; `frames.conform_orders` says which columns may be missing.
            products: `schema.PRODUCT_SCHEMA`; `product_id` and `title` are required.
            customers: `schema.CUSTOMER_SCHEMA`; `customer_id` is required.
            settings: Time zone, currency, grain.
            rules: What is no product; the default rules if None.

        Raises:
            FrameError: A table is no frame, a column is missing or of another type, a value is out of range, or an
                order line names a product or customer that has no row; names the column and the row, counted from 0.
        """
        lines = conform_orders(orders, settings.time_zone)
        states = conform(lines.select("order_id").unique().sort("order_id"), order_state_schema(settings.time_zone))
        product_table, customer_table = conform_products(products), conform_customers(customers)
        check_references(lines, product_table, customer_table)
        return cls(
            orders=lines.lazy(),
            products=product_table,
            customers=customer_table.lazy(),
            settings=settings,
            rules=rules if rules is not None else ProductRules.default(),
            order_states=states.lazy(),
        )

    def write(self, folder: str | Path, *, wait: float = DEFAULT_WAIT) -> None:
        """Write the shop to `folder`: all of it or nothing, whatever interrupts it.

        Args:
            folder: The shop's folder, made if there is none.
            wait: Seconds to wait for another command that is changing the shop.

        Raises:
            ShopError: It is an address and no folder.
            ShopLockedError: Another command did not finish in time.
        """
        if is_address(str(folder)):
            raise ShopError("A shop is written to a folder. Write it to one, and publish that: frontrow publish.")
        folder = Path(folder)
        with lock_shop(folder, "import", wait=wait, new=True):
            commit(folder, self.to_tables(), {SECTION: self.settings.to_section()}, texts={RULES: self.rules.to_json()})

    def to_tables(self, sizes: pl.DataFrame | None = None) -> dict[str, pl.LazyFrame]:
        """The tables as they are kept on disk, by name.

        Args:
            sizes: The sizes of the blocks that the order lines are in already; None where they have to be put in order.
        """
        orders, sizes = sort_into_blocks(self.orders) if sizes is None else (self.orders, sizes)
        return {
            ORDERS: orders,
            **({ORDER_BLOCKS: sizes.lazy()} if sizes.height else {}),
            PRODUCTS: self.products.lazy(),
            CUSTOMERS: self.customers,
            ORDER_STATES: self.order_states if self.order_states.collect_schema() else self._plain_states(),
        }

    def _plain_states(self) -> pl.LazyFrame:
        """The states of orders of which nothing else is known than that they are purchases."""
        ids = self.orders.select("order_id").unique().sort("order_id").collect()
        return conform(ids, order_state_schema(self.settings.time_zone)).lazy()

    @property
    def time_zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.settings.time_zone)

    def lines(self) -> pl.LazyFrame:
        """Order lines of real products only, as the shop's rules decide them now."""
        return self._blocks().scan()

    def _blocks(self) -> OrderBlocks:
        dropped = self.rules.not_products(self.products)
        blocks = OrderBlocks(self.orders, sizes=self.block_sizes)
        return blocks.where(~pl.col("product_id").is_in(dropped["product_id"].implode()))

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
        return self.instant(EPOCH + dt.timedelta(days=day))

    def instant(self, cutoff: dt.datetime | dt.date) -> dt.datetime:
        """A cutoff in the shop's time zone: a naive instant is read in it, a date is its midnight."""
        return read_instant(cutoff, self.time_zone)

    def as_of(self, cutoff: dt.datetime | dt.date | None = None) -> History:
        """What was known before `cutoff`, and nothing else.

        A cutoff after `end()` is taken back to it: orders that an export does not reach are not known to be absent,
        and launches would seem to have found fewer buyers than they did.

        Args:
            cutoff: An instant (a naive one is read in the shop's time zone), a date (its midnight), or None
                for the midnight after the last order.

        Raises:
            ShopError: The shop has no order line, or the cutoff is out of range.

        Example:
            >>> from frontrow.synthetic import SyntheticShop
            >>> shop = SyntheticShop(customers=200, seed=1).shop()
            >>> history = shop.as_of(dt.date(2025, 1, 1))
            >>> history.lines.select(pl.col("day").max() < history.cutoff_day).collect().item()
            True
            >>> shop.as_of(dt.date(2099, 1, 1)).cutoff == shop.end()
            True
        """
        end = self.end()
        instant = end if cutoff is None else min(self.instant(cutoff), end, key=to_utc)
        blocks = self._blocks().where(is_before(instant, self.settings.time_zone))
        lines = blocks.scan()
        return History(
            cutoff=instant,
            cutoff_day=round_up_to_day(instant),
            lines=lines,
            products=self.products,
            customers=self.unsubscribed.withdraw_consent(self.customers),
            settings=self.settings,
            rules=self.rules,
            launch_days=self.launch_days,
            vectors=self.vectors,
            engine=self.engine,
            _blocks=(lines, blocks),
            _tables=self._tables,
        )

    def with_settings(self, settings: ShopSettings) -> Shop:
        """The same tables under other settings."""
        return replace(self, settings=settings)

    def with_launch_days(self, launch_days: Mapping[str, int]) -> Shop:
        """The same shop with the launch days that it states itself, by product id (days since 1970-01-01)."""
        return replace(self, launch_days=dict(launch_days))

    def with_vectors(self, vectors: ProductVectors | None) -> Shop:
        """The same shop with the product vectors that its owner gives."""
        return replace(self, vectors=vectors)

    def with_engine(self, engine: Engine) -> Shop:
        """The same shop with its order lines worked on by an engine."""
        return replace(self, engine=engine)


def _scan_orders(tables: ShopTables, *, published: bool) -> pl.LazyFrame:
    """The order lines: of the folder, or where they are published."""
    orders = tables.scan(ORDERS)
    where_published = scan_where_published(tables.folder, tables.pointer.tables[ORDERS]) if published else None
    return orders if where_published is None else where_published


def _read_sizes(tables: ShopTables) -> pl.DataFrame:
    """The sizes of the blocks of the order lines; without rows where they are in no blocks.

    Raises:
        ValueError: They are not those of the order lines.
    """
    if ORDER_BLOCKS not in tables:
        return no_sizes()
    sizes = tables.read(ORDER_BLOCKS)
    if dict(sizes.schema) != SIZE_SCHEMA or sizes["lines"].sum() != tables.pointer.tables[ORDERS].rows:
        raise ValueError("the blocks are not those of the order lines")
    return sizes


def _believed(orders: pl.LazyFrame) -> pl.LazyFrame:
    """Order lines without those dated where no order can be, which imports of today leave out as well."""
    first, last = orders.select(pl.col("day").min(), last=pl.col("day").max()).collect().row(0)
    earliest, latest = ((day - EPOCH).days for day in (FIRST_DAY, last_day(dt.datetime.now(dt.UTC).date())))
    if first is None or (earliest <= first and last <= latest):
        return orders
    return orders.filter(pl.col("day").is_between(earliest, latest))
