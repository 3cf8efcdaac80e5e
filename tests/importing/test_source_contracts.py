"""Every source keeps the contract; a new source adds a sample and two lines."""

from pathlib import Path

from frontrow.importing.format import source_named, source_names
from frontrow.testing.sources import SourceContract

SAMPLES = Path(__file__).parent / "samples"


class TestShopifyOrders(SourceContract):
    source, sample = source_named("shopify_orders"), SAMPLES / "shopify_orders.csv"


class TestShopifyProductsClassic(SourceContract):
    source, sample = source_named("shopify_products"), SAMPLES / "shopify_products_classic.csv"


class TestShopifyProducts2025(SourceContract):
    source, sample = source_named("shopify_products"), SAMPLES / "shopify_products_2025.csv"


class TestShopifyCustomersCurrent(SourceContract):
    source, sample = source_named("shopify_customers"), SAMPLES / "shopify_customers_current.csv"


class TestShopifyCustomersOlder(SourceContract):
    source, sample = source_named("shopify_customers"), SAMPLES / "shopify_customers_older.csv"


class TestCleanedTable(SourceContract):
    source, sample = source_named("cleaned_table"), SAMPLES / "cleaned_table.csv"


class TestOnlineRetail(SourceContract):
    source, sample = source_named("online_retail"), SAMPLES / "online_retail.csv"


class TestOrderLines(SourceContract):
    source, sample = source_named("order_lines"), SAMPLES / "order_lines.csv"


def test_every_source_is_under_contract():
    tested = {contract.source.name for contract in SourceContract.__subclasses__()}
    assert tested == set(source_names())
