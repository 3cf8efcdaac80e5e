"""Files to a shop on disk: additions, counts of rows, and what must not change."""

import csv
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import FrontrowError, InputError, ShopError, ShopLockedError
from frontrow.importing.exchange import ExchangeRates
from frontrow.shop import update as importing
from frontrow.shop.erase import forget
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.testing.shops import table_file

SAMPLES = Path(__file__).parent.parent / "importing" / "samples"
ORDERS = SAMPLES / "shopify_orders.csv"
CATALOGUE = SAMPLES / "shopify_products_classic.csv"
CUSTOMERS = SAMPLES / "shopify_customers_current.csv"
LONDON = ImportSettings(time_zone="Europe/London")
COLUMNS = ["order_id", "customer_id", "ordered_at", "title", "sku", "price", "quantity", "accepts_marketing", "email"]


def lines_file(folder: Path, rows, name="lines.csv", header=COLUMNS) -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, restval="")
        writer.writeheader()
        writer.writerows({"ordered_at": "2026-01-01", "price": "5", "quantity": "1"} | row for row in rows)
    return folder / name


def products(folder: Path) -> dict[str, dict]:
    return {row["product_id"]: row for row in Shop.read(folder).products.iter_rows(named=True)}


def customers(folder: Path) -> dict[str, dict]:
    return {row["source_id"]: row for row in Shop.read(folder).customers.collect().iter_rows(named=True)}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def text_in(path: Path) -> str:
    return str(pl.read_parquet(path).rows()) if path.suffix == ".parquet" else path.read_text("utf-8")


def test_the_sample_history_as_a_shop_owner_reads_it(tmp_path):
    report = import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    file = report.files[0]
    assert (file.rows, file.kept) == (14, 10)
    assert file.dropped == {"cancelled": 2, "refunded in full": 1, "zero price": 1}
    assert file.not_products == {"gift card": 1, "shipping protection": 1}
    assert (report.orders, report.customers, report.guest_orders) == (6, 3, 1)
    assert (report.products, report.not_products) == (3, 2)
    assert (report.first_day, report.last_day) == (dt.date(2026, 3, 28), dt.date(2026, 4, 6))
    assert (report.currency, report.time_zone, report.written) == ("GBP", "Europe/London", True)
    assert json.dumps(report.to_dict(), default=str)


def test_variants_are_one_product_and_a_dash_in_a_title_is_none(tmp_path):
    import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    by_id = products(tmp_path / "shop")
    assert by_id["LS-BM"]["title"] == "Linen shirt"
    assert by_id["LS-BM"]["skus"] == ["LS-BM", "LS-BS"]
    assert by_id["CTY"]["title"] == "Card - Thank you"


def test_grain_variant_keeps_variants_apart(tmp_path):
    import_files([ORDERS], tmp_path / "shop", settings=ImportSettings(grain="variant"))
    assert {"LS-BM", "LS-BS", "gift-card"} <= products(tmp_path / "shop").keys()


def test_rules_edited_take_effect_at_once_and_survive_an_import(tmp_path):
    folder = tmp_path / "shop"
    import_files([ORDERS], folder, settings=LONDON)
    everything = Shop.read(folder).orders.collect().height
    assert Shop.read(folder).lines().collect().height == everything - 2
    (folder / "product_rules.json").write_text('{"rules": []}')
    assert Shop.read(folder).lines().collect().height == everything
    import_files([lines_file(tmp_path, [{"order_id": "9", "title": "Postage"}])], folder)
    assert (folder / "product_rules.json").read_text() == '{"rules": []}'


def test_overlapping_files_equal_one_file(tmp_path):
    rows = [
        {"order_id": f"{n}", "customer_id": f"c{n % 3}", "ordered_at": f"2026-01-0{n}", "sku": f"s{n % 2}"}
        for n in range(1, 9)
    ]
    full = lines_file(tmp_path, rows, "whole.csv")
    early, late = lines_file(tmp_path, rows[:5], "early.csv"), lines_file(tmp_path, rows[3:], "late.csv")
    import_files([full], tmp_path / "one")
    report = import_files([early, late], tmp_path / "two")
    import_files([early], tmp_path / "three")
    import_files([late], tmp_path / "three")
    # the later export has the later state of the orders in both
    assert report.files[0].dropped == {"order already imported": 2}
    for name in ("orders", "products", "customers"):
        contents = {table_file(tmp_path / folder, name).read_bytes() for folder in ("one", "two", "three")}
        assert len(contents) == 1


def test_a_later_import_of_earlier_orders_changes_no_number_and_no_product(tmp_path):
    late = lines_file(
        tmp_path, [{"order_id": "2", "customer_id": "b", "ordered_at": "2026-02-01", "sku": "s", "title": "New name"}]
    )
    import_files([late], tmp_path / "shop")
    before = customers(tmp_path / "shop")["b"], products(tmp_path / "shop")["s"]
    early = lines_file(
        tmp_path, [{"order_id": "1", "customer_id": "a", "ordered_at": "2026-01-01", "sku": "s", "title": "Old name"}]
    )
    import_files([early], tmp_path / "shop")
    assert customers(tmp_path / "shop")["b"] == before[0]
    assert customers(tmp_path / "shop")["a"]["customer_id"] == 2
    after = products(tmp_path / "shop")["s"]
    assert (after["title"], after["price"]) == (before[1]["title"], before[1]["price"])
    assert after["aliases"] == ["New name", "Old name"]


def test_a_variant_that_comes_later_finds_its_product(tmp_path):
    for number, (sku, title) in enumerate([("A", "Shirt - S"), ("B", "Shirt - M"), ("C", "Shirt - L")]):
        row = {"order_id": f"{number}", "sku": sku, "title": title, "ordered_at": f"2026-01-0{number + 1}"}
        import_files([lines_file(tmp_path, [row])], tmp_path / "shop")
    assert list(products(tmp_path / "shop")) == ["A"]


def test_products_without_sku_are_separated_by_title(tmp_path):
    rows = [
        {"order_id": "1", "title": "Oak box"},
        {"order_id": "2", "title": "Oak box"},
        {"order_id": "3", "title": "Oak tray"},
    ]
    import_files([lines_file(tmp_path, rows)], tmp_path / "shop")
    assert list(products(tmp_path / "shop")) == ["oak-box", "oak-tray"]


def test_parent_sku(tmp_path):
    rows = [{"order_id": "1", "sku": "85123A", "title": "Red"}, {"order_id": "2", "sku": "85123B", "title": "Blue"}]
    import_files([lines_file(tmp_path, rows)], tmp_path / "shop", settings=ImportSettings(parent_sku=r"^(\d{5})[A-Z]$"))
    assert list(products(tmp_path / "shop")) == ["85123"]
    assert Shop.read(tmp_path / "shop").settings.parent_sku == r"^(\d{5})[A-Z]$"


@pytest.mark.parametrize("layout", ["classic", "2025"])
def test_a_catalogue_before_or_with_orders_names_the_products(tmp_path, layout):
    report = import_files([ORDERS, SAMPLES / f"shopify_products_{layout}.csv"], tmp_path / "shop", settings=LONDON)
    shirt = products(tmp_path / "shop")["linen-shirt"]
    assert (shirt["title"], shirt["product_type"], shirt["tags"]) == ("Linen shirt", "Shirts", "summer, linen")
    assert (shirt["price"], shirt["cost"], shirt["status"]) == (42.0, 12.0, "active")
    assert (shirt["description"], shirt["skus"]) == ("Cool & light", ["LS-BM", "LS-BS"])
    assert products(tmp_path / "shop")["felt-tip-pens"]["status"] == "draft"
    assert report.files[1].dropped == {"further image of a product": 1}


def test_a_catalogue_after_orders_fills_attributes_and_keeps_ids(tmp_path):
    import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    orders = table_file(tmp_path / "shop", "orders").read_bytes()
    import_files([CATALOGUE], tmp_path / "shop")
    by_id = products(tmp_path / "shop")
    assert "linen-shirt" not in by_id
    assert (by_id["LS-BM"]["product_type"], by_id["LS-BM"]["price"], by_id["FTP"]["status"]) == (
        "Shirts",
        42.0,
        "draft",
    )
    assert table_file(tmp_path / "shop", "orders").read_bytes() == orders


def test_a_catalogue_alone_lists_products_nobody_bought(tmp_path):
    report = import_files([CATALOGUE], tmp_path / "shop")
    assert (report.products, report.lines, report.first_day) == (2, 0, None)


def test_a_catalogue_by_variant(tmp_path):
    import_files([CATALOGUE], tmp_path / "shop", settings=ImportSettings(grain="variant"))
    by_id = products(tmp_path / "shop")
    assert by_id["LS-BS"]["title"] == "Linen shirt - Blue / S"
    assert by_id["LS-BS"]["product_type"] == "Shirts"


def test_consent_is_the_latest_orders_and_a_customers_export_outweighs_it(tmp_path):
    folder = tmp_path / "shop"
    import_files([ORDERS], folder, settings=LONDON)
    consent = {name: row["accepts_email"] for name, row in customers(folder).items()}
    assert consent == {"ann@example.com": True, "bob@example.com": True, "cat@example.com": True}
    import_files([CUSTOMERS], folder)
    ann = customers(folder)["ann@example.com"]
    assert (ann["accepts_email"], ann["accepts_sms"], ann["tags"]) == (False, True, "vip, wholesale")
    assert customers(folder)["dan@example.com"]["customer_id"] == 4
    later = [
        {
            "order_id": "L1",
            "email": "ann@example.com",
            "ordered_at": "2026-09-01",
            "title": "Pens",
            "accepts_marketing": "yes",
        }
    ]
    import_files([lines_file(tmp_path, later)], folder)
    assert customers(folder)["ann@example.com"]["accepts_email"] is False


def test_a_no_on_any_row_of_a_customer_listed_twice_is_a_no(tmp_path):
    header = ["Email", "First Name", "Accepts Email Marketing", "Accepts SMS Marketing", "Phone", "Tags"]
    path = tmp_path / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerows([header, ["Ann@example.com", "A", "yes", "yes", "", "vip"]])
        writer.writerow(["ann@example.com", "A", "no", "yes", "+442079460000", "vip, do-not-contact"])
        writer.writerow(["bob@example.com", "B", "yes", "no", "", ""])
    report = import_files([path], tmp_path / "shop", settings=LONDON)
    ann, bob = customers(tmp_path / "shop")["ann@example.com"], customers(tmp_path / "shop")["bob@example.com"]
    assert (ann["accepts_email"], ann["accepts_sms"], ann["phone"]) == (False, True, "+442079460000")
    assert ann["tags"] == "vip, do-not-contact"
    assert (bob["accepts_email"], bob["accepts_sms"], bob["tags"]) == (True, False, None)
    assert report.files[0].dropped == {"repeated customer": 1}


def test_a_refusal_on_an_order_after_a_customers_export_is_the_latest_consent(tmp_path):
    folder = tmp_path / "shop"
    import_files([ORDERS], folder, settings=LONDON)
    agreed = tmp_path / "customers.csv"
    agreed.write_text("First Name,Email,Accepts Email Marketing\nAnn,ann@example.com,yes\nBob,bob@example.com,yes\n")
    import_files([agreed], folder)
    row = {"order_id": "L1", "title": "Pens", "email": "ann@example.com", "accepts_marketing": "no"}
    silent = {"order_id": "L2", "title": "Pens", "email": "bob@example.com", "accepts_marketing": ""}
    older = row | {"ordered_at": "2019-01-01"}
    import_files([lines_file(tmp_path, [older])], folder)
    assert customers(folder)["ann@example.com"]["accepts_email"] is True
    later = [row | {"order_id": "L3", "ordered_at": "2026-09-01"}, silent | {"ordered_at": "2026-09-01"}]
    import_files([lines_file(tmp_path, later)], folder)
    consent = {name: row["accepts_email"] for name, row in customers(folder).items()}
    assert (consent["ann@example.com"], consent["bob@example.com"]) == (False, True)
    import_files([agreed], folder)
    assert customers(folder)["ann@example.com"]["accepts_email"] is True


def test_consent_follows_the_latest_export_by_channel(tmp_path):
    folder = tmp_path / "shop"
    import_files([ORDERS], folder, settings=LONDON)
    header = "First Name,Email,Accepts Email Marketing,Accepts SMS Marketing\n"
    for email, sms in [("yes", "no"), ("no", "yes"), ("", ""), ("yes", "yes")]:
        export = tmp_path / "customers.csv"
        export.write_text(f"{header}Ann,ann@example.com,{email},{sms}\n")
        import_files([export], folder)
        ann = customers(folder)["ann@example.com"]
        assert (ann["accepts_email"], ann["accepts_sms"]) == (email == "yes", sms == "yes")


def test_consent_of_an_older_order_imported_later_does_not_count(tmp_path):
    row = {"customer_id": "a", "title": "Pens"}
    newer_file = lines_file(tmp_path, [row | {"order_id": "2", "ordered_at": "2026-02-01", "accepts_marketing": "no"}])
    import_files([newer_file], tmp_path / "shop")
    older_file = lines_file(tmp_path, [row | {"order_id": "1", "ordered_at": "2026-01-01", "accepts_marketing": "yes"}])
    import_files([older_file], tmp_path / "shop")
    assert customers(tmp_path / "shop")["a"]["accepts_email"] is False


def test_only_customers_hold_personal_data(tmp_path):
    folder = tmp_path / "shop"
    import_files([ORDERS, CATALOGUE, CUSTOMERS], folder, settings=LONDON)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        personal = any(value in text_in(path) for value in ("ann@example", "Ann Ltd", "+44", "LS1", "vip"))
        assert personal == (path == table_file(folder, "customers"))


def test_a_dry_run_writes_nothing(tmp_path):
    report = import_files([ORDERS], tmp_path / "shop", settings=ImportSettings(dry_run=True))
    assert (report.dry_run, report.written, report.new_lines) == (True, False, 10)
    assert list(tmp_path.iterdir()) == []


def test_orders_dated_after_today_are_reported(tmp_path):
    next_year = f"{dt.date.today().year + 1}-01-01"
    rows = [{"order_id": day, "title": "Pot", "ordered_at": day} for day in ("2020-01-01", next_year)]
    report = import_files([lines_file(tmp_path, rows)], tmp_path / "shop", settings=LONDON)
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith(f"1 order line is dated after today, up to {next_year}, where")


def test_a_second_currency_is_left_out_and_counted_or_converted_by_a_rate(tmp_path):
    rows = [
        {"order_id": str(n), "title": "Pot", "currency": currency} for n, currency in enumerate(["EUR", "EUR", "usd"])
    ]
    path = lines_file(tmp_path, rows, header=[*COLUMNS, "currency"])
    report = import_files([path], tmp_path / "shop", settings=ImportSettings(time_zone="UTC"))
    assert (report.currency, report.revenue) == ("EUR", 10.0)
    assert report.files[0].dropped == {"no exchange rate for USD": 1}
    assert report.warnings[0].startswith("orders in USD were left out")
    rates = ImportSettings(time_zone="UTC", exchange_rates=ExchangeRates.parse("USD=0.8"))
    again = import_files([path], tmp_path / "shop", settings=rates)
    assert (again.revenue, again.new_lines, again.files[0].dropped) == (14.0, 1, {"order already imported": 2})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ImportSettings(time_zone="Europe/Paris"), "--time-zone Europe/Paris contradicts"),
        (ImportSettings(currency="EUR"), "--currency EUR contradicts"),
        (ImportSettings(grain="variant"), "--grain variant contradicts"),
    ],
)
def test_options_that_contradict_the_shop(tmp_path, settings, message):
    import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    with pytest.raises(ShopError, match=message):
        import_files([ORDERS], tmp_path / "shop", settings=settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ImportSettings(format="woo"), 'no format named "woo"'),
        (ImportSettings(time_zone="Mars/Olympus"), "is not a time zone"),
        (ImportSettings(parent_sku="("), "is not a regular expression"),
        (ImportSettings(parent_sku="abc"), "has no group"),
    ],
)
def test_bad_options_leave_nothing_behind(tmp_path, settings, message):
    with pytest.raises(FrontrowError, match=message):
        import_files([ORDERS], tmp_path / "shop", settings=settings)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_second_file_leaves_the_shop_untouched(tmp_path):
    import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    before = bytes_of(tmp_path / "shop")
    valid_file = lines_file(tmp_path, [{"order_id": "9", "title": "Pens"}], "good.csv")
    invalid_file = lines_file(tmp_path, [{"order_id": "10", "title": "Pens", "price": "free"}], "bad.csv")
    with pytest.raises(InputError, match=r'bad\.csv, row 2, column "price": found "free", expected an amount'):
        import_files([valid_file, invalid_file], tmp_path / "shop")
    assert bytes_of(tmp_path / "shop") == before


def test_an_interrupted_write_leaves_no_shop(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr("frontrow.storage.commit.write_parquet", fail)
    with pytest.raises(OSError, match="disk full"):
        import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["orders", "products", "customers"])
def test_a_truncated_file_is_named(tmp_path, name):
    shop = tmp_path / "shop"
    import_files([ORDERS], shop, settings=LONDON)
    file = table_file(shop, name)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ShopError, match=f"{file.name} is damaged"):
        Shop.read(shop)


def refused_meanwhile(monkeypatch, call) -> list[str]:
    """Make `add_files` of the next import try another command, in a thread of its own; what refused it is returned."""
    messages = []
    real = importing.add_files

    def overtaken(*arguments, **settings):
        monkeypatch.setattr(importing, "add_files", real)
        with ThreadPoolExecutor(1) as pool, pytest.raises(ShopLockedError) as caught:
            pool.submit(call).result()
        messages.append(str(caught.value))
        return real(*arguments, **settings)

    monkeypatch.setattr(importing, "add_files", overtaken)
    return messages


@pytest.mark.parametrize("first", [True, False])
def test_of_two_imports_at_once_the_later_is_refused_and_loses_nothing(tmp_path, monkeypatch, first):
    shop = tmp_path / "shop"
    if not first:
        import_files([lines_file(tmp_path, [{"order_id": "1", "title": "Pot"}])], shop, settings=LONDON)
    first_file = lines_file(tmp_path, [{"order_id": "2", "title": "Mug"}], name="mine.csv")
    later_file = lines_file(tmp_path, [{"order_id": "3", "title": "Jug"}], name="other.csv")
    messages = refused_meanwhile(monkeypatch, lambda: import_files([later_file], shop, settings=LONDON, wait=0))
    assert import_files([first_file], shop, settings=LONDON).new_lines == 1
    assert len(messages) == 1
    assert "frontrow import, process" in messages[0]
    assert "--wait" in messages[0]
    assert import_files([later_file], shop, settings=LONDON).new_lines == 1
    assert {"2", "3"} <= set(Shop.read(shop).orders.collect()["order_id"])


def test_a_person_cannot_be_forgotten_in_the_middle_of_an_import(tmp_path, monkeypatch):
    shop = tmp_path / "shop"
    import_files([ORDERS], shop, settings=LONDON)
    more = lines_file(tmp_path, [{"order_id": "2", "title": "Mug"}])
    messages = refused_meanwhile(monkeypatch, lambda: forget(shop, "bob@example.com", wait=0))
    import_files([more], shop, settings=LONDON)
    assert len(messages) == 1
    assert "bob" not in messages[0]
    forget(shop, "bob@example.com")
    assert "bob@example.com" not in customers(shop)


@pytest.mark.parametrize("identifier", ["ANN@example.com ", "ann@example.com"])
def test_forget_erases_the_customer_and_keeps_the_lines(tmp_path, identifier):
    folder = tmp_path / "shop"
    import_files([ORDERS], folder, settings=LONDON)
    before = Shop.read(folder).orders.collect()
    assert forget(folder, identifier) == 3
    after = Shop.read(folder).orders.collect()
    assert after.drop("customer_id").equals(before.drop("customer_id"))
    assert after["customer_id"].null_count() == before["customer_id"].null_count() + 3
    assert not any("ann@example.com" in text_in(path) for path in folder.rglob("*") if path.is_file())
    assert not import_files([ORDERS], folder).written
    assert "ann@example.com" not in customers(folder)


def test_forget_by_source_id_and_the_number_is_never_given_again(tmp_path):
    rows = [{"order_id": "1", "customer_id": "17", "title": "Pens"}]
    import_files([lines_file(tmp_path, rows)], tmp_path / "shop")
    assert forget(tmp_path / "shop", "17") == 1
    import_files([lines_file(tmp_path, [{"order_id": "2", "customer_id": "18", "title": "Pens"}])], tmp_path / "shop")
    assert customers(tmp_path / "shop")["18"]["customer_id"] == 2


def test_forgetting_a_stranger_is_an_error_that_does_not_repeat_the_name(tmp_path):
    import_files([ORDERS], tmp_path / "shop", settings=LONDON)
    before = bytes_of(tmp_path / "shop")
    with pytest.raises(ShopError) as caught:
        forget(tmp_path / "shop", "zed@example.com")
    assert "zed" not in str(caught.value)
    assert bytes_of(tmp_path / "shop") == before
