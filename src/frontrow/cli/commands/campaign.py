"""frontrow campaign: who hears of a new product, who is held out, and the files for the platform that writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from frontrow.cli import campaign_options, campaign_told, money_options, options, reporting, terminal
from frontrow.cli.asking import Asking, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontrow.campaign.contacts import ExportFile
    from frontrow.campaign.eligibility.contact_rules import ContactRules
    from frontrow.campaign.plan import CampaignPlan
    from frontrow.shop.shop import History


def command(
    shop: options.ShopFolder,
    *,
    products: options.Products,
    horizon: options.Horizon = 30,
    launch_dates: options.LaunchDates = None,
    channel: campaign_options.Channel = "email",
    active_days: options.ActiveDays = 365,
    country: campaign_options.Country = None,
    not_country: campaign_options.NotCountry = None,
    not_tagged: campaign_options.NotTagged = None,
    not_contacted_days: campaign_options.NotContactedDays = None,
    max_contacts: campaign_options.MaxContacts = 1,
    not_refunded_days: campaign_options.NotRefundedDays = None,
    suppress: campaign_options.Suppress = None,
    phone_region: campaign_options.PhoneRegion = None,
    length: campaign_options.Length = None,
    capacity: money_options.Capacity = None,
    budget: money_options.Budget = None,
    stock: money_options.Stock = None,
    margin: money_options.Margin = None,
    contact_cost: money_options.ContactCost = 0.0,
    discount: money_options.Discount = 0.0,
    incremental_share: money_options.Assumed = None,
    measured: money_options.Measured = None,
    holdout: campaign_options.Holdout = 0.1,
    standing_control: campaign_options.StandingShare = None,
    export: campaign_options.Export = None,
    contacted: campaign_options.Contacted = False,
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    output: campaign_options.Output,
    name: campaign_options.Name = None,
    report: campaign_options.Report = None,
    backtest: options.Backtest = True,
    as_json: options.AsJson = False,
) -> None:
    """Plan a campaign: who may be contacted, how many, who is held out; write the files to send it with.

    Nobody is contacted without consent for the channel. The folder holds what was decided, by customer number, and in
    exports/ the files with addresses, of those contacted only.
    """
    from frontrow.campaign.eligibility.contact_rules import ContactHistory, check_consent
    from frontrow.campaign.eligibility.suppression import SuppressionList
    from frontrow.campaign.experiment.holdout import GlobalControlGroup
    from frontrow.campaign.plan import CampaignSettings, plan_campaign
    from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
    from frontrow.launch.new_products import read_new_products
    from frontrow.storage.folder import check_output_file

    report = None if report is None else check_output_file(report, ".html")
    rules = campaign_options.contact_rules(
        channel, country, not_country, not_tagged, not_contacted_days, max_contacts, not_refunded_days, phone_region
    )
    money = money_options.economics(
        margin, contact_cost, discount, capacity, budget, stock, incremental_share, measured
    )
    campaign_options.refuse(length, money, export or [], output)
    suppressed = SuppressionList.read(suppress or [], default_region=phone_region)
    history = options.history(shop, as_of, launch_dates)
    check_consent(history, rules)
    standing = GlobalControlGroup.read_or_draw(shop, standing_control)
    contacts = ContactHistory(suppressed, ContactLog.read(shop), HeldOutLog.read(shop), standing)

    asked = read_new_products(products, launch_day=history.cutoff_day)
    money = None if money is None else money.for_products(asked)
    wanted = CampaignSettings(name or output.resolve().name, horizon, rules, length, money, holdout, seed)
    settings = options.launch_settings(horizon, active_days)
    asking = ask(history, asked, settings, shop=shop, seed=seed, quiet=as_json)
    planned = plan_campaign(asking.audience, asked, history, wanted, contacts=contacts)

    if standing is not None:
        standing.save(shop)
    files = _write(planned, history, rules, export or [], output)
    if contacted:
        _note(planned, shop)
    told = campaign_told.Told(planned, files, output, shop, contacted, report)
    _write_report(told, asking, products, tested=backtest, quiet=as_json)
    terminal.as_json(told.to_dict()) if as_json else campaign_told.print_campaign(told)


def _write(
    planned: CampaignPlan, history: History, rules: ContactRules, exports: Sequence[str], output: Path
) -> tuple[ExportFile, ...]:
    from frontrow.campaign.contacts import collect_contacts, write_campaign

    contacts = collect_contacts(planned.campaign, history, rules)
    return tuple(write_campaign(planned.campaign, output, contacts, exports))


def _note(planned: CampaignPlan, shop: Path) -> None:
    from frontrow.campaign.record.contact_log import record_contacts

    record_contacts(shop, planned.campaign, planned.campaign.as_of.date())


def _write_report(told: campaign_told.Told, asking: Asking, products: Path, *, tested: bool, quiet: bool) -> None:
    """Write the page, where one is asked for."""
    from frontrow.present.sections.next_steps import Places

    if told.report is None:
        return
    places = Places(str(told.shop), str(products), str(told.folder), told.files, told.contacted)
    reporting.write(asking, told.report, campaign=told.planned, places=places, tested=tested, quiet=quiet)
