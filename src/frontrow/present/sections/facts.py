"""What was asked and of whom: the facts that every figure of a report rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.plan import CampaignPlan
from frontrow.launch.audience.audience import Audience
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.present.sections.audience import MAX_PRODUCTS
from frontrow.present.wording import NARROW_SPACE, count, date, decimal, instant, money, percent
from frontrow.shop.history import History

Fact = tuple[str, str]
"""A term and what holds for it, as they are shown."""

CONSIDERED: Final = "Considered"
"""Term of the fact that says who is active at the cutoff."""

CHANNELS: Final = {"email": "E-mail", "sms": "Text message"}


def describe_run(
    history: History, settings: LaunchSettings, audience: Audience | None, model: LaunchModel | BaselineModel | None
) -> list[Fact]:
    """The question, the cutoff, who is scored, and what the model learned from.

    Args:
        history: What the figures were made from.
        settings: Settings of the launch model.
        audience: Everyone scored, if anyone was.
        model: What scored them.
    """
    counts = _count_lines(history, settings)
    considered = audience.customers if audience is not None else counts["active"]
    facts = [
        ("The question", f"Who buys a product within {count(settings.horizon_days)} days of its launch?"),
        ("As of", f"{instant(history.cutoff)}, {history.settings.time_zone}. Nothing ordered later was looked at."),
        (
            CONSIDERED,
            f"{count(considered)} active customers: those with an order in the {count(settings.active_days)} days "
            f"before. {count(counts['customers'] - considered)} others ordered longer ago, or own the product, and are "
            "left out.",
        ),
        (
            "Never scored",
            f"Guests, who have no customer number. {percent(counts['guests'])} of the order lines are theirs.",
        ),
        ("The history", _describe_history(counts)),
    ]
    if isinstance(model, LaunchModel):
        facts.append(("Learned from", _describe_model(model, history)))
    elif model is not None:
        facts.append(("Ranked by", f"A simple rule: {model.baseline.name}."))
    return facts


def describe_campaign(plan: CampaignPlan, currency: str) -> list[Fact]:
    """Products, channel, and money or length of a campaign.

    Args:
        plan: What was decided.
        currency: The shop's.
    """
    campaign = plan.campaign
    facts = [describe_products(campaign.products, currency), ("Channel", CHANNELS[campaign.channel])]
    if plan.curve is None:
        return [*facts, ("Length", f"{count(campaign.list_length)} customers, as asked for; no margin was given.")]
    return [*facts, ("Money", describe_economics(plan.curve.economics, currency))]


def describe_products(products: Sequence[Mapping[str, Any]], currency: str) -> Fact:
    """The new products: titles, with price and launch day where they are given.

    Args:
        products: One mapping a product.
        currency: The shop's.
    """
    titles = "; ".join(_describe_product(product, currency) for product in products[:MAX_PRODUCTS])
    more = len(products) - MAX_PRODUCTS
    term = "New product" if len(products) == 1 else f"{count(len(products))} new products"
    return term, f"{titles}; and {count(more)} more" if more > 0 else titles


def describe_economics(economics: Economics, currency: str) -> str:
    """Margin, costs and limits in one line.

    Args:
        economics: What a campaign costs and earns.
        currency: The shop's.
    """
    margin = f"{money(economics.margin, currency)} earned on a unit"
    if economics.margins:
        margin += " where a product has no margin of its own"
    parts = [margin, f"{describe_contact_cost(economics.contact_cost, currency)} a contact"]
    if economics.discount:
        parts.append(f"{money(economics.discount, currency)} off for those contacted")
    if economics.units_per_buyer != 1:
        parts.append(f"{decimal(economics.units_per_buyer, 1)} units a buyer")
    if economics.capacity is not None:
        parts.append(f"at most {count(economics.capacity)} contacts")
    if economics.budget is not None:
        parts.append(f"at most {money(economics.budget, currency)} for contacts")
    if economics.stock is not None:
        parts.append(f"{count(economics.stock)} units in stock")
    return f"{', '.join(parts)}. {describe_incremental_share(economics)}"


def describe_incremental_share(economics: Economics) -> str:
    """The share of the buyers who would not have bought anyway: an assumption with its range, or as measured."""
    share = economics.incremental_share
    ends = f"{percent(share.low)} to {percent(share.high)}"
    if share.measured:
        return f"{percent(share.expected)} ({ends}) of the buyers would not have bought anyway, as a hold-out measured."
    return f"Assumed: {ends} of the buyers would not have bought anyway; reckoned with {percent(share.expected)}."


def describe_contact_cost(amount: float, currency: str) -> str:
    """The cost of one contact, which may be less than a cent.

    Args:
        amount: In the shop's currency.
        currency: The shop's.
    """
    if 0 < amount < 0.1:
        return f"{amount:.4f}".rstrip("0") + (f"{NARROW_SPACE}{currency}" if currency else "")
    return money(amount, currency)


def _describe_product(product: Mapping[str, Any], currency: str) -> str:
    parts = [money(product["price"], currency)] if product.get("price") is not None else []
    parts += [f"margin {money(product['margin'], currency)}"] if product.get("margin") is not None else []
    parts += [f"{count(product['stock'])} in stock"] if product.get("stock") is not None else []
    parts += [f"from {date(product['launch_day'])}"] if product.get("launch_day") is not None else []
    return f"{product['title']} ({', '.join(parts)})" if parts else str(product["title"])


def _describe_history(counts: dict[str, Any]) -> str:
    if counts["lines"] == 0:
        return "No order line."
    return f"{date(counts['first'])} to {date(counts['last'])}, {count(counts['lines'])} order lines."


def _describe_model(model: LaunchModel, history: History) -> str:
    launches = f"{count(model.launches)} past launches, with {count(model.buyers)} purchases by customers active then."
    return launches if model.cutoff == history.cutoff else f"{launches} All before {instant(model.cutoff)}."


def _count_lines(history: History, settings: LaunchSettings) -> dict[str, Any]:
    customer, recent = pl.col("customer_id"), pl.col("day") >= history.cutoff_day - settings.active_days
    table = history.lines.select(
        first=pl.col("day").min(),
        last=pl.col("day").max(),
        lines=pl.len(),
        guests=customer.null_count() / pl.len(),
        customers=customer.drop_nulls().n_unique(),
        active=customer.filter(recent).drop_nulls().n_unique(),
    )
    return table.collect().row(0, named=True)
