"""frontrow recommend: what each customer is likely to want next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from frontrow.cli import contact_options, options, terminal
from frontrow.cli.command import EXPORTS, LISTS, MODEL, OUTPUT, WHO
from frontrow.errors import SettingError

RENAMED = {"--k": "Write --top."}


def command(
    shop: options.ShopFolder,
    *,
    customers: Annotated[
        str,
        typer.Option(
            metavar="FILE|returning|all|new",
            help="Whom: a CSV with customer_id or source_id; everyone active; everyone; or those who have not ordered "
            "yet.",
            rich_help_panel=WHO,
        ),
    ] = "returning",
    active_days: options.ActiveDays = None,
    contexts: Annotated[
        Path | None,
        typer.Option(
            help="New customers: a CSV with country, province, city, hour or month, one list a row "
            "[default: one for each country].",
            rich_help_panel=WHO,
        ),
    ] = None,
    basket: Annotated[
        str | None,
        typer.Option(
            metavar="IDS", help="New customers: products in the basket, a comma between them.", rich_help_panel=WHO
        ),
    ] = None,
    country: contact_options.Country = None,
    not_country: contact_options.NotCountry = None,
    not_tagged: contact_options.NotTagged = None,
    not_contacted_days: contact_options.NotContactedDays = None,
    max_contacts: contact_options.MaxContacts = 1,
    not_refunded_days: contact_options.NotRefundedDays = None,
    suppress: contact_options.Suppress = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000,
            help="Length of each customer's list; --examples says how many lists are shown [default: 10; with --export "
            "4].",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    mode: Annotated[
        Literal["all", "new"] | None,
        typer.Option(
            help="List all products, or only those the customer never bought [default: as the rules say, else all].",
            rich_help_panel=LISTS,
        ),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="A TOML file of rules.", rich_help_panel=LISTS)] = None,
    launches: Annotated[
        Path | None,
        typer.Option(
            help="CSV of products that are not on sale yet, as for frontrow audience --products.",
            rich_help_panel=LISTS,
        ),
    ] = None,
    strict: options.Strict = False,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|FOLDER",
            help="Recommender, or the folder frontrow train made.",
            rich_help_panel=MODEL,
        ),
    ] = "two_stage",
    as_of: options.AsOf = None,
    seed: options.Seed = 0,
    engine: options.EngineAddress = None,
    export: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLATFORM",
            help="Write the lists for a platform, klaviyo, mailchimp or generic_csv, with a sample template: --output "
            "is then a new folder. Only of customers who may be contacted by e-mail; may be repeated.",
            rich_help_panel=EXPORTS,
        ),
    ] = None,
    output: options.Output = None,
    format: options.Format = None,
    examples: Annotated[
        int, typer.Option(min=0, help="Customers whose list is shown on screen.", rich_help_panel=OUTPUT)
    ] = 3,
    as_json: options.AsJson = False,
) -> None:
    """List for each customer what they are likely to want next, under the shop's rules."""
    from frontrow.recommend.settings import RecommendSettings
    from frontrow.service.defaults import ContactRuleSettings
    from frontrow.service.recommendation_files import DEFAULT_LENGTH, ListFileSettings
    from frontrow.service.recommendations import recommend

    _refuse_contradictions(customers, contexts, basket, launches)
    rules_of_contact = ContactRuleSettings(
        "email",
        tuple(country or ()),
        tuple(not_country or ()),
        tuple(not_tagged or ()),
        not_contacted_days,
        max_contacts,
        not_refunded_days,
    )
    list_files = None
    if export:
        folder = _choose_folder(output, format)
        list_files = ListFileSettings(tuple(export), folder, rules_of_contact, tuple(suppress or ()))
    elif suppress or rules_of_contact != ContactRuleSettings("email"):
        raise SettingError("export", "Rules about whom to contact are for files of addresses: say for which platform.")
    settings = RecommendSettings(
        customers=customers,
        contexts=contexts,
        basket=tuple(name.strip() for name in basket.split(",") if name.strip()) if basket else (),
        k=top or (DEFAULT_LENGTH if export else 10),
        mode=mode,
        rules=rules,
        launches=launches,
        seed=seed,
        strict=strict,
    )
    run = options.run_settings(as_of, active_days=active_days, seed=seed, engine=engine)
    file = None if export else options.table_file(output, format)
    with terminal.progress("Making lists", quiet=as_json) as step:
        result = recommend(
            shop, settings, run, model=model, examples=examples, output=file, list_files=list_files, progress=step
        )
    terminal.show(result, as_json=as_json)


def _choose_folder(output: Path | None, format: str | None) -> Path:
    """The folder that files for platforms are written to."""
    if output is None:
        raise SettingError("output", "Name a new folder for the platforms' files.")
    if format is not None:
        raise SettingError("format", "Each platform has its own format: leave it out.")
    return output


def _refuse_contradictions(customers: str, contexts: Path | None, basket: str | None, launches: Path | None) -> None:
    """Options that do not fit together are an error before anything is read."""
    if customers != "new" and (contexts is not None or basket is not None):
        setting = "contexts" if contexts is not None else "basket"
        raise SettingError(setting, "It is about customers who have not ordered yet: --customers new.")
    if customers == "new" and launches is not None:
        raise SettingError(
            "launches",
            "Who will buy a launch is predicted from past orders, and new customers have none; pin it with --rules.",
        )
