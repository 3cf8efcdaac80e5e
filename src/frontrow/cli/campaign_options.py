"""The options of frontrow campaign that no other command has: what they mean, and which fit together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli.option_groups import EXPORTS, HOLD_OUT, HOW_MANY, OUTPUT, WHO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontrow.campaign.economics.economics import Economics
    from frontrow.campaign.eligibility.contact_rules import ContactRules

Channel = Annotated[
    str, typer.Option(help="email or sms; consent and address are the channel's own.", rich_help_panel=WHO)
]
Country = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COUNTRY",
        help="Only customers whose last order went there; may be repeated.",
        rich_help_panel=WHO,
    ),
]
NotCountry = Annotated[
    list[str] | None,
    typer.Option(metavar="COUNTRY", help="Nobody whose last order went there; may be repeated.", rich_help_panel=WHO),
]
NotTagged = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TAG",
        help="Nobody with this customer tag, besides do-not-contact and refunded; may be repeated.",
        rich_help_panel=WHO,
    ),
]
NotContactedDays = Annotated[
    int | None,
    typer.Option(min=1, help="Nobody contacted within so many days, as the contact log knows.", rich_help_panel=WHO),
]
MaxContacts = Annotated[int, typer.Option(min=1, help="Contacts in those days that are enough.", rich_help_panel=WHO)]
NotRefundedDays = Annotated[
    int | None, typer.Option(min=1, help="Nobody with a partial refund within so many days.", rich_help_panel=WHO)
]
Suppress = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", help="CSV of e-mails or phones who must not be contacted; may be repeated.", rich_help_panel=WHO
    ),
]
PhoneRegion = Annotated[
    str | None,
    typer.Option(help="Country code, such as GB, for phone numbers that have none.", rich_help_panel=WHO),
]
Length = Annotated[
    int | None,
    typer.Option(
        min=1, help="Customers on the list, the held-out included; or let --margin decide.", rich_help_panel=HOW_MANY
    ),
]
Holdout = Annotated[
    float, typer.Option(help="Share of the list to hold out by lot, to measure against.", rich_help_panel=HOLD_OUT)
]
StandingShare = Annotated[
    float | None,
    typer.Option(
        help="Share of all customers to hold out of every campaign [default: the shop's, if it has one].",
        rich_help_panel=HOLD_OUT,
    ),
]
Export = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PLATFORM",
        help="Platform to write files for, such as klaviyo or generic_csv; may be repeated. A wrong name lists all.",
        rich_help_panel=EXPORTS,
    ),
]
Contacted = Annotated[
    bool,
    typer.Option(
        "--contacted",
        help="It will be sent: note now who is contacted and who is held out.",
        rich_help_panel=EXPORTS,
    ),
]
Output = Annotated[
    Path, typer.Option(help="Folder to write the campaign to; never written over.", rich_help_panel=OUTPUT)
]
Name = Annotated[str | None, typer.Option(help="The campaign's name [default: the folder's].", rich_help_panel=OUTPUT)]
Report = Annotated[
    Path | None,
    typer.Option(help="Write the campaign's report, one page, to this .html file.", rich_help_panel=OUTPUT),
]


def contact_rules(
    channel: str,
    country: list[str] | None,
    not_country: list[str] | None,
    not_tagged: list[str] | None,
    not_contacted_days: int | None,
    max_contacts: int,
    not_refunded_days: int | None,
    phone_region: str | None,
) -> ContactRules:
    """Who must not be contacted, as the command line has it."""
    from frontrow.campaign.eligibility.contact_rules import DO_NOT_CONTACT, ContactRules

    return ContactRules(
        channel=channel,  # type: ignore[arg-type]  # checked by the rules themselves
        countries=tuple(country or ()),
        not_countries=tuple(not_country or ()),
        not_tagged=(*DO_NOT_CONTACT, *(not_tagged or ())),
        not_contacted_days=not_contacted_days,
        max_contacts=max_contacts,
        not_refunded_days=not_refunded_days,
        phone_region=phone_region,
    )


def refuse(length: int | None, money: Economics | None, exports: Sequence[str], output: Path) -> None:
    """What cannot be done, before anything is read."""
    from frontrow.campaign.export import export_named
    from frontrow.campaign.record.campaign import check_free

    if length is None and money is None:
        raise typer.BadParameter("Give the list a --length, or say with --margin what a sale earns.")
    for one in exports:
        export_named(one)
    check_free(output)
