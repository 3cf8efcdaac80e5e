"""What was asked of a campaign: products, channel, money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.plan import CampaignPlan
from frontrow.present.sections.answer import MOST_PRODUCTS
from frontrow.present.wording import count, date, decimal, money, percent

CHANNELS: Final = {"email": "E-mail", "sms": "Text message"}


def facts(planned: CampaignPlan, currency: str) -> list[tuple[str, str]]:
    """Pairs of a term and what was asked, as they are shown."""
    campaign = planned.campaign
    told = [new(campaign.products, currency), ("Channel", CHANNELS[campaign.channel])]
    if planned.curve is None:
        return [*told, ("Length", f"{count(campaign.list_length)} customers, as asked for; no margin was given.")]
    return [*told, ("Money", economics(planned.curve.economics, currency))]


def new(asked: Sequence[Mapping[str, Any]], currency: str) -> tuple[str, str]:
    """The new products: titles, with price and launch day where they were told."""
    told = "; ".join(_product(one, currency) for one in asked[:MOST_PRODUCTS])
    more = len(asked) - MOST_PRODUCTS
    term = "New product" if len(asked) == 1 else f"{count(len(asked))} new products"
    return term, f"{told}; and {count(more)} more" if more > 0 else told


def economics(given: Economics, currency: str) -> str:
    """Margin, costs and limits in one line."""
    told = [
        f"{money(given.margin, currency)} earned on a unit",
        f"{contact_cost(given.contact_cost, currency)} a contact",
    ]
    if given.margins:
        told[0] += " where a product has no margin of its own"
    if given.discount:
        told.append(f"{money(given.discount, currency)} off for those contacted")
    if given.units_per_buyer != 1:
        told.append(f"{decimal(given.units_per_buyer, 1)} units a buyer")
    if given.capacity is not None:
        told.append(f"at most {count(given.capacity)} contacts")
    if given.budget is not None:
        told.append(f"at most {money(given.budget, currency)} for contacts")
    if given.stock is not None:
        told.append(f"{count(given.stock)} units in stock")
    return f"{', '.join(told)}. {share(given)}"


def share(given: Economics) -> str:
    """The incremental share: an assumption with its range, or as measured."""
    one = given.incremental_share
    ends = f"{percent(one.low)} to {percent(one.high)}"
    if one.measured:
        return f"{percent(one.expected)} ({ends}) of the buyers would not have bought anyway, as a hold-out measured."
    return f"Assumed: {ends} of the buyers would not have bought anyway; reckoned with {percent(one.expected)}."


def _product(one: Mapping[str, Any], currency: str) -> str:
    told = [money(one["price"], currency)] if one.get("price") is not None else []
    told += [f"margin {money(one['margin'], currency)}"] if one.get("margin") is not None else []
    told += [f"{count(one['stock'])} in stock"] if one.get("stock") is not None else []
    told += [f"from {date(one['launch_day'])}"] if one.get("launch_day") is not None else []
    return f"{one['title']} ({', '.join(told)})" if told else str(one["title"])


def contact_cost(amount: float, currency: str) -> str:
    """A contact may cost less than a cent."""
    if 0 < amount < 0.1:
        return f"{amount:.4f}".rstrip("0") + (f"\u202f{currency}" if currency else "")
    return money(amount, currency)
