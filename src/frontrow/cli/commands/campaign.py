"""frontrow campaign: who hears of a new product, who is held out, and the files for the platform that writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli import contact_options, options, terminal
from frontrow.cli.command import EXPORTS, HOLD_OUT, HOW_MANY, OUTPUT, WHO
from frontrow.storage.waiting import DEFAULT_WAIT

RENAMED = {"--standing-control": "Write --global-control-share."}


def command(
    shop: options.ShopFolder,
    *,
    products: options.Products,
    strict: options.Strict = False,
    horizon: options.Horizon = None,
    launch_dates: options.LaunchDates = None,
    vectors: options.Vectors = None,
    channel: Annotated[
        str | None,
        typer.Option(
            help="email or sms; consent and address are the channel's own [default: the shop's, else email].",
            rich_help_panel=WHO,
        ),
    ] = None,
    active_days: options.ActiveDays = None,
    country: contact_options.Country = None,
    not_country: contact_options.NotCountry = None,
    not_tagged: contact_options.NotTagged = None,
    not_contacted_days: contact_options.NotContactedDays = None,
    max_contacts: contact_options.MaxContacts = 1,
    not_refunded_days: contact_options.NotRefundedDays = None,
    suppress: contact_options.Suppress = None,
    phone_region: Annotated[
        str | None,
        typer.Option(
            help="Country code, such as GB, for phone numbers that have none [default: the shop's].",
            rich_help_panel=WHO,
        ),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Customers on the list, those held out included [default: decided by --margin; without one, as many "
            "as hold half of the buyers expected].",
            rich_help_panel=HOW_MANY,
        ),
    ] = None,
    capacity: options.Capacity = None,
    budget: options.Budget = None,
    stock: options.Stock = None,
    margin: options.Margin = None,
    contact_cost: options.ContactCost = None,
    discount: options.Discount = 0.0,
    incremental_share: options.IncrementalShareRange = None,
    measured: options.Measured = None,
    holdout: Annotated[
        float, typer.Option(help="Share of the list to hold out by lot, to measure against.", rich_help_panel=HOLD_OUT)
    ] = 0.1,
    global_control_share: Annotated[
        float | None,
        typer.Option(
            help="Share of all customers to hold out of every campaign [default: the shop's, if it has one].",
            rich_help_panel=HOLD_OUT,
        ),
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Measure it together with the other campaigns of this name (frontrow measure SHOP --pool NAME), where "
            "one launch alone shows little.",
            rich_help_panel=HOLD_OUT,
        ),
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLATFORM",
            help="Platform to write files for, such as klaviyo or generic_csv; may be repeated. An unknown name lists "
            "the available ones.",
            rich_help_panel=EXPORTS,
        ),
    ] = None,
    properties: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="What the files say of each customer beside the address, a comma between the names, such as "
            "campaign,group,rank_band. An unknown name lists the available ones [default: nothing].",
            rich_help_panel=EXPORTS,
        ),
    ] = None,
    contacted: Annotated[
        bool,
        typer.Option(
            "--contacted",
            help="It will be sent: record now who is contacted and who is held out.",
            rich_help_panel=EXPORTS,
        ),
    ] = False,
    model: options.LaunchModel = None,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    engine: options.EngineAddress = None,
    output: Annotated[
        Path, typer.Option(help="Folder to write the campaign to; never written over.", rich_help_panel=OUTPUT)
    ],
    name: Annotated[
        str | None, typer.Option(help="The campaign's name [default: the folder's].", rich_help_panel=OUTPUT)
    ] = None,
    report: options.Report = None,
    backtest: options.Backtest = True,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Plan a campaign: who may be contacted, how many, who is held out; write the files to send it with.

    Nobody is contacted without consent for the channel. The folder holds what was decided, by customer number, and in
    exports/ the files with addresses: those contacted, and apart from them those held out.
    """
    from frontrow.service.campaign import write_plan
    from frontrow.service.defaults import ContactRuleSettings, MoneySettings
    from frontrow.service.plan_settings import PlanSettings

    page = options.page_file(report)
    settings = PlanSettings(
        products,
        output,
        name,
        model,
        rules=ContactRuleSettings(
            channel=channel,
            countries=tuple(country or ()),
            not_countries=tuple(not_country or ()),
            not_tagged=tuple(not_tagged or ()),
            not_contacted_days=not_contacted_days,
            max_contacts=max_contacts,
            not_refunded_days=not_refunded_days,
            phone_region=phone_region,
        ),
        suppress=tuple(suppress or ()),
        length=length,
        money=MoneySettings(margin, contact_cost, discount, capacity, budget, stock, incremental_share, measured),
        holdout_share=holdout,
        global_control_share=global_control_share,
        exports=tuple(export or ()),
        properties=tuple(properties.split(",")) if properties else (),
        contacted=contacted,
        pool=pool,
        strict=strict,
    )
    run = options.run_settings(
        as_of,
        horizon=horizon,
        active_days=active_days,
        launch_dates=launch_dates,
        seed=seed,
        vectors=vectors,
        engine=engine,
    )
    with terminal.progress("Learning from past launches", quiet=as_json) as step:
        result = write_plan(shop, settings, run, progress=step, wait=wait)
    if page is not None:
        from frontrow.report.page import write_report

        with terminal.progress("Walking through past launches", quiet=as_json) as step:
            write_report(page, result.report(include_backtest=backtest, progress=step))
    terminal.show(result, as_json=as_json, report=page)
