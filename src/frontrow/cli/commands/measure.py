"""frontrow measure: what a campaign caused, contacted against held-out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isinf, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from frontrow.cli import options, terminal

if TYPE_CHECKING:
    from frontrow.campaign.uplift.effect import Effect
    from frontrow.campaign.uplift.intervals import Interval
    from frontrow.campaign.uplift.measurement import Measured, Measurement

NAMES: Final = {
    "conversion": "bought it, %",
    "units": "units",
    "revenue": "revenue",
    "margin": "margin",
    "any_revenue": "revenue, all products",
}


def command(
    campaign: Annotated[Path, typer.Argument(metavar="CAMPAIGN", help="The folder that frontrow campaign wrote.")],
    shop: Annotated[Path, typer.Option(help="The shop it was planned on.", show_default=False)],
    orders: Annotated[
        list[Path] | None,
        typer.Option(help="An export with the orders since; may be repeated. The shop itself is left as it is."),
    ] = None,
    sold_as: Annotated[
        list[str] | None,
        typer.Option(help="What the shop calls the product: PRODUCT, or ASKED=PRODUCT where there are several."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(help="Earned per unit at its full price [default: the campaign's, else the catalogue's cost]."),
    ] = None,
    cost: Annotated[float | None, typer.Option(help="What a unit costs the shop, instead of a margin.")] = None,
    as_of: options.AsOf = None,
    report: Annotated[Path | None, typer.Option(help="Write what was measured, one page, to this .html file.")] = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Compare what contacted and held-out customers bought; keeps the result in the campaign's folder."""
    from frontrow.campaign.record.campaign import Campaign
    from frontrow.campaign.uplift.measure import measure
    from frontrow.campaign.uplift.outcomes import Margin
    from frontrow.present.sections.next_steps import Places
    from frontrow.report.measured_page import write_measured
    from frontrow.storage.folder import check_output_file

    report = None if report is None else check_output_file(report, ".html")
    planned = Campaign.read(campaign)
    with _with_orders(shop, orders or []) as folder:
        found = measure(
            planned,
            options.history(folder, as_of),
            told=_told(sold_as or [], [str(one["product_id"]) for one in planned.products]),
            margin=Margin(cost=cost, per_unit=margin),
            seed=seed,
        )
    found.save(campaign)
    if report is not None:
        write_measured(report, found, planned, places=Places(str(shop), campaign=str(campaign)))
    if as_json:
        terminal.as_json({**found.to_dict(), "report": None if report is None else str(report)})
        return
    _print(found, campaign)
    if report is not None:
        terminal.text(f"Report: {report}")


@contextmanager
def _with_orders(shop: Path, orders: Sequence[Path]) -> Iterator[Path]:
    """The shop's folder, or a copy for as long as the block lasts, with the orders added."""
    import shutil
    import tempfile

    from frontrow.shop.shop import Shop
    from frontrow.shop.update import import_files

    if not orders:
        yield shop
        return
    Shop.read(shop)
    with tempfile.TemporaryDirectory() as there:
        copy = Path(there) / "shop"
        shutil.copytree(shop, copy, ignore=shutil.ignore_patterns("models"))
        import_files(orders, copy)
        yield copy


def _told(pairs: Sequence[str], asked: Sequence[str]) -> dict[str, str]:
    """Read `--sold-as`; an id may itself hold a sign, so what was asked is looked for first."""
    told = {}
    for pair in pairs:
        key, sign, product = pair.rpartition("=")
        if len(asked) == 1 and (not sign or key != asked[0]):
            key, product = asked[0], pair
        if not key.strip() or not product.strip():
            raise typer.BadParameter(f'"{pair}" is not ASKED=PRODUCT', param_hint="--sold-as")
        told[key.strip()] = product.strip()
    return told


def _print(found: Measurement, folder: Path) -> None:
    from frontrow.campaign.uplift.verdict import earned, gained_by_cuped, verdict

    if found.forgotten:
        terminal.text(f"{found.forgotten:,} customers assigned were forgotten since and count nowhere.")
    for product in found.products:
        _print_product(product, found)
    if len(found.products) == 1:
        _print_along_the_list(found.products[0])
    else:
        _print_effects("All products, each compared within itself", found.overall)
    bought, margin = found.overall_of("conversion"), found.overall_of("margin")
    if bought is not None:
        terminal.text(f"{verdict(bought)} {gained_by_cuped(bought)}".rstrip())
    if margin is not None:
        terminal.text(earned(margin, found.contact_cost, found.currency))
    terminal.text(f"Kept for the next campaign: {folder / 'measured.json'}")


def _print_product(product: Measured, found: Measurement) -> None:
    days = f"{product.window.start:%Y-%m-%d} to {product.window.end:%Y-%m-%d}"
    title = f"{product.title}, sold as {product.window.sold_as}, {days}, the last day not counted"
    if not product.closed:
        title += f"; orders known until {found.as_of:%Y-%m-%d}, so this is not the end of it"
    if product.effects:
        _print_effects(title, product.effects)
    else:
        terminal.text(f"{title}: fewer than two customers contacted or held out, so nothing can be compared.")


def _print_effects(title: str, effects: Sequence[Effect]) -> None:
    columns = ("a customer", "contacted", "held out", "difference", "relative, %", "bootstrap", "with CUPED")
    terminal.table(
        f"{title}\n{effects[0].contacted:,} contacted, {effects[0].held_out:,} held out; 95 % intervals",
        columns,
        [_row(one) for one in effects],
        numeric=columns[1:],
    )


def _row(one: Effect) -> tuple[str, ...]:
    scale = 100 if one.outcome == "conversion" else 1
    adjusted = one.adjusted
    return (
        NAMES.get(one.outcome, one.outcome),
        f"{one.contacted_mean * scale:.3f}",
        f"{one.held_out_mean * scale:.3f}",
        f"{one.difference * scale:+.3f}\n{_ends(one.interval, scale)}",
        f"{_number(one.relative, 100, 0)}\n{_ends(one.relative_interval, 100, 0)}",
        _ends(one.bootstrap, scale),
        "" if adjusted is None else f"{adjusted.difference * scale:+.3f}\n{_ends(adjusted.interval, scale)}",
    )


def _ends(interval: Interval, scale: float, digits: int = 3) -> str:
    return f"{_number(interval.low, scale, digits)} to {_number(interval.high, scale, digits)}"


def _number(value: float, scale: float, digits: int) -> str:
    if isnan(value):
        return "not known"
    return "no bound" if isinf(value) else f"{value * scale:+.{digits}f}"


def _print_along_the_list(product: Measured) -> None:
    if product.qini is None:
        return
    columns = ("tenth", "predicted", "contacted", "held out", "bought", "bought, held out", "difference, points")
    terminal.table(
        "By predicted probability, likeliest tenth first",
        columns,
        [_decile(row) for row in product.deciles.iter_rows(named=True)],
        numeric=columns,
    )
    if not isnan(product.qini.coefficient):
        terminal.text(
            f"Qini coefficient {product.qini.coefficient:+.3f} [{_ends(product.qini.interval, 1)}]: "
            "0 where the ranking found those whom the contact moved no better than chance, 1 for the best order."
        )


def _decile(row: dict[str, float | None]) -> tuple[str, ...]:
    told = (f"{row['decile']}", f"{row['mean_score']:.2%}", f"{row['contacted']:,}", f"{row['held_out']:,}")
    if row["difference"] is None or row["low"] is None or row["high"] is None:
        return (*told, "", "", "")
    ends = f"{row['low'] * 100:+.2f} to {row['high'] * 100:+.2f}"
    difference = f"{row['difference'] * 100:+.2f}\n{ends}"
    return (*told, f"{row['contacted_mean']:.2%}", f"{row['held_out_mean']:.2%}", difference)
