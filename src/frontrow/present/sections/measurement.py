"""What a campaign caused, contacted against held-out: uplifts, tenths of the list, and what it earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from frontrow.campaign.record.campaign import Campaign
from frontrow.campaign.uplift import verdict
from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.measurement import Measurement, ProductMeasurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.present.charts import campaigns as charts
from frontrow.present.section import Block, Cell, Section, Sentence, Table
from frontrow.present.sections import next_steps
from frontrow.present.sections.facts import CHANNELS, Fact, describe_contact_cost
from frontrow.present.sections.next_steps import NOWHERE, Places
from frontrow.present.wording import ABSENT, count, counted, decimal, instant, minus, money, percent

MAX_PRODUCTS: Final = 6
"""Products drawn along their lists; `measured.json` has them all."""

OUTCOMES: Final[Mapping[str, str]] = {
    "conversion": "bought it, %",
    "units": "units",
    "revenue": "revenue of it",
    "any_revenue": "revenue of all products",
    "margin": "margin",
}
AMOUNTS_CAUTION: Final = (
    "Do not conclude from this amount that money was earned or lost: with few buyers, intervals of amounts are too "
    "short. Trust the number of buyers."
)
EARNED: Final[Mapping[str, str]] = {**OUTCOMES, "conversion": "buyers"}

VERDICT: Final = "verdict"
"""Name of the section of sentences that say whether the campaign did anything."""

DRAWINGS: Final = (("wide", 860), ("narrow", 400))


def build_sections(measurement: Measurement) -> list[Section]:
    """Effects of each product, along the list of a single one, and the verdict."""
    blocks: list[Block] = []
    if measurement.forgotten:
        sentence = f"{measurement.forgotten:,} customers assigned were forgotten since and count nowhere."
        blocks.append(Sentence(sentence))
    blocks += [_product_block(product, measurement) for product in measurement.products]
    if len(measurement.products) == 1:
        blocks += _decile_blocks(measurement.products[0])
    else:
        blocks.append(build_uplift_table("All products, each compared within itself", measurement.overall))
    conversion = measurement.overall_of("conversion")
    gain = "" if conversion is None else verdict.describe_cuped_gain(conversion)
    if gain:
        blocks.append(Sentence(gain))
    verdict_blocks = tuple(_verdict_sentences(measurement))
    return [Section("measurement", "", tuple(blocks)), Section(VERDICT, "", verdict_blocks)]


def _verdict_sentences(measurement: Measurement) -> list[Sentence]:
    conversion, margin = measurement.overall_of("conversion"), measurement.overall_of("margin")
    sentences = []
    if conversion is not None:
        sentences.append(Sentence(verdict.describe_conversion(conversion)))
    if margin is not None:
        sentences.append(Sentence(verdict.describe_margin(margin, measurement.contact_cost, measurement.currency)))
    if conversion is not None and margin is not None and not conversion.significant:
        sentences.append(Sentence(AMOUNTS_CAUTION))
    return sentences


def page_values(measurement: Measurement, campaign: Campaign, places: Places = NOWHERE) -> dict[str, Any]:
    """What the page of a measured campaign shows.

    Args:
        measurement: What was measured.
        campaign: What was planned.
        places: Where the shop and the campaign are.
    """
    conversion = next(uplift for uplift in measurement.overall if uplift.outcome == "conversion")
    margin = measurement.overall_of("margin")
    return {
        "campaign": measurement.campaign,
        "as_of": instant(measurement.as_of),
        "titles": [product.title for product in measurement.products],
        "verdict": minus(verdict.describe_conversion(conversion)),
        "tone": "open" if not conversion.significant else "better" if conversion.difference > 0 else "worse",
        "money": None
        if margin is None
        else minus(verdict.describe_margin(margin, measurement.contact_cost, measurement.currency)),
        "open": [
            f"{product.title} until {product.window.end:%Y-%m-%d}"
            for product in measurement.products
            if not product.closed
        ],
        "facts": _facts(measurement, campaign),
        "earned": {
            "contacted": measurement.overall[0].contacted,
            "table": _earned_table(measurement),
            "margin": margin is not None,
        },
        "compared": _comparison_values(measurement, conversion),
        "deciles": _decile_values(measurement),
        "conclusions": next_steps.list_conclusions(conversion),
        "cautions": next_steps.list_cautions(measurement, conversion),
        "steps": next_steps.steps_after_measuring(measurement, conversion, places),
    }


def build_uplift_table(title: str, uplifts: Sequence[Uplift]) -> Table:
    """One row an outcome: what contacted and held-out customers did on average, and the difference.

    Args:
        title: What is compared.
        uplifts: One an outcome.
    """
    columns = ("A customer, on average", "Contacted", "Held out", "Difference", "Relative", "With CUPED")
    groups = f"{uplifts[0].contacted:,} contacted, {uplifts[0].held_out:,} held out; 95 % intervals"
    ordered = [uplift for name in OUTCOMES for uplift in uplifts if uplift.outcome == name]
    return Table(f"{title}\n{groups}", columns, [_uplift_row(uplift) for uplift in ordered], columns[1:])


def _product_block(product: ProductMeasurement, measurement: Measurement) -> Block:
    title = _describe_product(product)
    if not product.closed:
        title += f"; orders known until {measurement.as_of:%Y-%m-%d}, so this is not the end of it"
    if product.uplifts:
        return build_uplift_table(title, product.uplifts)
    return Sentence(f"{title}: fewer than two customers contacted or held out, so nothing can be compared.")


def _describe_product(product: ProductMeasurement) -> str:
    days = f"{product.window.start:%Y-%m-%d} to {product.window.end:%Y-%m-%d}, the last day not counted"
    return f"{product.title}, sold as {product.window.sold_as}, {days}"


def _uplift_row(uplift: Uplift) -> tuple[Cell | str, ...]:
    scale, digits = (100, 2) if uplift.outcome == "conversion" else (1, 3 if uplift.outcome == "units" else 2)
    relative = _signed_percent(uplift.relative) if isfinite(uplift.relative) else ABSENT
    adjusted = uplift.adjusted
    return (
        OUTCOMES[uplift.outcome],
        decimal(uplift.contacted_mean * scale, digits),
        decimal(uplift.held_out_mean * scale, digits),
        _difference_cell(uplift.difference, uplift.interval, scale, digits),
        Cell(relative, _percent_interval(uplift.relative_interval)),
        "" if adjusted is None else _difference_cell(adjusted.difference, adjusted.interval, scale, digits),
    )


def _difference_cell(difference: float, interval: Interval, scale: float, digits: int) -> Cell:
    return Cell(minus(decimal(difference * scale, digits, signed=True)), _interval(interval, scale, digits))


def _interval(interval: Interval, scale: float, digits: int) -> str:
    ends = [
        decimal(end * scale, digits, signed=True) if isfinite(end) else "no bound"
        for end in (interval.low, interval.high)
    ]
    return minus(" to ".join(ends))


def _percent_interval(interval: Interval) -> str:
    if not isfinite(interval.low) and not isfinite(interval.high):
        return "no bound"
    return " to ".join(_signed_percent(end) if isfinite(end) else "no bound" for end in (interval.low, interval.high))


def _signed_percent(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{percent(abs(share))}"


def _decile_blocks(product: ProductMeasurement) -> list[Block]:
    if product.qini is None:
        return []
    blocks: list[Block] = [_decile_table(product)]
    if isfinite(product.qini.coefficient):
        coefficient = minus(decimal(product.qini.coefficient, 3, signed=True))
        blocks.append(
            Sentence(
                f"Qini coefficient {coefficient} ({_interval(product.qini.interval, 1, 3)}): 0 where the order of the "
                "list found those whom the contact moved no better than chance, 1 for the best order there is."
            )
        )
    return blocks


def _decile_table(product: ProductMeasurement) -> Table:
    columns = ("Tenth", "Predicted", "Contacted, bought", "Held out, bought", "Difference, points")
    rows = [_decile_row(row) for row in product.deciles.iter_rows(named=True)]
    return Table("By predicted probability, likeliest tenth first", columns, rows, columns[1:])


def _decile_row(row: Mapping[str, Any]) -> tuple[Cell | str, ...]:
    is_measured = row["difference"] is not None
    groups = [
        Cell(percent(row[f"{name}_mean"], 1) if is_measured else ABSENT, f"of {count(row[name])}")
        for name in ("contacted", "held_out")
    ]
    difference = Cell(ABSENT)
    if is_measured:
        interval = f"{verdict.format_points(row['low'])} to {verdict.format_points(row['high'])}"
        difference = Cell(minus(verdict.format_points(row["difference"])), minus(interval))
    return str(row["decile"]), percent(row["mean_score"], 1), *groups, difference


def _facts(measurement: Measurement, campaign: Campaign) -> list[Fact]:
    contacted, held_out = measurement.overall[0].contacted, measurement.overall[0].held_out
    term = "Products" if len(measurement.products) > 1 else "Product"
    facts = [
        (term, "; ".join(map(_describe_product, measurement.products))),
        ("Channel", CHANNELS[campaign.channel]),
        ("Contacted", f"{counted(contacted, 'customer', 'customers')}, whether they read it or not"),
        ("Held out by lot", f"{count(held_out)}, {percent(held_out / (contacted + held_out))} of both"),
        ("Orders known until", instant(measurement.as_of)),
    ]
    if measurement.contact_cost:
        facts.append(("Cost", f"{describe_contact_cost(measurement.contact_cost, measurement.currency)} a contact"))
    if measurement.forgotten:
        customers = counted(measurement.forgotten, "customer", "customers")
        facts.append(("Forgotten since", f"{customers}, who count nowhere"))
    return facts


def _comparison_values(measurement: Measurement, conversion: Uplift) -> dict[str, Any]:
    several = len(measurement.products) > 1
    return {
        "charts": (
            charts.draw_buyers(conversion),
            charts.draw_differences(_list_differences(measurement, conversion)),
        ),
        "several": several,
        "table": build_uplift_table("All products" if several else measurement.products[0].title, measurement.overall),
        "cuped": verdict.describe_cuped_gain(conversion),
        "products": _product_table(measurement.products) if several else None,
    }


def _list_differences(measurement: Measurement, conversion: Uplift) -> list[charts.Difference]:
    if len(measurement.products) == 1:
        differences = [charts.Difference("Bought it", conversion.difference, conversion.interval)]
        if conversion.adjusted is None:
            return differences
        adjusted = conversion.adjusted
        return [*differences, charts.Difference("With CUPED", adjusted.difference, adjusted.interval)]
    compared = [product for product in measurement.products if product.uplifts][:MAX_PRODUCTS]
    return [
        charts.Difference("All products", conversion.difference, conversion.interval),
        *(
            charts.Difference(product.title, product.uplifts[0].difference, product.uplifts[0].interval)
            for product in compared
        ),
    ]


def _product_table(products: Sequence[ProductMeasurement]) -> Table:
    columns = ("Product", "Contacted, bought", "Held out, bought", "Difference, points")
    rows: list[Sequence[Cell | str]] = []
    for product in products:
        if not product.uplifts:
            rows.append((product.title, "", "", Cell("too few", "fewer than two in a group")))
            continue
        conversion = product.uplifts[0]
        difference = Cell(
            minus(verdict.format_points(conversion.difference)), minus(verdict.format_bounds(conversion.interval))
        )
        shares = [percent(share, 2) for share in (conversion.contacted_mean, conversion.held_out_mean)]
        rows.append((product.title, *shares, difference))
    return Table("Product by product", columns, rows, columns[1:])


def _decile_values(measurement: Measurement) -> dict[str, Any]:
    products = [
        product
        for product in measurement.products
        if product.qini is not None and product.deciles["difference"].count()
    ]
    shown = []
    for index, product in enumerate(products[:MAX_PRODUCTS]):
        drawings = [
            (kind, charts.draw_deciles(product.deciles, name=f"tenths{index}-{kind}", width=width))
            for kind, width in DRAWINGS
        ]
        sentences = [block.text for block in _decile_blocks(product) if isinstance(block, Sentence)]
        shown.append(
            {"title": product.title, "charts": drawings, "table": _decile_table(product), "sentences": sentences}
        )
    return {"products": shown, "unshown": len(products) - len(shown)}


def _earned_table(measurement: Measurement) -> Table:
    """Effects over everyone contacted, against contacting nobody; the last row, where a margin is known, sums up."""
    currency, contacted = measurement.currency, measurement.overall[0].contacted
    spent = measurement.contact_cost * contacted
    rows: list[tuple[str, str, str]] = []
    for outcome, name in EARNED.items():
        uplift = measurement.overall_of(outcome)
        if uplift is None:
            continue
        is_number = outcome in ("conversion", "units")
        rows.append((name, *_over_everyone(uplift, 0.0, "" if is_number else currency, is_number=is_number)))
    margin = measurement.overall_of("margin")
    if margin is not None and spent:
        rows.append(("cost of the contacts", money(-spent, currency), ""))
    if margin is not None:
        rows.append(("what is left", *_over_everyone(margin, spent, currency, is_number=False)))
    columns = ("Counted", "More of it", "95 % interval")
    highlighted = () if margin is None else (len(rows) - 1,)
    return Table("Over everyone contacted, against contacting nobody", columns, rows, columns[1:], highlighted)


def _over_everyone(uplift: Uplift, spent: float, currency: str, *, is_number: bool) -> tuple[str, str]:
    """Uplift over everyone contacted less what was spent, and its interval; decimals only where all are small."""
    figures = [end * uplift.contacted - spent for end in (uplift.difference, uplift.interval.low, uplift.interval.high)]
    limit, digits = (10.0, 1) if is_number else (100.0, 2)
    exact = digits if max(map(abs, figures)) < limit else 0
    texts = [minus(decimal(figure, exact, signed=True)) for figure in figures]
    unit = f"\u202f{currency}" if currency else ""
    return f"{texts[0]}{unit}", f"{texts[1]} to {texts[2]}"
