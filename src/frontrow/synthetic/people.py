"""The customers of the synthetic shop: what they like, how often they order, where they live, what they allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from frontrow.synthetic.catalogue import BANDS
from frontrow.synthetic.choice import segment
from frontrow.synthetic.words import CITIES, FIRST_NAMES, LAST_NAMES, PRODUCT_TYPES, STYLES, WARM_TASTE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK: Final = 16_384  # customers drawn at a time; a part of what a seed means, so it is fixed
DAY: Final = 86_400
OPENING, CLOSING = 6 * 3600, 23 * 3600  # nobody orders at night, so no stamp falls into a change of the clocks
ONE_TIMERS: Final = 0.3
_CONCENTRATION: Final = 0.45  # of the Dirichlet tastes are drawn from: most customers like two or three types
_ADOPTERS: Final = 0.2
_EMAIL_CONSENT: Final = (0.68, 0.24, 0.08)  # yes, no, not known
_SMS_CONSENT: Final = (0.18, 0.72, 0.10)


@dataclass(frozen=True)
class People:
    """A block of customers, in order of first order, then e-mail.

    Attributes:
        first: Number of the first of them; `customer_id` counts from 1 in this order.
        first_second: When each ordered first: wall-clock seconds since the shop's first midnight.
        taste: Interest in each product type: [customers, types], summing to 1.
        segment: Style and price band liked, as one number.
        boost: How much more is made of new products; 0 is not at all.
        cadence: Orders a day, before seasons, right after the first order; 0 for one-timers.
        lasting: Days in which the cadence falls to 1/e.
        basket: Mean number of lines in an order beyond the first.
        city: Position in `CITIES`.
        names: source_id (the e-mail), first_name, last_name, email_consent, sms_consent (null: not known), number.
    """

    first: int
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
        """The numbers of these customers."""
        return self.first + np.arange(len(self), dtype=np.int64)

    @property
    def first_day(self) -> Ints:
        """Day of the first order, counted from the shop's first day."""
        return self.first_second // DAY

    def take(self, rows: Ints) -> People:
        """Some of them; `first` and `customer_id` no longer say who they are."""
        some = {name: getattr(self, name)[rows] for name in _BY_CUSTOMER}
        return People(first=self.first, names=self.names[rows], **some)


_BY_CUSTOMER: Final = ("first_second", "taste", "segment", "boost", "cadence", "lasting", "basket", "city")


@dataclass(frozen=True)
class Share:
    """Which part of all customers a block holds.

    Attributes:
        first: Number of its first customer, counted from 0.
        size: How many it holds.
        customers: How many the shop has in all.
    """

    first: int
    size: int
    customers: int

    @classmethod
    def of_block(cls, block: int, customers: int) -> Share:
        """The part that block number `block`, counted from 0, holds.

        Example:
            >>> Share.of_block(1, 20_000)
            Share(first=16384, size=3616, customers=20000)
        """
        first = block * BLOCK
        return cls(first=first, size=min(BLOCK, customers - first), customers=customers)


def draw_people(rng: np.random.Generator, arrivals: Floats, share: Share, *, cadence: float, heads: int) -> People:
    """Draw `heads` people who come when the customers of `share` do.

    Args:
        rng: Where chance comes from; one of its own for each block.
        arrivals: Share of the customers who have come by the start of each day, then 1.0: [days + 1].
        share: Which part of all customers.
        cadence: Median orders a day of those who come back, before seasons, right after the first order.
        heads: How many people to draw.
    """
    seconds = _first_seconds(rng, arrivals, share, heads)
    names = _names(rng, heads, share.first)
    order = np.lexsort((names["source_id"].rank("ordinal").to_numpy(), seconds))
    city_share = np.array([city.weight for city in CITIES])
    city = rng.choice(len(CITIES), heads, p=city_share / city_share.sum())
    liked_style = rng.integers(0, len(STYLES), heads)
    liked_band = rng.choice(len(BANDS), heads, p=(0.35, 0.4, 0.25))
    adopter = rng.random(heads) < _ADOPTERS
    comes_back = rng.random(heads) >= ONE_TIMERS
    return People(
        first=share.first + 1,
        first_second=seconds[order],
        taste=_taste(rng, city),
        segment=segment(liked_style, liked_band),
        boost=np.where(adopter, rng.gamma(4.0, 15.0, heads), rng.gamma(1.0, 8.0, heads)),
        cadence=np.where(comes_back, cadence * np.exp(rng.normal(0, 0.9, heads)), 0.0),
        lasting=np.clip(np.exp(rng.normal(np.log(300), 0.8, heads)), 20, 3000),
        basket=np.minimum(rng.gamma(0.7, 0.7, heads), 8),
        city=city,
        names=names[order],
    )


def together(people: People, guests: People) -> People:
    """Both, the guests behind the customers."""
    both = {name: np.concatenate([getattr(people, name), getattr(guests, name)]) for name in _BY_CUSTOMER}
    return People(first=people.first, names=pl.concat([people.names, guests.names]), **both)


def _first_seconds(rng: np.random.Generator, arrivals: Floats, share: Share, heads: int) -> Ints:
    """First orders within the block's share of the arrivals, so that numbers follow time over all blocks."""
    low, high = share.first / share.customers, (share.first + share.size) / share.customers
    after, before = _second_at(arrivals, np.array([low, high]))
    return np.clip(_second_at(arrivals, rng.uniform(low, high, heads)), after, max(after, before - 1))


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
            # mixed, so that an e-mail says nothing about when its customer came
            "number": start + rng.permutation(size),
        }
    )
    plain = pl.concat_str("first_name", pl.lit("."), "last_name").str.to_lowercase().str.replace_all("é", "e")
    plain = plain.str.replace_all("ë", "e").str.replace_all("'", "")
    return frame.select(pl.concat_str(plain, "number", pl.lit("@example.com")).alias("source_id"), pl.all())
