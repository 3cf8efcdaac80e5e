"""What commands say about a file of new products: on screen, in JSON and on the page, or with --strict as an error."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from frontrow.cli.application import build
from frontrow.errors import InputError
from frontrow.shop.shop import Shop

RUNNER = CliRunner()


def invoke(*arguments: object) -> Result:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def slips(shop_folder: Path, tmp_path: Path) -> Path:
    """A plural type, a column in other words, and a product that most customers have."""
    products = Shop.read(shop_folder).products
    lines = Shop.read(shop_folder).lines().group_by("product_id").len().sort("len", "product_id").collect()
    (sold,) = products.filter(pl.col("product_id") == lines["product_id"][-1])["title"]
    kind = products["product_type"].drop_nulls()[0]
    file = tmp_path / "slips.csv"
    file.write_text(f'title,product_type,prise\n"{sold.upper()}",,\nTerracotta pot,{kind}s,\n', "utf-8")
    return file


def test_slips_are_said_on_standard_error_and_in_json(shop_folder: Path, slips: Path) -> None:
    arguments = ("audience", shop_folder, "--products", slips, "--top", 3)
    result = invoke(*arguments)
    for text in (
        'row 1: a file of new products has no column "prise"',
        "Did you mean price?",
        "has been on sale since",
        "is no type of the shop",
    ):
        assert text in result.stderr
    assert "The most similar past launches" in result.stdout
    output = json.loads(invoke(*arguments, "--json").stdout)
    assert [(finding["row"], finding["column"]) for finding in output["findings"]] == [
        (1, "prise"),
        (2, "title"),
        (3, "product_type"),
    ]
    assert [notice for notice in output["notices"] if notice.startswith("slips.csv, row 3")]
    (sold,) = output["sold_already"]
    assert sold["owners"] > 0
    similar = [row for row in output["similar_launches"] if row["title"] == "Terracotta pot"]
    assert [row["rank"] for row in similar] == [1, 2, 3]
    assert sold["product_id"] not in {
        row["similar_product_id"] for row in output["similar_launches"] if row not in similar
    }


def test_no_owner_is_in_the_file_or_in_a_campaign(shop_folder: Path, slips: Path, tmp_path: Path) -> None:
    file = tmp_path / "audience.parquet"
    output = json.loads(invoke("audience", shop_folder, "--products", slips, "--output", file, "--json").stdout)
    product_id = output["sold_already"][0]["product_id"]
    lines = Shop.read(shop_folder).lines().filter(pl.col("product_id") == product_id).collect()
    owners = set(lines["customer_id"].drop_nulls())
    ranked = pl.read_parquet(file).filter(pl.col("product_id") == product_id)
    assert ranked.height
    assert not set(ranked["customer_id"]) & owners
    plan = tmp_path / "plan"
    printed = invoke("campaign", shop_folder, "--products", slips, "--length", 300, "--output", plan).stdout
    assert "counted as if it were new" in " ".join(printed.split())
    assignment = pl.read_parquet(plan / "assignment.parquet")
    listed = assignment.filter(pl.col("product_id") == product_id)
    assert not set(listed["customer_id"]) & owners


def test_the_page_shows_the_slips_and_the_similar_launches(shop_folder: Path, slips: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    invoke("report", shop_folder, "--products", slips, "--output", page, "--no-backtest")
    text = page.read_text("utf-8")
    assert "Look at the file of new products first" in text
    assert "Did you mean price?" in text
    assert "What the most similar launches sold" in text


@pytest.mark.parametrize("command", ["audience", "campaign", "report", "recommend"])
def test_strict_makes_an_error_of_the_first_slip(command: str, shop_folder: Path, slips: Path, tmp_path: Path) -> None:
    output = tmp_path / ("page.html" if command == "report" else "out.csv" if command != "campaign" else "plan")
    products = "--launches" if command == "recommend" else "--products"
    arguments = [command, shop_folder, products, slips, "--output", output, "--strict"]
    arguments += ["--length", 10] if command == "campaign" else []
    with pytest.raises(
        InputError, match=r'^slips.csv, row 1: .* no column "prise".*Did you mean price\? .* 2 more things are to look'
    ):
        invoke(*arguments)
    assert not output.exists()
