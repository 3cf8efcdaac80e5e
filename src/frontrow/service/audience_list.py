"""The ranked list of a saved audience, a page at a time: filtered, searched, and as a file without addresses."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from frontrow.launch.audience.audience import Audience
from frontrow.present.section import Sentence, Table
from frontrow.present.sections.audience import build_answers
from frontrow.present.sections.audience_answer import build_overview, describe_answer, describe_similar_launches
from frontrow.service.opening import OpenedShop
from frontrow.service.saved_audience import SavedAudience
from frontrow.tables.csv_output import write_csv

PAGE: Final = 25
"""Customers on one page."""

MOST_CHOICES: Final = 200
"""Countries, types and tags that a page offers, the most frequent first."""

KEY: Final = "customer facts"


@dataclass(frozen=True)
class ListFilter:
    """Which customers are listed; what is empty filters nothing.

    Attributes:
        product_id: The new product whose list it is; empty for the first.
        country: Customers whose last order went there.
        bought_type: Customers who have bought a product of this type.
        tag: Customers with this tag.
        customer: Only this customer, by number as a person types it.
        page: From 1.
        min_probability: Customers at least as likely to buy; None for all.
    """

    product_id: str = ""
    country: str = ""
    bought_type: str = ""
    tag: str = ""
    customer: str = ""
    page: int = 1
    min_probability: float | None = field(default=None, kw_only=True)

    @property
    def is_filtered(self) -> bool:
        """Whether some customers are left out."""
        words = self.country or self.bought_type or self.tag or self.customer
        return bool(words) or self.min_probability is not None


@dataclass(frozen=True)
class ListedCustomer:
    """One customer of the list.

    Attributes:
        rank: 1 is the likeliest buyer.
        customer_id: The number in the shop.
        probability: To buy within the horizon; None where there are no probabilities.
        reasons: Up to three sentences; empty where reasons were not looked for.
        days_since_last_order: Whole days.
        orders_365d: Order days within a year.
        spend_365d: Money spent within a year.
        similar_lines: Order lines of similar products.
        country: Where the last order went; None where that is not known.
    """

    rank: int
    customer_id: int
    probability: float | None
    reasons: tuple[str, ...]
    days_since_last_order: int | None
    orders_365d: int | None
    spend_365d: float | None
    similar_lines: int | None
    country: str | None


@dataclass(frozen=True)
class CustomerList:
    """One page of a ranked list.

    Attributes:
        customers: Those of the page, the likeliest buyer first.
        product_id: The new product whose list it is.
        matching: How many customers there are on all pages.
        ranked: How many were ranked for the product.
        expected: Buyers expected among those that match; None without probabilities.
        page: Which page it is, from 1.
        pages: How many there are.
        countries: Where last orders went, the most frequent first.
        bought_types: Types that were bought, the most frequent first.
        tags: Tags of customers, the most frequent first.
    """

    customers: tuple[ListedCustomer, ...]
    product_id: str
    matching: int
    ranked: int
    expected: float | None
    page: int
    pages: int
    countries: tuple[str, ...]
    bought_types: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class _CustomerFacts:
    """What customers are filtered by: one row a customer, and one a customer and type."""

    customers: pl.DataFrame
    types: pl.DataFrame
    tags: pl.DataFrame


@dataclass(frozen=True)
class AudienceAnswer:
    """What is to be said first of an audience.

    Attributes:
        product_id: The new product that it is about.
        title: Its title.
        sentences: How many buyers to expect, how sure that is, and what the top of the list holds.
        message: What a reader must know of the probabilities, once for all products; empty for nothing.
        similar: What the past launches most like it sold; None where none is like it.
        products: (product_id, title) of all new products.
        overview: All new products beside each other; None where there is one.
        findings: What a person should look at in the new products.
    """

    product_id: str
    title: str
    sentences: tuple[Sentence, ...]
    message: str
    similar: Table | None
    products: tuple[tuple[str, str], ...]
    overview: Table | None
    findings: tuple[str, ...]


def answer_audience(saved: SavedAudience, product_id: str = "") -> AudienceAnswer:
    """Say what is expected of a new product of an audience.

    Args:
        saved: The audience.
        product_id: The product; empty, or one that it does not have, for the first.
    """
    answers, horizon_days = build_answers(saved.audience), saved.horizon_days
    chosen = next((answer for answer in answers if answer.product_id == product_id), answers[0])
    similar = describe_similar_launches(saved.similar_launches, chosen.product_id, horizon_days, saved.currency)
    return AudienceAnswer(
        chosen.product_id,
        chosen.title,
        tuple(describe_answer(chosen, horizon_days)),
        saved.audience.message or "",
        similar,
        tuple((answer.product_id, answer.title) for answer in answers),
        build_overview(answers, horizon_days) if len(answers) > 1 else None,
        tuple(
            f"{finding.sentence[:1].upper()}{finding.sentence[1:]}. {finding.consequence}" for finding in saved.findings
        ),
    )


def list_customers(shop: OpenedShop, audience: Audience, selection: ListFilter) -> CustomerList:
    """One page of the list of a product.

    Args:
        shop: The shop as it is now; whoever was forgotten since is not listed.
        audience: Everyone scored.
        selection: Which customers, and which page of them.
    """
    facts = _read_facts(shop)
    product_id = _choose_product(audience, selection.product_id)
    ranked = audience.rows.filter(pl.col("product_id") == product_id)
    matching = _filter(ranked, facts, selection)
    pages = max(1, -(-matching.height // PAGE))
    page = min(max(selection.page, 1), pages)
    probability = matching["probability"]
    return CustomerList(
        tuple(_describe(row) for row in matching.slice((page - 1) * PAGE, PAGE).iter_rows(named=True)),
        product_id,
        matching.height,
        ranked.height,
        float(probability.sum()) if probability.count() else None,
        page,
        pages,
        _by_count(facts.customers["country"]),
        _by_count(facts.types["product_type"]),
        _by_count(facts.tags["tag"]),
    )


def write_customers(shop: OpenedShop, audience: Audience, selection: ListFilter) -> bytes:
    """The customers that match, on all pages, as CSV: numbers, probabilities, figures and reasons, no address.

    Args:
        shop: The shop as it is now.
        audience: Everyone scored.
        selection: Which customers.
    """
    file = io.BytesIO()
    write_csv(select_customers(shop, audience, selection), file)
    return file.getvalue()


def select_customers(shop: OpenedShop, audience: Audience, selection: ListFilter) -> pl.DataFrame:
    """The customers of a product's list that match, on all pages, by rank; by number, without addresses.

    Args:
        shop: The shop as it is now; whoever was forgotten since is not listed.
        audience: Everyone scored.
        selection: Which customers.
    """
    product_id = _choose_product(audience, selection.product_id)
    rows = audience.rows.filter(pl.col("product_id") == product_id)
    return _filter(rows, _read_facts(shop), selection).drop("source_id", strict=False)


def _choose_product(audience: Audience, product_id: str) -> str:
    """The product, or the first where there is none of that id."""
    product_ids = audience.rows["product_id"].unique(maintain_order=True).to_list()
    return product_id if product_id in product_ids else str(product_ids[0])


def _filter(rows: pl.DataFrame, facts: _CustomerFacts, selection: ListFilter) -> pl.DataFrame:
    # whoever was forgotten since the list was made has no row among the customers any more
    matching = rows.join(facts.customers, on="customer_id", how="inner", maintain_order="left")
    if selection.country:
        matching = matching.filter(pl.col("country") == selection.country)
    if selection.bought_type:
        buyers = facts.types.filter(pl.col("product_type") == selection.bought_type)
        matching = matching.join(buyers, on="customer_id", how="semi", maintain_order="left")
    if selection.tag:
        tagged = facts.tags.filter(pl.col("tag") == selection.tag)
        matching = matching.join(tagged, on="customer_id", how="semi", maintain_order="left")
    if selection.min_probability is not None:
        matching = matching.filter(pl.col("probability") >= selection.min_probability)
    if selection.customer:
        number = selection.customer.strip()
        matching = matching.filter(pl.col("customer_id").cast(pl.String) == number)
    return matching.sort("rank")


def _describe(row: dict[str, Any]) -> ListedCustomer:
    return ListedCustomer(
        rank=row["rank"],
        customer_id=row["customer_id"],
        probability=row["probability"],
        reasons=tuple(row.get("reasons") or ()),
        days_since_last_order=row["days_since_last_order"],
        orders_365d=row["orders_365d"],
        spend_365d=row["spend_365d"],
        similar_lines=row["similar_lines"],
        country=row["country"],
    )


def _read_facts(shop: OpenedShop) -> _CustomerFacts:
    return shop.history.compute_once(KEY, lambda: _compute_facts(shop))


def _compute_facts(shop: OpenedShop) -> _CustomerFacts:
    history = shop.history
    lines = history.lines.filter(pl.col("customer_id").is_not_null())
    last = (
        lines.filter(pl.col("country").is_not_null())
        .sort("ordered_at", maintain_order=True)
        .group_by("customer_id")
        .agg(pl.col("country").last())
    )
    customers = history.customers.select("customer_id", "tags").collect()
    types = history.products.select("product_id", "product_type").drop_nulls()
    return _CustomerFacts(
        customers.select("customer_id").join(last.collect(), on="customer_id", how="left"),
        lines.select("customer_id", "product_id")
        .unique()
        .join(types.lazy(), on="product_id")
        .select("customer_id", "product_type")
        .unique()
        .collect(),
        customers.select("customer_id", tag=pl.col("tags").str.split(","))
        .explode("tag", empty_as_null=True)
        .with_columns(pl.col("tag").str.strip_chars())
        .filter(pl.col("tag") != "")
        .unique(),
    )


def _by_count(values: pl.Series) -> tuple[str, ...]:
    counts = values.rename("value").drop_nulls().to_frame().group_by("value").len()
    texts: Collection[str] = counts.sort("len", "value", descending=[True, False])["value"].head(MOST_CHOICES)
    return tuple(texts)
