"""Lists as files for platforms, from the command line: who is in them, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow import Shop
from frontrow.cli.application import build

RUNNER = CliRunner()
QUICK = ("--model", "own_repeats")


def invoke(*arguments: str | Path | int) -> tuple[int, str]:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments])
    return result.exit_code, result.stdout if result.exit_code == 0 else f"{result.output} {result.exception}"


def test_files_hold_those_who_agreed_and_nothing_prints_an_address(shop_folder: Path, tmp_path: Path) -> None:
    agreed = Shop.read(shop_folder).customers.filter(pl.col("accepts_email")).collect()["email"]
    stop = tmp_path / "stop.csv"
    folder = tmp_path / "winter"
    first = sorted(email.lower() for email in agreed)[0]
    stop.write_text(f"email\n{first}\n", "utf-8")
    options = ("--export", "klaviyo", "--export", "mailchimp", "--output", folder, "--suppress", stop, "--json")
    code, printed = invoke("recommend", shop_folder, *QUICK, *options)
    assert code == 0, printed
    written = json.loads(printed)
    assert "@" not in printed
    assert {path.name for path in folder.iterdir()} == {
        *("klaviyo-recommendations.csv", "klaviyo-template.html"),
        *("mailchimp-recommendations.csv", "mailchimp-template.html"),
    }
    rows = list(csv.DictReader((folder / "klaviyo-recommendations.csv").read_text("utf-8").splitlines()))
    addresses = {row["Email Address"] for row in rows}
    assert 0 < len(rows) == written["customers_with_a_file_row"] < len(agreed)
    assert addresses <= {email.lower() for email in agreed} - {first}
    assert "product_4_title" in rows[0]
    assert "product_5_title" not in rows[0]
    # a second time nothing is written over
    code, printed = invoke("recommend", shop_folder, *QUICK, *options)
    assert code != 0
    assert "exists already" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--export", "klaviyo"), "--output"),
        (("--export", "klaviyo", "--output", "{}", "--format", "csv"), "--format"),
        (("--export", "klaviyo", "--output", "{}", "--customers", "new"), "no address"),
        (("--export", "shopify_tags", "--output", "{}"), "takes no lists"),
        (("--export", "pigeon", "--output", "{}"), "no export named"),
        (("--not-tagged", "vip"), "--export"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    shop_folder: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    arguments = [option.format(tmp_path / "winter") for option in options]
    code, printed = invoke("recommend", shop_folder, *QUICK, *arguments)
    assert code != 0
    assert message in " ".join(printed.split())
    assert not (tmp_path / "winter").exists()
