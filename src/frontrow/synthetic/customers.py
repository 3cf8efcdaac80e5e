"""The customers of the synthetic shop: what they like, how often they order, where they live, what they consent to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from frontrow.synthetic.catalogue import BANDS
from frontrow.synthetic.vocabulary import CITIES, FIRST_NAMES, LAST_NAMES, PRODUCT_TYPES, STYLES, WARM_TASTE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK: Final = 16_384  # customers drawn at a time; fixed, because another size changes what a seed draws
DAY: Final = 86_400
OPENING, CLOSING = 6 * 3600, 23 * 3600  # no orders at night, so no timestamp falls into a change of the clocks
ONE_TIMERS: Final = 0.3
_CONCENTRATION: Final = 0.45  # of the Dirichlet distribution of tastes: most customers like two or three types
_ADOPTERS: Final = 0.2
_EMAIL_CONSENT: Final = (0.68, 0.24, 0.08)  # yes, no, unknown
_SMS_CONSENT: Final = (0.18, 0.72, 0.10)


@dataclass(frozen=True)
class CustomerBlock:
    """A block of customers with their fixed traits, sorted by first order, then e-mail.

    Attributes:
        first_id: `customer_id` of the first one; ids count from 1 in this order.
        first_second: Time of each customer's first order: wall-clock seconds since the shop's first midnight.
        taste: Interest in each product type: [customers, types], summing to 1.
        segment: Preferred style and price band, as one number; see `segment_of`.
        boost: Extra interest in new products; 0 is none.
        cadence: Orders a day, before seasons, right after the first order; 0 for one-timers.
        lasting: Days in which the cadence falls to 1/e.
        basket: Mean number of lines in an order beyond the first.
        city: Position in `CITIES`.
        names: source_id (the e-mail), first_name, last_name, email_consent, sms_consent (null: unknown), number.
    """

    first_id: int
    first_second: Ints
    taste: Floats
    segment: Ints
    boost: Floats
    cadence: Floats
    lasting: Floats
    basket: Floats
    city: Ints
    names: pl.DataFrame

    def __len__(self) -> int:
        return len(self.first_second)

    @property
    def customer_id(self) -> Ints:
        """The ids of these customers."""
        return self.first_id + np.arange(len(self), dtype=np.int64)

    @property
    def first_day(self) -> Ints:
        """Day of the first order, counted from the shop's first day."""
        return self.first_second // DAY

    def take(self, rows: Ints) -> CustomerBlock:
        """The customers of these rows; `customer_id` is no longer theirs."""
        taken = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return CustomerBlock(first_id=self.first_id, names=self.names[rows], **taken)


_ARRAYS: Final = ("first_second", "taste", "segment", "boost", "cadence", "lasting", "basket", "city")


def segment_of(style: Ints, band: Ints) -> Ints:
    """The segment of customers who prefer a style and a price band.

    Args:
        style: Position in `STYLES`.
        band: Position in `BANDS`.

    Example:
        >>> int(segment_of(np.array([1]), np.array([2]))[0])
        5
    """
    return style * len(BANDS) + band


@dataclass(frozen=True)
class BlockRange:
    """The part of all customers that a block contains.

    Attributes:
        first: Number of its first customer, counted from 0.
        size: Number of customers in the block.
        customers: Number of customers of the shop.
    """

    first: int
    size: int
    customers: int

    @classmethod
    def from_block(cls, block: int, customers: int) -> BlockRange:
        """The range of a block.

        Args:
            block: Number of the block, counted from 0.
            customers: Number of customers of the shop.

        Example:
            >>> BlockRange.from_block(1, 20_000)
            BlockRange(first=16384, size=3616, customers=20000)
        """
        first = block * BLOCK
        return cls(first=first, size=min(BLOCK, customers - first), customers=customers)


def draw_customers(
    rng: np.random.Generator, arrivals: Floats, block: BlockRange, *, cadence: float, size: int
) -> CustomerBlock:
    """Draw customers, or guests, who arrive when the customers of the block do.

    Args:
        rng: Random generator of this block alone.
        arrivals: Share of the customers who have arrived by the start of each day, then 1.0: [days + 1].
        block: The part of all customers.
        cadence: Median orders a day of those who order again, before seasons, right after the first order.
        size: Number of customers to draw.
    """
    seconds = _first_seconds(rng, arrivals, block, size)
    names = _names(rng, size, block.first)
    order = np.lexsort((names["source_id"].rank("ordinal").to_numpy(), seconds))
    city_share = np.array([city.weight for city in CITIES])
    city = rng.choice(len(CITIES), size, p=city_share / city_share.sum())
    style = rng.integers(0, len(STYLES), size)
    band = rng.choice(len(BANDS), size, p=(0.35, 0.4, 0.25))
    is_adopter = rng.random(size) < _ADOPTERS
    orders_again = rng.random(size) >= ONE_TIMERS
    return CustomerBlock(
        first_id=block.first + 1,
        first_second=seconds[order],
        taste=_taste(rng, city),
        segment=segment_of(style, band),
        boost=np.where(is_adopter, rng.gamma(4.0, 15.0, size), rng.gamma(1.0, 8.0, size)),
        cadence=np.where(orders_again, cadence * np.exp(rng.normal(0, 0.9, size)), 0.0),
        lasting=np.clip(np.exp(rng.normal(np.log(300), 0.8, size)), 20, 3000),
        basket=np.minimum(rng.gamma(0.7, 0.7, size), 8),
        city=city,
        names=names[order],
    )


def concat_blocks(customers: CustomerBlock, guests: CustomerBlock) -> CustomerBlock:
    """Both as one block.

    Args:
        customers: The first rows.
        guests: The rows after them.
    """
    both = {name: np.concatenate([getattr(customers, name), getattr(guests, name)]) for name in _ARRAYS}
    return CustomerBlock(first_id=customers.first_id, names=pl.concat([customers.names, guests.names]), **both)


def _first_seconds(rng: np.random.Generator, arrivals: Floats, block: BlockRange, size: int) -> Ints:
    """First orders within the block's share of the arrivals, so that ids follow time over all blocks."""
    low, high = block.first / block.customers, (block.first + block.size) / block.customers
    after, before = _second_at(arrivals, np.array([low, high]))
    return np.clip(_second_at(arrivals, rng.uniform(low, high, size)), after, max(after, before - 1))


def _second_at(arrivals: Floats, share: Floats) -> Ints:
    day = np.clip(np.searchsorted(arrivals, share, side="right") - 1, 0, len(arrivals) - 2)
    within = (share - arrivals[day]) / (arrivals[day + 1] - arrivals[day])
    return (day * DAY + OPENING + np.clip(within, 0, 0.999999) * (CLOSING - OPENING)).astype(np.int64)


def _taste(rng: np.random.Generator, city: Ints) -> Floats:
    taste = rng.gamma(_CONCENTRATION, 1.0, (len(city), len(PRODUCT_TYPES))) + 1e-3
    warm = np.array([place.warm for place in CITIES])[city]
    taste *= np.where(warm[:, None], np.array(WARM_TASTE), 1.0)
    return np.asarray(taste / taste.sum(axis=1, keepdims=True), dtype=np.float64)


def _names(rng: np.random.Generator, size: int, start: int) -> pl.DataFrame:
    consent = pl.Series([True, False, None], dtype=pl.Boolean)
    frame = pl.DataFrame(
        {
            "first_name": pl.Series(FIRST_NAMES).gather(rng.integers(0, len(FIRST_NAMES), size)),
            "last_name": pl.Series(LAST_NAMES).gather(rng.integers(0, len(LAST_NAMES), size)),
            "email_consent": consent.gather(rng.choice(3, size, p=_EMAIL_CONSENT)),
            "sms_consent": consent.gather(rng.choice(3, size, p=_SMS_CONSENT)),
            # shuffled, so that an e-mail does not depend on the time of the first order
            "number": start + rng.permutation(size),
        }
    )
    plain = pl.concat_str("first_name", pl.lit("."), "last_name").str.to_lowercase().str.replace_all("é", "e")
    plain = plain.str.replace_all("ë", "e").str.replace_all("'", "")
    # consent to text messages belongs to a phone number
    texts = pl.when(phone_number(pl.col("number")).is_not_null()).then("sms_consent").alias("sms_consent")
    frame = frame.with_columns(texts)
    return frame.select(pl.concat_str(plain, "number", pl.lit("@example.com")).alias("source_id"), pl.all())


def phone_number(number: pl.Expr) -> pl.Expr:
    """A phone number between 555-0100 and 555-0199, a range reserved for fiction; seven in ten customers have one."""
    text = pl.format("+1{}55501{}", 201 + number % 700, (number % 100).cast(pl.String).str.zfill(2))
    return pl.when(number % 10 < 7).then(text)
