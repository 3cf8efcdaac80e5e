"""What each command prints for nobody (--quiet) and for a program (--json, --log-format json)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.application import build, command_names, spoken_name
from frontrow.launch.life_cycle import LAUNCH, compute_life_cycles
from frontrow.shop.shop import Shop

EXPORT = "order_id,ordered_at,customer_id,product,quantity,price\n1,2026-03-01 10:00,ann@example.com,Pot,1,10\n"


@pytest.fixture(scope="module")
def folder(shop_folder: Path, new_products: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a shop, files, and a campaign that was sent."""
    folder = tmp_path_factory.mktemp("quiet")
    shutil.copytree(shop_folder, folder / "shop")
    pl.read_csv(new_products).head(1).write_csv(folder / "new.csv")
    (folder / "orders.csv").write_text(EXPORT, "utf-8")
    (folder / "opened.csv").write_text("email,opened\nnobody@example.com,yes\n", "utf-8")
    past = Shop.read(folder / "shop").end().date().replace(day=1)
    options = ("--as-of", past, "--length", 200, "--holdout", 0.5, "--model", "text_similarity", "--quiet")
    planned = (folder / "shop", "--products", folder / "new.csv", *options, "--output", folder / "sent")
    arguments = ["campaign", *map(str, planned)]
    result = CliRunner().invoke(build(), arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder


def draw_images(folder: Path, shop: Path) -> Path:
    """A folder with an image of each of three products."""
    pillow = pytest.importorskip("PIL.Image", reason="the extra images is not installed")
    folder.mkdir(exist_ok=True)
    for number, product_id in enumerate(Shop.read(shop).products["product_id"][:3]):
        pillow.new("RGB", (16, 16), (80 * number, 40, 200)).save(folder / f"{product_id}.png")
    return folder


def arguments_of(folder: Path) -> dict[str, list[object]]:
    """What runs each command quickly, where the shop alone does not."""
    shop, products = folder / "shop", ["--products", folder / "new.csv", "--model", "text_similarity"]
    title = Shop.read(shop).products["title"][0]
    life_cycles = compute_life_cycles(Shop.read(shop).as_of())
    launch = life_cycles.filter(life_cycles["verdict"] == LAUNCH).sort("buyers_in_horizon")["product_id"][-1]
    return {
        "audience": [shop, *products],
        "backtest": [shop, "--min-buyers", 1, "--test-days", 31, "--refit-days", 31],
        "campaign": [shop, *products, "--length", 50, "--output", folder / f"campaign {len([*folder.iterdir()])}"],
        "classify": [shop, "--product", launch, "--embedding", "svd"],
        "config": [shop, "margin", 5],
        "contacted": [shop, folder / "sent"],
        "destination": ["list", shop],
        "demo": ["--output", folder / "demo", "--customers", 500],
        "embed": [shop, "--images", draw_images(folder / "images", shop), "--output", folder / "vectors.parquet"],
        "evaluate": [shop, "--models", "popular"],
        "forget": [shop, Shop.read(shop).customers.collect()["email"].drop_nulls()[0]],
        "import": [folder / "imported", folder / "orders.csv"],
        "launches": [shop, "--all"],
        "lift": [shop, folder / "sent", "--early"],
        "measure": [shop, folder / "sent", "--sold-as", title],
        "push": [shop, folder / "sent", "--to", "klaviyo"],
        "recommend": [shop, "--model", "popular", "--output", folder / "lists.csv"],
        "report": [shop, *products, "--no-backtest", "--output", folder / "page.html"],
        "results": [shop, folder / "sent", folder / "opened.csv"],
        "resubscribe": [shop, Shop.read(shop).customers.collect()["email"].drop_nulls()[-1]],
        "similar": [shop, "--product", title],
        "source": ["list", shop],
        "token": [folder, "list"],
        "train": [shop, "--model", "popular", "--output", folder / "trained"],
    }


# `serve` answers until it is ended (tests/web/test_web_serve.py), `sync` needs a source (tests/sources), `publish`
# an object store (tests/shop/test_shop_published.py)
NAMES = sorted({*map(spoken_name, command_names())} - {"publish", "serve", "sync"})


@pytest.mark.parametrize("name", NAMES)
def test_a_quiet_command_prints_nothing(folder: Path, name: str) -> None:
    arguments = [str(argument) for argument in arguments_of(folder).get(name, [folder / "shop"])]
    result = CliRunner().invoke(build(), [name, *arguments, "--quiet"], catch_exceptions=False)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("name", sorted({*NAMES} - {"backtest", "classify", "demo", "report"}))
def test_a_program_reads_json_on_both_streams(folder: Path, name: str) -> None:
    """Of every command that has --json; the two that take long are tested elsewhere."""
    arguments = [str(argument) for argument in arguments_of(folder).get(name, [folder / "shop"])]
    result = CliRunner().invoke(build(), [name, *arguments, "--json", "--log-format", "json"], catch_exceptions=False)
    assert result.exit_code == 0
    json.loads(result.stdout)
    entries = [json.loads(line) for line in result.stderr.splitlines()]
    assert {entry["command"] for entry in entries} == {name}
    assert entries[-1]["event"] == "finished"
    assert "@example.com" not in result.stderr
