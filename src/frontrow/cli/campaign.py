"""frontrow campaign: who hears of a new product, who is held out, and the files for the platform that writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import campaign_told, money_options, options, reporting, show


def command(
    shop: options.ShopFolder,
    products: Annotated[
        Path, typer.Option(help="CSV, one row a new product: title, and what else is known.", show_default=False)
    ],
    output: Annotated[Path, typer.Option(help="Folder to write the campaign to; never written over.")],
    channel: Annotated[str, typer.Option(help="email or sms; consent and address are the channel's own.")] = "email",
    export: Annotated[
        list[str] | None,
        typer.Option(
            help="Platform to write files for, such as klaviyo or generic_csv; may be repeated. A wrong name lists all."
        ),
    ] = None,
    length: Annotated[
        int | None, typer.Option(min=1, help="Customers on the list, the held-out included; or let --margin decide.")
    ] = None,
    margin: money_options.Margin = None,
    contact_cost: money_options.ContactCost = 0.0,
    discount: money_options.Discount = 0.0,
    capacity: money_options.Capacity = None,
    budget: money_options.Budget = None,
    stock: money_options.Stock = None,
    incremental_share: money_options.Assumed = None,
    measured: money_options.Measured = None,
    holdout: Annotated[float, typer.Option(help="Share of the list to hold out by lot, to measure against.")] = 0.1,
    standing_control: Annotated[
        float | None,
        typer.Option(help="Share of all customers to hold out of every campaign [default: the shop's, if it has one]."),
    ] = None,
    suppress: Annotated[
        list[Path] | None,
        typer.Option(help="CSV of e-mails or phones who must not be contacted; may be repeated."),
    ] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Only customers whose last order went there; may be repeated.")
    ] = None,
    not_country: Annotated[
        list[str] | None, typer.Option(help="Nobody whose last order went there; may be repeated.")
    ] = None,
    not_tagged: Annotated[
        list[str] | None,
        typer.Option(help="Nobody with this customer tag, besides do-not-contact and refunded; may be repeated."),
    ] = None,
    not_contacted_days: Annotated[
        int | None, typer.Option(min=1, help="Nobody contacted within so many days, as the contact log knows.")
    ] = None,
    max_contacts: Annotated[int, typer.Option(min=1, help="Contacts in those days that are enough.")] = 1,
    not_refunded_days: Annotated[
        int | None, typer.Option(min=1, help="Nobody with a partial refund within so many days.")
    ] = None,
    phone_region: Annotated[
        str | None, typer.Option(help="Country code, such as GB, for phone numbers that have none.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The campaign's name [default: the folder's].")] = None,
    contacted: Annotated[
        bool, typer.Option("--contacted", help="It will be sent: note now who is contacted and who is held out.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the campaign's report, one page, to this .html file.")
    ] = None,
    backtest: options.Backtest = True,
    as_of: options.AsOf = None,
    horizon: options.Horizon = 30,
    active_days: options.ActiveDays = 365,
    launch_dates: options.LaunchDates = None,
    seed: options.Seed = 0,
    as_json: options.AsJson = False,
) -> None:
    """Plan a campaign: who may be contacted, how many, who is held out; write the files to send it with.

    Nobody is contacted without consent for the channel. The folder holds what was decided, by customer number, and in
    exports/ the files with addresses, of those contacted only.
    """
    from frontrow.campaign.contact_log import ContactLog
    from frontrow.campaign.contact_rules import DO_NOT_CONTACT, ContactRules
    from frontrow.campaign.contacts import contacts_of, write_campaign
    from frontrow.campaign.exports.base import export_named
    from frontrow.campaign.held_out_log import HeldOutLog
    from frontrow.campaign.people import check_anyone_agreed
    from frontrow.campaign.plan import check_free
    from frontrow.campaign.planning import CampaignSettings, plan_campaign
    from frontrow.campaign.sent import note_sent
    from frontrow.campaign.standing_control import StandingControl
    from frontrow.campaign.suppression import SuppressionList
    from frontrow.launch.audience import audience
    from frontrow.launch.model_store import fitted_model
    from frontrow.launch.new_products import read_new_products
    from frontrow.report.next_steps import Places

    rules = ContactRules(
        channel=channel,  # type: ignore[arg-type]  # checked by the rules themselves
        countries=tuple(country or ()),
        not_countries=tuple(not_country or ()),
        not_tagged=(*DO_NOT_CONTACT, *(not_tagged or ())),
        not_contacted_days=not_contacted_days,
        max_contacts=max_contacts,
        not_refunded_days=not_refunded_days,
        phone_region=phone_region,
    )
    share = money_options.incremental_share(incremental_share, measured)
    money = money_options.economics(margin, contact_cost, discount, capacity, budget, stock, share)
    if length is None and money is None:
        raise typer.BadParameter("Give the list a --length, or say with --margin what a sale earns.")
    for one in export or []:
        export_named(one)
    check_free(output)
    suppressed = SuppressionList.read(suppress or [], default_region=phone_region)
    history = options.history(shop, as_of)
    check_anyone_agreed(history.shop, rules)
    standing = StandingControl.of(shop, standing_control)
    asked = read_new_products(products, launch_day=history.day)
    money = None if money is None else money.for_products(asked)
    days = options.launch_days(launch_dates)
    with show.progress("Learning from past launches", quiet=as_json) as step:
        step(0, 2)
        settings = options.launch_settings(horizon, active_days)
        model = fitted_model(history, settings, folder=shop, seed=seed, launch_days=days)
        step(1, 2)
        found = audience(history, asked, model, launch_days=days)
        step(2, 2)
    wanted = CampaignSettings(name or output.resolve().name, horizon, rules, length, money, holdout, seed)
    planned = plan_campaign(
        found,
        asked,
        history,
        wanted,
        suppressed=suppressed,
        log=ContactLog.read(shop),
        held_out=HeldOutLog.read(shop),
        standing=standing,
    )
    if standing is not None:
        standing.save(shop)
    files = write_campaign(planned.campaign, output, contacts_of(planned.campaign, history, rules), export or [])
    if contacted:
        note_sent(shop, planned.campaign, planned.campaign.as_of.date())
    told = campaign_told.Told(planned, tuple(files), output, shop, contacted, report)
    if report is not None:
        places = Places(str(shop), str(products), str(output), tuple(files), contacted)
        asking = reporting.Asking(history, asked, model, found, days, seed)
        reporting.write(asking, report, campaign=planned, places=places, tested=backtest, quiet=as_json)
    show.as_json(told.to_dict()) if as_json else campaign_told.print_campaign(told)
