"""What the mutated files are made from: exports with planted persons, a shop, a campaign and saved models."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
from mutated_persons import EMAIL, PHONE, plant_persons

from frontrow import SyntheticShop
from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS
from frontrow.service.audience import AudienceSettings, rank_audience
from frontrow.service.campaign import write_plan
from frontrow.service.config import configure
from frontrow.service.contacts import record_contacts
from frontrow.service.defaults import ContactRuleSettings
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.service.recommendations import train
from frontrow.service.shop_data import import_exports
from frontrow.shop.import_settings import ImportSettings

SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "importing" / "samples"
CUSTOMERS = 500
FEW_CUSTOMERS = 250
SMALL_MODELS = ("item_to_item", "popular_in_country")
OTHER_MODELS = ("two_stage", "ease", "tifu_knn", "own_repeats", "als", "two_tower", "sasrec")
RULES = """
already_bought = "hide"
not_for_sale = ["gift"]
sold_within_days = 90
stock = "stock.csv"
diversity = 0.2

[exclude]
tags = ["sale"]
price_to = 5.0

[at_most]
per_product_type = 3

[[pinned]]
product_id = "{product}"
rank = 1
"""


def models(small: bool) -> tuple[str, ...]:
    """The recommenders that are trained; two that need no extra in a small world."""
    return SMALL_MODELS if small else (*SMALL_MODELS, *OTHER_MODELS)


def build_world(folder: Path, *, small: bool = False) -> None:
    """Write everything below `folder`.

    Args:
        folder: Made if it does not exist.
        small: With fewer customers and models.
    """
    samples = folder / "samples"
    samples.mkdir(parents=True)
    for sample in sorted(SAMPLES.iterdir()):
        write_records(plant_persons(read_records(sample)), samples / sample.name)
    garden = SyntheticShop(customers=FEW_CUSTOMERS if small else CUSTOMERS, seed=5)
    exports = [_plant(path) for path in garden.write_shopify(folder / "exports")]
    shop = folder / "shop"
    import_exports(shop, exports, ImportSettings(time_zone=garden.time_zone))
    products = folder / "inputs" / "products.csv"
    products.parent.mkdir()
    garden.write_upcoming(products)
    _write_inputs(shop, products.parent)
    run = RunSettings()
    configure(shop, "margin", "12.50")
    configure(shop, "launch_dates", str(products.parent / "launch_dates.csv"))
    rank_audience(shop, AudienceSettings(products), run)
    rules = ContactRuleSettings(channel="email")
    plan = PlanSettings(products, folder / "campaign", rules=rules, length=20, global_control_share=0.05)
    write_plan(shop, plan, run)
    record_contacts(shop, folder / "campaign")
    for name in models(small):
        train(shop, folder / "models" / name, run, model=name)


def read_records(file: Path) -> list[list[str]]:
    """The rows of a CSV file, the header first."""
    return list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


def write_records(records: list[list[str]], file: Path) -> Path:
    """Write rows as a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(records)
    return file


def _plant(file: Path) -> Path:
    return write_records(plant_persons(read_records(file)), file)


def _write_inputs(shop: Path, folder: Path) -> None:
    """Files that a person writes, each of them usable as it is."""
    from frontrow.shop.shop import Shop

    sold = Shop.read(shop)
    ids = sold.products["product_id"].head(8).to_list()
    people = sold.customers.select("customer_id", "source_id").head(20).collect()
    write_records([["product_id", "launch_date"], *([name, "2026-03-01"] for name in ids)], folder / "launch_dates.csv")
    write_records([["product_id", "stock"], *([name, str(n)] for n, name in enumerate(ids))], folder / "stock.csv")
    write_records([["email"], *([EMAIL.format(n)] for n in range(9)), [PHONE]], folder / "suppress.csv")
    people.select(pl.col("customer_id").cast(pl.String)).write_csv(folder / "customers.csv")
    people.select("source_id").write_csv(folder / "source_ids.csv")
    contexts = [
        ["country", "province", "city", "hour", "month"],
        ["DE", "", "Bonn", "9", "5"],
        ["US", "NY", "", "", ""],
    ]
    write_records(contexts, folder / "contexts.csv")
    (folder / "rules.toml").write_text(RULES.format(product=ids[0]), "utf-8")
    (folder / "products.json").write_text(json.dumps(NEW_PRODUCT_COLUMNS), "utf-8")
