"""What a campaign caused, contacted against held-out, as a command prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isinf, isnan
from typing import Any, Final

from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.measurement import Measurement, ProductMeasurement
from frontrow.campaign.uplift.uplift import Uplift
from frontrow.campaign.uplift.verdict import describe_conversion, describe_cuped_gain, describe_margin
from frontrow.present.section import Block, Cell, Section, Sentence, Table

OUTCOMES: Final[Mapping[str, str]] = {
    "conversion": "bought it, %",
    "units": "units",
    "revenue": "revenue",
    "margin": "margin",
    "any_revenue": "revenue, all products",
}


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
        blocks.append(_effect_table("All products, each compared within itself", measurement.overall))
    conversion, margin = measurement.overall_of("conversion"), measurement.overall_of("margin")
    if conversion is not None:
        blocks.append(Sentence(f"{describe_conversion(conversion)} {describe_cuped_gain(conversion)}".rstrip()))
    if margin is not None:
        blocks.append(Sentence(describe_margin(margin, measurement.contact_cost, measurement.currency)))
    return [Section("measurement", "", tuple(blocks))]


def _product_block(product: ProductMeasurement, measurement: Measurement) -> Block:
    days = f"{product.window.start:%Y-%m-%d} to {product.window.end:%Y-%m-%d}"
    title = f"{product.title}, sold as {product.window.sold_as}, {days}, the last day not counted"
    if not product.closed:
        title += f"; orders known until {measurement.as_of:%Y-%m-%d}, so this is not the end of it"
    if product.uplifts:
        return _effect_table(title, product.uplifts)
    return Sentence(f"{title}: fewer than two customers contacted or held out, so nothing can be compared.")


def _effect_table(title: str, effects: Sequence[Uplift]) -> Table:
    columns = ("a customer", "contacted", "held out", "difference", "relative, %", "bootstrap", "with CUPED")
    groups = f"{effects[0].contacted:,} contacted, {effects[0].held_out:,} held out; 95 % intervals"
    return Table(f"{title}\n{groups}", columns, [_effect_row(effect) for effect in effects], numeric=columns[1:])


def _effect_row(effect: Uplift) -> tuple[Cell | str, ...]:
    scale = 100 if effect.outcome == "conversion" else 1
    adjusted = effect.adjusted
    return (
        OUTCOMES.get(effect.outcome, effect.outcome),
        f"{effect.contacted_mean * scale:.3f}",
        f"{effect.held_out_mean * scale:.3f}",
        Cell(f"{effect.difference * scale:+.3f}", _interval(effect.interval, scale)),
        Cell(_number(effect.relative, 100, 0), _interval(effect.relative_interval, 100, 0)),
        _interval(effect.bootstrap, scale),
        "" if adjusted is None else Cell(f"{adjusted.difference * scale:+.3f}", _interval(adjusted.interval, scale)),
    )


def _interval(interval: Interval, scale: float, digits: int = 3) -> str:
    return f"{_number(interval.low, scale, digits)} to {_number(interval.high, scale, digits)}"


def _number(value: float, scale: float, digits: int) -> str:
    if isnan(value):
        return "not known"
    return "no bound" if isinf(value) else f"{value * scale:+.{digits}f}"


def _decile_blocks(product: ProductMeasurement) -> list[Block]:
    if product.qini is None:
        return []
    columns = ("tenth", "predicted", "contacted", "held out", "bought", "bought, held out", "difference, points")
    rows = [_decile_row(row) for row in product.deciles.iter_rows(named=True)]
    blocks: list[Block] = [Table("By predicted probability, likeliest tenth first", columns, rows, numeric=columns)]
    if not isnan(product.qini.coefficient):
        blocks.append(
            Sentence(
                f"Qini coefficient {product.qini.coefficient:+.3f} [{_interval(product.qini.interval, 1)}]: 0 where "
                "the ranking found those whom the contact moved no better than chance, 1 for the best order."
            )
        )
    return blocks


def _decile_row(row: dict[str, Any]) -> tuple[Cell | str, ...]:
    cells = (f"{row['decile']}", f"{row['mean_score']:.2%}", f"{row['contacted']:,}", f"{row['held_out']:,}")
    if row["difference"] is None or row["low"] is None or row["high"] is None:
        return (*cells, "", "", "")
    interval = f"{row['low'] * 100:+.2f} to {row['high'] * 100:+.2f}"
    difference = Cell(f"{row['difference'] * 100:+.2f}", interval)
    return (*cells, f"{row['contacted_mean']:.2%}", f"{row['held_out_mean']:.2%}", difference)
