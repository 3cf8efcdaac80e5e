"""What a person asks for when a campaign is planned."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from frontrow.service.defaults import ContactRuleSettings, MoneySettings


@dataclass(frozen=True)
class PlanSettings:
    """What a campaign is to be.

    Attributes:
        products: File of new products.
        output: Folder the campaign is written to; it must not exist yet, or be empty.
        name: Its name; None for the folder's.
        model: Name of a baseline, or folder of a saved launch model; None for the shop's own launch model.
        rules: Who must not be contacted.
        suppress: Files of addresses that must not be contacted.
        length: Customers on the list, the held-out included; None to let `money` decide, else the default
            (`economics.list_length`).
        money: Margin, costs and limits, which decide the length.
        holdout_share: Share of the list held out by lot.
        global_control_share: Share of all customers held out of every campaign; None for the shop's, if it has one.
        exports: Names of the platforms that files are written for.
        properties: Names of what the files say of each customer beside the address (`campaign.properties`).
        contacted: Whether the contacts are recorded in the contact log at once.
        pool: Name of the campaigns that are to be measured together with this one; None for none.
        strict: What looks like a slip in the file of new products, or in a country, is an error.
    """

    products: Path
    output: Path
    name: str | None = None
    model: str | None = None
    rules: ContactRuleSettings = field(default_factory=ContactRuleSettings)
    suppress: tuple[Path, ...] = ()
    length: int | None = None
    money: MoneySettings = field(default_factory=MoneySettings)
    holdout_share: float = 0.1
    global_control_share: float | None = None
    exports: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    contacted: bool = False
    pool: str | None = None
    strict: bool = False
