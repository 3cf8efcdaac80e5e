"""The help of a command with many options: each under a heading, the same one in every command."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontrow.campaign.eligibility.contact_rules import DO_NOT_CONTACT, ContactRules
from frontrow.cli import build, campaign_options, command_names, money_options
from frontrow.cli.option_groups import GROUPS, UNGROUPED, in_groups
from frontrow.cli.reference import parameters, reference

MANY = 12
COMMANDS = {name: parameters(import_module(f"frontrow.cli.commands.{name}").command) for name in command_names()}
OPTIONS = {name: [one for one in told if one.is_option] for name, told in COMMANDS.items()}
GROUPED = [name for name, options in OPTIONS.items() if all(one.group for one in options)]


def sections(name: str) -> dict[str, list[str]]:
    """The options below each heading of the help, in their order."""
    result = CliRunner().invoke(build(), [name.rstrip("_"), "--help"], env={"COLUMNS": "200"}, catch_exceptions=False)
    found: dict[str, list[str]] = {}
    heading = ""
    for line in result.stdout.splitlines():
        if line and not line.startswith(" "):
            heading = line.rstrip(":")
        elif line.startswith("  --"):
            found.setdefault(heading, []).append(line.split()[0])
    return found


def spelled(name: str) -> str:
    return name.partition("/")[0]


def test_a_command_with_many_options_shows_them_in_groups() -> None:
    assert {name for name, options in OPTIONS.items() if len(options) >= MANY} <= set(GROUPED)
    assert "campaign" in GROUPED


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_every_option_once_under_its_heading(name: str) -> None:
    wanted = in_groups([(one.group, spelled(one.name)) for one in OPTIONS[name]])
    shown = sections(name)
    assert shown.pop(UNGROUPED) == [*wanted.pop(UNGROUPED, []), "--help"]
    assert shown == wanted
    assert list(shown) == [group for group in GROUPS if group in shown]


def test_an_option_stands_under_the_same_heading_in_every_command() -> None:
    groups: dict[str, set[str | None]] = {}
    for name in GROUPED:
        for one in OPTIONS[name]:
            groups.setdefault(one.name, set()).add(one.group)
    assert not {name: found for name, found in groups.items() if len(found) > 1}


def test_the_page_has_the_headings_of_the_help() -> None:
    section = reference().partition("## frontrow campaign\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip(" `*") for line in section.splitlines() if line.startswith("| ")][1:]
    told = sections("campaign")
    assert [spelled(row) for row in rows if row.startswith("--")] == [
        option for heading, options in told.items() if heading != UNGROUPED for option in options
    ]
    assert [row for row in rows if row in GROUPS] == [heading for heading in told if heading != UNGROUPED]


def test_the_options_about_people_become_the_rules() -> None:
    assert campaign_options.contact_rules("email", None, None, None, None, 1, None, None) == ContactRules()
    assert campaign_options.contact_rules("sms", ["GB"], ["DE"], ["vip"], 30, 2, 90, "FR") == ContactRules(
        channel="sms",
        countries=("GB",),
        not_countries=("DE",),
        not_tagged=(*DO_NOT_CONTACT, "vip"),
        not_contacted_days=30,
        max_contacts=2,
        not_refunded_days=90,
        phone_region="FR",
    )


def test_the_options_about_money_become_the_economics() -> None:
    assert money_options.economics(None, 0.0, 0.0, None, None, None, None, None) is None
    told = money_options.economics(12.0, 0.2, 1.0, 500, 90.0, 40.0, (0.2, 0.4), None)
    assert told is not None
    assert (told.margin, told.contact_cost, told.discount) == (12.0, 0.2, 1.0)
    assert (told.capacity, told.budget, told.stock) == (500, 90.0, 40.0)
    assert (told.incremental_share.low, told.incremental_share.high) == (0.2, 0.4)


def test_an_assumption_and_a_measurement_are_not_both_taken(tmp_path: Path) -> None:
    money = ("--margin", "1", "--incremental-share", "0.1", "0.2", "--measured", str(tmp_path))
    arguments = ("campaign", str(tmp_path), "--products", "new.csv", "--output", str(tmp_path / "one"))
    result = CliRunner().invoke(build(), [*arguments, *money])
    assert result.exit_code == 2
    assert "not both" in result.output
