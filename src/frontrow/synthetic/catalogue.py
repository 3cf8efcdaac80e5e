"""The products of the synthetic shop: what they are, on which days they are on sale, and how popular they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from frontrow.synthetic.vocabulary import PLACES, PRODUCT_TYPES, PROMISES, STYLES, ProductType, Style

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BANDS: Final = (0.6, 1.0, 1.8)  # factors of the value, middle and premium price bands on a type's usual price
WREATHS: Final = next(i for i, kind in enumerate(PRODUCT_TYPES) if kind.name == "Wreaths")
RETURNING: Final = 4  # seasonal products that come back each September under a new SKU
FOREVER: Final = 1_000_000
MISLEADING: Final = 0.12  # share of products whose words name another style than their own
WITH_VARIANTS: Final = 0.25  # share of products
RANGE_SIZES: Final = (1, 1, 2, 2, 3)


@dataclass(frozen=True)
class Catalogue:
    """All products, including those not yet launched, sorted by product type.

    Attributes:
        frame: product_id, sku, title, product_type, vendor, price, cost, tags, description, returning, option and
            values (Colour: Cream, Sage; null and empty without variants), skus (one per variant).
        kind: Position in `PRODUCT_TYPES`.
        style: Position in `STYLES` of the true style; the words of the title may name another.
        band: Position in `BANDS`.
        appeal: Popularity, apart from taste.
        launch: First day on sale, counted from the shop's first day; below 0 when it was on sale before.
        end: First day on which it is no longer on sale.
    """

    frame: pl.DataFrame
    kind: Ints
    style: Ints
    band: Ints
    appeal: Floats
    launch: Ints
    end: Ints


def make_catalogue(
    rng: np.random.Generator, *, products: int, launches: float, first_day: dt.date, days: int
) -> Catalogue:
    """Draw the catalogue.

    Args:
        rng: Random generator.
        products: Number of products on sale before the first day.
        launches: Mean number of ranges of new products a month.
        first_day: The shop's first day.
        days: Number of days on which products are launched.

    Example:
        >>> catalogue = make_catalogue(
        ...     np.random.default_rng(0), products=60, launches=2, first_day=dt.date(2024, 1, 1), days=365
        ... )
        >>> bool((catalogue.launch >= 0).sum() > 40)
        True
    """
    builder = _CatalogueBuilder(rng)
    builder.add_old_products(products, days)
    builder.add_ranges(launches, days)
    builder.add_seasonal_returns(first_day, days)
    return builder.build()


class _CatalogueBuilder:
    """Appends products; `build` sorts and numbers them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.rows: list[dict[str, object]] = []
        self.titles: set[str] = set()

    def add_old_products(self, products: int, days: int) -> None:
        """Add products that were on sale before the history begins.

        Args:
            products: How many; the first of them cover every product type.
            days: Length of the history.
        """
        shares = np.array([kind.share for kind in PRODUCT_TYPES])
        for number in range(products):
            first_of_type = number < len(PRODUCT_TYPES)
            kind = number if first_of_type else int(self.rng.choice(len(shares), p=shares / shares.sum()))
            discontinued = self.rng.random() < 0.3 and not first_of_type  # each type is always on sale
            end = int(self.rng.integers(30, days)) if discontinued else FOREVER
            look = self.draw_look()
            launch = -int(self.rng.integers(60, 1500))
            self.add(kind, look, launch, end, self.rng.normal(0, 0.8))

    def add_ranges(self, launches: float, days: int) -> None:
        """Add ranges: one to three products of one look, launched on one day, mostly of one type.

        Args:
            launches: Ranges a month.
            days: Length of the history.
        """
        gap = 365.25 / 12 / launches
        day = gap * self.rng.random()
        while day < days:
            look, kind = self.draw_look(), int(self.rng.choice(len(PRODUCT_TYPES)))
            log_appeal = 1.2 + self.rng.normal(0, 0.7)
            one_type = self.rng.random() < 0.7
            for _ in range(int(self.rng.choice(RANGE_SIZES))):
                member = kind if one_type else int(self.rng.choice(len(PRODUCT_TYPES)))
                end = int(day + self.rng.integers(200, 1000))
                self.add(member, look, int(day), end, log_appeal + self.rng.normal(0, 0.4))
            day += gap * self.rng.uniform(0.6, 1.4)

    def add_seasonal_returns(self, first_day: dt.date, days: int) -> None:
        """Add the wreaths that return each autumn: same title, new SKU.

        Args:
            first_day: Day 0 of the history.
            days: Length of the history.
        """
        looks = [self.draw_look() for _ in range(RETURNING)]
        first: list[dict[str, object]] = []
        for year in range(first_day.year - 1, first_day.year + days // 365 + 2):
            launch = (dt.date(year, 9, 20) - first_day).days
            end = (dt.date(year + 1, 1, 8) - first_day).days
            if end <= 0 or launch >= days:
                continue
            for number, look in enumerate(looks):
                if len(first) < RETURNING:
                    self.add(WREATHS, look, launch + 2 * number, end, 0.5 + self.rng.normal(0, 0.5))
                    first.append(self.rows[-1])
                else:
                    self.rows.append({**first[number], "launch": launch + 2 * number, "end": end, "returning": True})

    def draw_look(self) -> tuple[int, Style, str, str, int]:
        """True style, style of the words, an adjective, a material and a price band."""
        style = int(self.rng.integers(len(STYLES)))
        worded = STYLES[int(self.rng.integers(len(STYLES)))] if self.rng.random() < MISLEADING else STYLES[style]
        band = int(self.rng.choice(len(BANDS), p=(0.3, 0.45, 0.25)))
        return style, worded, str(self.rng.choice(worded.adjectives)), str(self.rng.choice(worded.materials)), band

    def add(self, kind: int, look: tuple[int, Style, str, str, int], launch: int, end: int, log_appeal: float) -> None:
        """Add one product, with a title, price and variants drawn for it.

        Args:
            kind: Position in `PRODUCT_TYPES`.
            look: As `draw_look` gives it.
            launch: Day of the history on which it goes on sale; negative before the history.
            end: Day on which it is discontinued.
            log_appeal: Logarithm of how strongly customers are drawn to it.
        """
        style, worded, adjective, material, band = look
        title = self.draw_title(PRODUCT_TYPES[kind], adjective, material)
        price = PRODUCT_TYPES[kind].price * BANDS[band] * float(np.exp(self.rng.normal(0, 0.15)))
        price = max(1.5, round(price * 2) / 2) - 0.05
        option, values = self.draw_variants(PRODUCT_TYPES[kind])
        self.rows.append(
            {
                "title": title,
                "product_type": PRODUCT_TYPES[kind].name,
                "vendor": str(self.rng.choice(worded.vendors)),
                "price": price,
                "cost": round(price * self.rng.uniform(0.35, 0.55), 2),
                "tags": ", ".join([worded.name, material.lower()] if PRODUCT_TYPES[kind].made_of else [worded.name]),
                "description": f"{title} for {self.rng.choice(PLACES)}, {self.rng.choice(PROMISES)}.",
                "option": option,
                "values": values,
                "returning": False,
                "kind": kind,
                "style": style,
                "band": band,
                "appeal": float(np.exp(log_appeal)),
                "launch": launch,
                "end": end,
            }
        )

    def draw_variants(self, kind: ProductType) -> tuple[str | None, list[str]]:
        """Option name and values of a product; most have none."""
        if self.rng.random() >= WITH_VARIANTS:
            return None, []
        option, values = kind.comes_in
        return option, sorted(
            self.rng.choice(values, int(self.rng.integers(2, len(values) + 1)), replace=False).tolist()
        )

    def draw_title(self, kind: ProductType, adjective: str, material: str) -> str:
        """A title that no product has yet.

        Args:
            kind: Gives the noun, and a word beside it.
            adjective: Comes first.
            material: Left out for a type that is not made of one.
        """
        title = ""
        for attempt in range(60):
            noun, extra = str(self.rng.choice(kind.nouns)), str(self.rng.choice(kind.extras))
            words = [adjective, material, noun, extra] if kind.made_of else [adjective, extra, noun]
            title = " ".join(word for word in words if word)
            title = title if attempt < 30 else f"{title} No. {attempt}"
            if title not in self.titles:
                break
        self.titles.add(title)
        return title

    def build(self) -> Catalogue:
        frame = (
            pl.DataFrame(self.rows, schema_overrides={"option": pl.String, "values": pl.List(pl.String)})
            .sort("launch", maintain_order=True)
            .with_row_index("number", offset=100)
        )
        code = pl.Series([kind.code for kind in PRODUCT_TYPES]).gather(frame["kind"])
        frame = frame.with_columns(pl.format("{}-{}", code, pl.col("number").cast(pl.String).str.zfill(4)).alias("sku"))
        handle = pl.col("title").str.to_lowercase().str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-")
        # a shop system gives the second product of a title a handle with a number behind it
        again = pl.int_range(pl.len()).over("title", order_by="number")
        frame = frame.with_columns(
            pl.when(again > 0).then(handle + "-" + again.cast(pl.String)).otherwise(handle).alias("product_id")
        )
        frame = frame.sort("kind", "number").with_columns(
            pl.struct("sku", "values").map_elements(_variant_skus, pl.List(pl.String)).alias("skus")
        )
        hidden = ("number", "kind", "style", "band", "appeal", "launch", "end")
        integers = {name: frame[name].cast(pl.Int64).to_numpy() for name in ("kind", "style", "band", "launch", "end")}
        return Catalogue(frame=frame.drop(hidden), appeal=frame["appeal"].to_numpy(), **integers)


def _variant_skus(product: dict[str, Any]) -> list[str]:
    return [f"{product['sku']}-{number + 1}" for number in range(len(product["values"]))] or [product["sku"]]
