"""The help of a command with many options: each under a heading, the same one in every command."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.eligibility.contact_rules import DO_NOT_CONTACT, ContactRules
from frontrow.cli.application import build, command_names
from frontrow.cli.command import GROUPS, UNGROUPED, in_groups, load_command
from frontrow.cli.reference import list_parameters, reference
from frontrow.service.defaults import ContactRuleSettings, MoneySettings
from frontrow.shop.config import ShopConfig

MANY = 12
COMMANDS = {name: list_parameters(load_command(name)) for name in command_names()}
OPTIONS = {
    name: [parameter for parameter in parameters if parameter.is_option] for name, parameters in COMMANDS.items()
}
GROUPED = [name for name, options in OPTIONS.items() if all(option.group for option in options)]


def sections(name: str) -> dict[str, list[str]]:
    """The options below each heading of the help, in their order."""
    result = CliRunner().invoke(build(), [name.rstrip("_"), "--help"], env={"COLUMNS": "200"}, catch_exceptions=False)
    options: dict[str, list[str]] = {}
    heading = ""
    for line in result.stdout.splitlines():
        if line and not line.startswith(" "):
            heading = line.rstrip(":")
        elif line.startswith("  --"):
            options.setdefault(heading, []).append(line.split()[0])
    return options


def spelled(name: str) -> str:
    return name.partition("/")[0]


def test_a_command_with_many_options_shows_them_in_groups() -> None:
    assert {name for name, options in OPTIONS.items() if len(options) >= MANY} <= set(GROUPED)
    assert "campaign" in GROUPED


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_every_option_once_under_its_heading(name: str) -> None:
    expected = in_groups([(option.group, spelled(option.name)) for option in OPTIONS[name]])
    listed = sections(name)
    assert listed.pop(UNGROUPED) == [*expected.pop(UNGROUPED, []), "--help"]
    assert listed == expected
    assert list(listed) == [group for group in GROUPS if group in listed]


def test_an_option_has_the_same_heading_in_every_command() -> None:
    groups: dict[str, set[str | None]] = {}
    for name in GROUPED:
        for option in OPTIONS[name]:
            groups.setdefault(option.name, set()).add(option.group)
    assert not {name: headings for name, headings in groups.items() if len(headings) > 1}


def test_the_page_has_the_headings_of_the_help() -> None:
    section = reference().partition("## frontrow campaign\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip(" `*") for line in section.splitlines() if line.startswith("| ")][1:]
    by_heading = sections("campaign")
    assert [spelled(row) for row in rows if row.startswith("--")] == [
        option for heading, options in by_heading.items() if heading != UNGROUPED for option in options
    ]
    assert [row for row in rows if row in GROUPS] == [heading for heading in by_heading if heading != UNGROUPED]


def test_the_configuration_of_the_shop_fills_missing_options() -> None:
    assert ContactRuleSettings().to_rules(ShopConfig()) == ContactRules()
    shop = ShopConfig(channel="sms", not_contacted_days=30, phone_region="FR", margin=12.0, contact_cost=0.2)
    rules = ContactRuleSettings(countries=("GB",), not_tagged=("vip",), phone_region="GB").to_rules(shop)
    assert rules == ContactRules(
        channel="sms",
        countries=("GB",),
        not_tagged=(*DO_NOT_CONTACT, "vip"),
        not_contacted_days=30,
        phone_region="GB",
    )
    assert MoneySettings().to_economics(ShopConfig()) is None
    economics = MoneySettings(discount=1.0, capacity=500, incremental_share=(0.2, 0.4)).to_economics(shop)
    assert economics is not None
    assert (economics.margin, economics.contact_cost, economics.discount) == (12.0, 0.2, 1.0)
    assert (economics.incremental_share.low, economics.incremental_share.high) == (0.2, 0.4)
    assert MoneySettings(margin=9.0, contact_cost=0.0).to_economics(shop) == Economics(9.0)


def test_an_assumption_and_a_measurement_are_not_both_taken(tmp_path: Path) -> None:
    money = ("--margin", "1", "--incremental-share", "0.1", "0.2", "--measured", str(tmp_path))
    arguments = ("campaign", str(tmp_path), "--products", "new.csv", "--output", str(tmp_path / "one"))
    result = CliRunner().invoke(build(), [*arguments, *money])
    assert result.exit_code == 2
    assert "not both" in result.output
