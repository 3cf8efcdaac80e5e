"""Shops whose taste lies in what titles do not say: in images alone, or behind titles that are codes.

`make_image_shop` draws customers who like a shape and a palette; the products' titles are numbers and there are no
types, so that only the images say which product has which. `make_style_shop` has the same customers with less strong a
taste, and vectors of the two traits in place of images. `make_code_shop` is the demo's garden shop with codes for
titles; vectors of what its products truly are, with noise, carry the style.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.shop.cutoff import EPOCH
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.synthetic.catalogue import BANDS
from frontrow.synthetic.vocabulary import PRODUCT_TYPES, STYLES

SHAPES = ("disc", "square", "triangle", "ring", "stripes", "dots")
PALETTES = ((200, 40, 40), (40, 90, 200), (40, 150, 70), (230, 180, 40), (120, 60, 160), (60, 60, 60))
"""The middle colour of each palette, red, green and blue."""

LIKED = 8.0
"""How much likelier a customer buys a product for its shape, and again for its palette."""

NEW_DAYS, NEWNESS = 45, 10.0
"""A product of so few days sells so many times better."""

DAYS, FIRST_DAY = 730, dt.date(2024, 1, 1)
SIDE = 96


@dataclass(frozen=True)
class ImageShop:
    """A shop, and what its products look like.

    Attributes:
        shop: Titles are numbers, and there are no types, vendors or tags.
        shapes: Position in `SHAPES` of each product, in the order of `shop.products`.
        palettes: Position in `PALETTES` of each.
        seed: Of the drawings.
    """

    shop: Shop
    shapes: NDArray[np.int64]
    palettes: NDArray[np.int64]
    seed: int

    def draw(self) -> dict[str, bytes]:
        """The image of each product as PNG, by product id."""
        rng = np.random.default_rng([self.seed, 1])
        looks = zip(self.shop.products["product_id"], self.shapes, self.palettes, strict=True)
        return {product_id: draw_product(SHAPES[shape], PALETTES[palette], rng) for product_id, shape, palette in looks}


def make_image_shop(
    seed: int, *, customers: int = 2_000, products: int = 250, launches: int = 150, liked: float = LIKED
) -> ImageShop:
    """Draw the shop.

    Args:
        seed: The same seed gives the same shop.
        customers: How many.
        products: On sale from the first day on.
        launches: Products that come later, one by one.
        liked: How much likelier a customer buys a product for its shape, and again for its palette.
    """
    rng = np.random.default_rng([seed, 0])
    count = products + launches
    shapes, palettes = rng.integers(0, len(SHAPES), count), rng.integers(0, len(PALETTES), count)
    first = np.concatenate([np.zeros(products, int), np.sort(rng.integers(40, DAYS - 5, launches))])
    appeal = np.exp(rng.normal(0, 0.6, count))
    ids = pl.Series("product_id", [f"p{number:04d}" for number in rng.permutation(count)])
    table = pl.DataFrame({"product_id": ids, "title": "No. " + ids.str.slice(1)}).with_columns(
        price=pl.Series(np.round(np.exp(rng.normal(3.2, 0.4, count)), 2))
    )
    orders = _draw_orders(rng, customers, (shapes, palettes), first, appeal, liked=liked)
    lines = orders.with_columns(table[orders["product"].to_list()].select("product_id", "price")).drop("product")
    people = pl.DataFrame({"customer_id": np.arange(1, customers + 1)})
    shop = Shop.from_tables(lines, table, people, settings=ShopSettings(time_zone="UTC", currency="EUR"))
    return ImageShop(shop, shapes, palettes, seed)


def _draw_orders(
    rng: np.random.Generator,
    customers: int,
    looks: tuple[NDArray[np.int64], NDArray[np.int64]],
    first: NDArray[np.int64],
    appeal: NDArray[np.float64],
    *,
    liked: float,
) -> pl.DataFrame:
    """Order lines with the position of their product."""
    favourites = rng.integers(0, len(SHAPES), customers), rng.integers(0, len(PALETTES), customers)
    arrival = rng.integers(0, DAYS - 30, customers)
    counts = 1 + rng.poisson(rng.gamma(0.8, 16.0, customers) * (DAYS - arrival) / DAYS)
    buyer = np.repeat(np.arange(customers), counts)
    day = (arrival[buyer] + rng.random(len(buyer)) * (DAYS - arrival[buyer])).astype(int)
    order = np.repeat(np.arange(len(buyer)), 1 + rng.poisson(0.8, len(buyer)))
    taste = [np.where(favourites[kind][:, None] == looks[kind], liked, 1.0) for kind in (0, 1)]
    product = np.empty(len(order), dtype=np.int64)
    for today in np.unique(day):
        rows = np.flatnonzero(day[order] == today)
        age = today - first
        weight = appeal * (age >= 0) * np.where((first > 0) & (age < NEW_DAYS), NEWNESS, 1.0)
        of_buyer = buyer[order[rows]]
        cumulative = (taste[0][of_buyer] * taste[1][of_buyer] * weight).cumsum(axis=1)
        product[rows] = (cumulative < rng.random(len(rows))[:, None] * cumulative[:, -1:]).sum(axis=1)
    midnight = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
    table = pl.DataFrame({"order": order, "product": product}).unique(maintain_order=True)
    number = table["order"].to_numpy()
    return table.select(
        order_id="#" + pl.col("order").cast(pl.String),
        line_number=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("order"),
        customer_id=pl.Series(buyer[number] + 1),
        ordered_at=pl.lit(midnight) + pl.duration(days=pl.Series(day[number]), hours=pl.col("order") % 12 + 8),
        day=pl.Series(day[number] + (FIRST_DAY - EPOCH).days, dtype=pl.Int32),
        product="product",
        quantity=pl.lit(1, pl.Int64),
        discount=pl.lit(0.0),
    ).sort("ordered_at", "order_id", "line_number")


def draw_product(shape: str, colour: tuple[int, int, int], rng: np.random.Generator) -> bytes:
    """A small image of one product on white, as PNG: where it stands, its size, shade and grain are chance."""
    from PIL import Image, ImageDraw

    shade = tuple(int(np.clip(part + rng.normal(0, 22), 0, 255)) for part in colour)
    size, (left, top) = rng.integers(44, 76), rng.integers(6, 18, 2)
    right, bottom = left + size, top + size
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    if shape == "disc":
        draw.ellipse((left, top, right, bottom), fill=shade)
    elif shape == "square":
        draw.rectangle((left, top, right, bottom), fill=shade)
    elif shape == "triangle":
        draw.polygon([(left, bottom), (right, bottom), ((left + right) // 2, top)], fill=shade)
    elif shape == "ring":
        draw.ellipse((left, top, right, bottom), outline=shade, width=int(size) // 6)
    elif shape == "stripes":
        for offset in range(0, int(size), int(size) // 5):
            draw.rectangle((left, top + offset, right, top + offset + int(size) // 10), fill=shade)
    else:
        for column in range(4):
            for row in range(4):
                x, y, dot = left + column * size // 4, top + row * size // 4, size // 7
                draw.ellipse((x, y, x + dot, y + dot), fill=shade)
    grain = np.asarray(image, dtype=np.float64) + rng.normal(0, 6, (SIDE, SIDE, 1))
    file = io.BytesIO()
    Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def make_style_shop(seed: int, *, customers: int = 2_000, noise: float = 0.7) -> tuple[Shop, ProductVectors]:
    """Titles that are codes, customers who like two traits of a style, and vectors that carry these traits.

    Args:
        seed: The same seed gives the same shop.
        customers: How many.
        noise: Standard deviation of what is added to each of the vectors' numbers, whose own is about 1.4.
    """
    plant = make_image_shop(seed, customers=customers, liked=5.0)
    rng = np.random.default_rng([seed, 3])
    traits = np.hstack([np.eye(len(SHAPES))[plant.shapes], np.eye(len(PALETTES))[plant.palettes]])
    values = traits @ rng.normal(size=(traits.shape[1], 48)) + rng.normal(0, noise, (len(traits), 48))
    ids = plant.shop.products["product_id"].to_list()
    return plant.shop, ProductVectors(ids, [None] * len(ids), values.astype(np.float32))


def make_code_shop(seed: int, *, customers: int = 2_000, noise: float = 0.5) -> tuple[Shop, ProductVectors]:
    """The garden shop with codes for titles and nothing else to go by, and vectors of what its products truly are.

    Args:
        seed: The same seed gives the same shop.
        customers: How many.
        noise: Standard deviation of what is added to each of the vectors' numbers, whose own is about 1.
    """
    garden = SyntheticShop(customers=customers, seed=seed, lines_a_year=10.0, launches_a_month=4.0)
    shop, catalogue = garden.shop(), garden.world.catalogue
    rng = np.random.default_rng([seed, 2])
    titles = shop.products["title"].unique().sort().to_list()
    codes = dict(zip(titles, (f"{number:04d}" for number in rng.permutation(len(titles)) + 1_000), strict=True))
    empty = [
        pl.lit(None).cast(shop.products.schema[name]).alias(name)
        for name in ("product_type", "vendor", "tags", "description", "aliases")
    ]
    products = shop.products.with_columns(pl.col("title").replace_strict(codes), *empty)
    traits = [
        np.eye(size)[positions]
        for size, positions in (
            (len(PRODUCT_TYPES), catalogue.kind),
            (len(STYLES), catalogue.style),
            (len(BANDS), catalogue.band),
        )
    ]
    latent = np.hstack(traits)
    values = latent @ rng.normal(0, 0.6, (latent.shape[1], 48)) + rng.normal(0, noise * 0.6, (len(latent), 48))
    ids = catalogue.frame["product_id"].to_list()
    return replace(shop, products=products), ProductVectors(ids, [None] * len(ids), values.astype(np.float32))
