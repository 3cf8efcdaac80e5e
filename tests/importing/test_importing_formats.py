"""Every format fulfils the contract; a new format adds a sample and two lines."""

from pathlib import Path

from frontrow.importing.format import format_names, get_format
from frontrow.testing.formats import FormatContract

SAMPLES = Path(__file__).parent / "samples"


class TestShopifyOrders(FormatContract):
    file_format, sample = get_format("shopify_orders"), SAMPLES / "shopify_orders.csv"


class TestShopifyProductsClassic(FormatContract):
    file_format, sample = get_format("shopify_products"), SAMPLES / "shopify_products_classic.csv"


class TestShopifyProducts2025(FormatContract):
    file_format, sample = get_format("shopify_products"), SAMPLES / "shopify_products_2025.csv"


class TestShopifyCustomersCurrent(FormatContract):
    file_format, sample = get_format("shopify_customers"), SAMPLES / "shopify_customers_current.csv"


class TestShopifyCustomersOlder(FormatContract):
    file_format, sample = get_format("shopify_customers"), SAMPLES / "shopify_customers_older.csv"


class TestCleanedTable(FormatContract):
    file_format, sample = get_format("cleaned_table"), SAMPLES / "cleaned_table.csv"


class TestOnlineRetail(FormatContract):
    file_format, sample = get_format("online_retail"), SAMPLES / "online_retail.csv"


class TestOrderLines(FormatContract):
    file_format, sample = get_format("order_lines"), SAMPLES / "order_lines.csv"


class TestWooCommerceOrdersAdvanced(FormatContract):
    file_format, sample = get_format("woocommerce_orders"), SAMPLES / "woocommerce_orders_advanced.csv"


class TestWooCommerceOrdersPerItem(FormatContract):
    file_format, sample = get_format("woocommerce_orders"), SAMPLES / "woocommerce_orders_per_item.csv"


class TestWooCommerceProducts(FormatContract):
    file_format, sample = get_format("woocommerce_products"), SAMPLES / "woocommerce_products.csv"


class TestWooCommerceCustomers(FormatContract):
    file_format, sample = get_format("woocommerce_customers"), SAMPLES / "woocommerce_customers.csv"


def test_every_format_is_under_contract():
    tested = {contract.file_format.name for contract in FormatContract.__subclasses__()}
    assert tested == set(format_names())
