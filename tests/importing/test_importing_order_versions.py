"""Which state of an order counts, rule by rule, and what the data report says of it."""

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import InputError, ShopError
from frontrow.importing.exchange import ExchangeRates
from frontrow.importing.time_zone import guess_time_zone
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.tables.clock import read_clock

COLUMNS = ("order_id", "email", "ordered_at", "sku", "title", "price", "quantity")
LONDON = ImportSettings(time_zone="Europe/London")


def lines_file(folder: Path, name: str, rows: list[dict], *more: str) -> Path:
    """A table of order lines; what a row leaves out is the same for all."""
    default = {"email": "ann@example.com", "ordered_at": "2026-03-01 10:00", "price": "10", "quantity": "1"}
    with (folder / name).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, (*COLUMNS, *more), restval="")
        writer.writeheader()
        writer.writerows(default | row for row in rows)
    return folder / name


def order_lines(folder: Path) -> pl.DataFrame:
    return Shop.read(folder).orders.collect()


@pytest.mark.parametrize(
    ("column", "earlier", "later"),
    [
        ("cancelled_at", "", "2026-03-02 10:00"),
        ("refunded_amount", "", "4"),
        ("refunded_amount", "4", "10"),
        ("updated_at", "2026-03-02 10:00", "2026-03-03 10:00"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_orders_own_evidence_decides_in_any_order_and_against_the_shop(tmp_path, column, earlier, later, swapped):
    states = [{"order_id": "1", "title": "Pot", column: earlier}, {"order_id": "1", "title": "Pan", column: later}]
    paths = [lines_file(tmp_path, f"{n}.csv", [row], column) for n, row in enumerate(states)]
    paths = paths[::-1] if swapped else paths
    import_files(paths, tmp_path / "together", settings=LONDON)
    for path in paths:
        import_files([path], tmp_path / "apart", settings=LONDON)
    counted = [] if column == "cancelled_at" or later == "10" else ["pan"]
    for name in ("together", "apart"):
        assert order_lines(tmp_path / name)["product_id"].to_list() == counted


def test_the_export_with_newer_orders_decides_where_nothing_else_does(tmp_path):
    newer = {"order_id": "2", "title": "Cup", "ordered_at": "2026-03-05 10:00"}
    first = lines_file(tmp_path, "b.csv", [{"order_id": "1", "title": "Pot"}])
    second = lines_file(tmp_path, "a.csv", [{"order_id": "1", "title": "Pan"}, newer])
    for number, files in enumerate(([first, second], [second, first])):
        report = import_files(files, tmp_path / str(number), settings=LONDON)
        assert order_lines(tmp_path / str(number))["product_id"].to_list() == ["pan", "cup"]
        assert report.changed_orders == {"edited": 1}


def test_of_equal_states_the_later_import_counts_and_numbers_stay(tmp_path):
    import_files([lines_file(tmp_path, "a.csv", [{"order_id": "1", "title": "Pot"}])], tmp_path / "s", settings=LONDON)
    edited = lines_file(tmp_path, "b.csv", [{"order_id": "1", "title": "Pot"}, {"order_id": "1", "title": "Pan"}])
    report = import_files([edited], tmp_path / "s", settings=LONDON)
    assert (report.changed_orders, report.new_lines, report.lines, report.new_customers) == ({"edited": 1}, 0, 2, 0)
    again = import_files([edited], tmp_path / "s", settings=LONDON)
    assert (again.written, again.changed_orders, again.files[0].dropped) == (False, {}, {"order already imported": 2})


def test_an_older_export_imported_later_and_beside_a_newer_one_changes_nothing(tmp_path):
    newer = [{"order_id": str(n), "title": "Cup", "ordered_at": f"2026-03-0{n} 10:00"} for n in (2, 3)]
    old = lines_file(tmp_path, "old.csv", [{"order_id": "1", "title": "Pot"}])
    edited = lines_file(tmp_path, "edited.csv", [{"order_id": "1", "title": "Pan"}, newer[0]])
    last = lines_file(tmp_path, "last.csv", [newer[1]])
    for number, imports in enumerate((([old, last], [edited]), ([edited], [old, last]))):
        for files in imports:
            import_files(files, tmp_path / str(number), settings=LONDON)
        assert order_lines(tmp_path / str(number))["product_id"].to_list() == ["pan", "cup", "cup"]


def test_what_changed_between_files_is_counted_once(tmp_path):
    first = lines_file(tmp_path, "a.csv", [{"order_id": "1", "title": "Pot"}])
    newer = {"order_id": "2", "title": "Cup", "ordered_at": "2026-03-05 10:00"}
    second = lines_file(tmp_path, "b.csv", [{"order_id": "1", "title": "Pan"}, newer])
    assert import_files([first, second], tmp_path / "shop", settings=LONDON).changed_orders == {"edited": 1}
    again = import_files([first, second], tmp_path / "shop", settings=LONDON)
    assert (again.written, again.changed_orders) == (False, {})


def test_the_same_files_with_other_rates_correct_every_order(tmp_path):
    own = [{"order_id": f"own{n}", "title": "Pot", "currency": "GBP"} for n in range(3)]
    usd = {"order_id": "1", "title": "Pot", "currency": "USD"}
    newer = usd | {"order_id": "2", "ordered_at": "2026-03-09 10:00"}
    files = [lines_file(tmp_path, "a.csv", [*own, usd], "currency"), lines_file(tmp_path, "b.csv", [newer], "currency")]
    earned = [
        import_files(files, tmp_path / "shop", settings=replace(LONDON, exchange_rates=rates)).revenue
        for rates in (None, "USD=0.5", "USD=0.8")
    ]
    assert earned == [30, 40, 46]


@pytest.mark.parametrize(
    "before",
    [
        {"currency": "USD"},
        {"email": "bob@example.com"},
        {"price": "0"},
    ],
)
def test_a_customer_whom_a_later_state_brings_comes_with_consent(tmp_path, before):
    order = {"order_id": "1", "title": "Pot", "currency": "GBP", "accepts_marketing": "yes", "phone": "020 7946 0958"}
    gbp = replace(LONDON, currency="GBP")
    guest = order | {"order_id": "2", "email": ""}
    for name, rows in {"before.csv": [order | before, guest], "after.csv": [order, guest]}.items():
        import_files(
            [lines_file(tmp_path, name, rows, "currency", "accepts_marketing", "phone")],
            tmp_path / "shop",
            settings=gbp,
        )
    customers = Shop.read(tmp_path / "shop").customers.filter(pl.col("source_id") == "ann@example.com").collect()
    assert customers.select("accepts_email", "phone").rows() == [(True, "020 7946 0958")]


@pytest.mark.parametrize("column", ["refunded", "refunded_amount"])
def test_a_refund_written_as_a_loss_is_one(tmp_path, column):
    rows = [{"order_id": "1", "title": "Pot", "price": "100", column: "-20"}]
    report = import_files([lines_file(tmp_path, "a.csv", rows, column)], tmp_path / "shop", settings=LONDON)
    assert report.revenue == 80


def test_a_state_without_a_date_replaces_none_that_has_one(tmp_path):
    cups = [{"order_id": f"cup{n}", "title": "Cup"} for n in range(120)]
    dateless = lines_file(tmp_path, "a.csv", [{"order_id": "1", "title": "Pot", "ordered_at": ""}, *cups])
    dated = lines_file(tmp_path, "b.csv", [{"order_id": "1", "title": "Pot"}])
    for number, files in enumerate(([dateless, dated], [dated, dateless])):
        report = import_files(files, tmp_path / str(number), settings=LONDON)
        assert (report.orders, report.changed_orders) == (121, {})
    assert import_files([dateless], tmp_path / "apart", settings=LONDON).orders == 120
    assert not import_files([dateless], tmp_path / "apart", settings=LONDON).written
    assert import_files([dated], tmp_path / "apart", settings=LONDON).orders == 121
    assert import_files([dateless], tmp_path / "0", settings=LONDON).orders == 121


def test_an_order_of_which_all_that_was_paid_was_given_back_is_no_purchase(tmp_path):
    rows = [{"order_id": "1", "title": "Pot", "price": "100", "discount": "10", "refunded_amount": "90"}]
    report = import_files(
        [lines_file(tmp_path, "a.csv", rows, "discount", "refunded_amount")], tmp_path / "shop", settings=LONDON
    )
    assert (report.orders, report.files[0].dropped) == (0, {"refunded in full": 1})


def test_an_order_is_cancelled_whichever_of_its_lines_says_so(tmp_path):
    rows = [
        {"order_id": "1", "title": "Pot"},
        {"order_id": "1", "title": "Pan", "cancelled_at": "2026-03-02"},
        {"order_id": "2", "title": "Pot"},
        {"title": "Pot", "cancelled_at": "2026-03-02"},
        {"title": "Pot"},
    ]
    report = import_files([lines_file(tmp_path, "a.csv", rows, "cancelled_at")], tmp_path / "shop", settings=LONDON)
    assert order_lines(tmp_path / "shop")["order_id"].to_list() == ["2"]
    assert report.files[0].dropped == {"cancelled": 3, "no order number": 1}


def test_part_refunds_lower_revenue_by_line_and_by_order(tmp_path):
    rows = [
        {"order_id": "1", "title": "Pot", "price": "30", "refunded": "5"},
        {"order_id": "1", "title": "Pan"},
        {"order_id": "2", "title": "Pot", "price": "30", "refunded_amount": "8"},
        {"order_id": "2", "title": "Pan", "refunded_amount": "8"},
        {"order_id": "3", "title": "Cup", "refunded_amount": "10"},
    ]
    path = lines_file(tmp_path, "a.csv", rows, "refunded", "refunded_amount")
    report = import_files([path], tmp_path / "shop", settings=LONDON)
    lines = order_lines(tmp_path / "shop")
    assert lines["refunded"].to_list() == [5.0, 0.0, 6.0, 2.0]
    assert lines["partially_refunded"].all()
    assert (report.revenue, report.files[0].dropped) == (67.0, {"refunded in full": 1})


def test_a_table_cut_within_an_order_gives_the_whole_order(tmp_path):
    rows = [
        {"order_id": n, "title": title}
        for n, title in zip("122233", ("Pot", "Pan", "Cup", "Jug", "Pot", "Pan"), strict=True)
    ]
    whole = lines_file(tmp_path, "whole.csv", rows)
    pieces = [lines_file(tmp_path, "b.csv", rows[:2]), lines_file(tmp_path, "a.csv", rows[2:])]
    import_files([whole], tmp_path / "whole", settings=LONDON)
    import_files(pieces[::-1], tmp_path / "pieces", settings=LONDON)
    assert order_lines(tmp_path / "pieces").equals(order_lines(tmp_path / "whole"))


def test_a_product_sold_without_its_sku_under_a_new_title_is_joined_by_any_row_that_ties_them(tmp_path):
    sold = [
        {"order_id": "1", "title": "Old tea", "sku": "T1", "ordered_at": "2026-01-01 10:00"},
        {"order_id": "2", "title": "New tea", "ordered_at": "2026-03-01 10:00"},
    ]
    tie = [{"order_id": "3", "title": "New tea", "sku": "T1", "ordered_at": "2026-02-01 10:00", "cancelled_at": "yes"}]
    first = lines_file(tmp_path, "a.csv", sold)
    second = lines_file(tmp_path, "b.csv", tie, "cancelled_at")
    together = import_files([first, second], tmp_path / "together", settings=LONDON)
    assert (together.products, together.joined_products) == (1, 0)
    assert import_files([first], tmp_path / "apart", settings=LONDON).products == 2
    report = import_files([second], tmp_path / "apart", settings=LONDON)
    assert (report.products, report.joined_products) == (1, 1)
    for name in ("together", "apart"):
        shop = Shop.read(tmp_path / name)
        assert shop.orders.collect()["product_id"].to_list() == ["T1", "T1"]
        assert shop.products.select("skus", "aliases").rows() == [(["T1"], ["Old tea", "New tea"])]


def test_two_products_with_skus_of_their_own_stay_apart(tmp_path):
    rows = [
        {"order_id": "1", "title": "Tea", "sku": "T1", "ordered_at": "2026-01-01 10:00"},
        {"order_id": "2", "title": "Cup", "sku": "C1", "ordered_at": "2026-01-02 10:00"},
        {"order_id": "3", "title": "Cup", "sku": "T1", "ordered_at": "2026-01-03 10:00"},
    ]
    assert import_files([lines_file(tmp_path, "a.csv", rows)], tmp_path / "shop", settings=LONDON).products == 2


def test_rates_by_month_are_those_of_the_latest_month_before(tmp_path):
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,month,rate\nusd,2026-01,0.8\nUSD,2026-03,0.5\n")
    rows = [
        {"order_id": str(n), "title": "Pot", "ordered_at": f"{month}-15 10:00", "currency": "USD"}
        for n, month in enumerate(("2025-12", "2026-01", "2026-02", "2026-04"))
    ]
    rows += [{"order_id": f"own{n}", "title": "Pot", "currency": "GBP"} for n in range(5)]
    path = lines_file(tmp_path, "a.csv", rows, "currency")
    settings = ImportSettings(time_zone="Europe/London", exchange_rates=str(rates))
    report = import_files([path], tmp_path / "shop", settings=settings)
    assert report.files[0].dropped == {"no exchange rate for USD": 1}
    assert report.revenue == 8 + 8 + 5 + 50


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("currency,rate\nPOUND,2\n", 'row 2, column "currency": is not a currency'),
        ("currency,month,rate\nUSD,March,2\n", 'row 2, column "month": is not a month'),
        ("currency,rate\nUSD,0\n", 'row 2, column "rate": is not a rate'),
        ("currency,rate\nUSD,2000000000\n", 'row 2, column "rate": is not a rate'),
        ("currency,rate\nUSD,0.8\nEUR,0.9\nUSD,0.7\n", 'row 4, column "rate": is another rate than one above it'),
    ],
)
def test_a_file_of_rates_is_checked_cell_by_cell(tmp_path, text, message):
    (tmp_path / "rates.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        ExchangeRates.parse(str(tmp_path / "rates.csv"))


@pytest.mark.parametrize("text", ["USD=", "USD=x", "DOLLAR=2", "=2"])
def test_a_text_of_rates_is_checked(text):
    with pytest.raises(ShopError, match="is not a"):
        ExchangeRates.parse(text)


def test_the_time_zone_is_that_of_the_clock_and_the_currency():
    winter, summer = "2026-01-14 11:23:45", "2026-07-14 11:23:45"
    berlin = read_clock(pl.Series([f"{winter} +0100", f"{summer} +0200"]))
    assert guess_time_zone([berlin], "EUR") == "Europe/Berlin"
    assert guess_time_zone([berlin], "SEK") == "Europe/Stockholm"
    assert guess_time_zone([read_clock(pl.Series([f"{winter} +0000", f"{summer} +0000"]))], "GBP") == "UTC"
    assert guess_time_zone([read_clock(pl.Series([f"{winter} +0000", f"{summer} +0100"]))]) == "Europe/London"
    assert guess_time_zone([read_clock(pl.Series([f"{winter} +0545", f"{summer} -0330"]))]) is None
    assert guess_time_zone([read_clock(pl.Series([winter, None]))]) is None
    assert guess_time_zone([]) is None


def test_files_with_and_without_offsets_are_read_on_the_guessed_clock(tmp_path):
    stamps = ("2026-01-14 22:00:00 -0500", "2026-07-14 22:00:00 -0400")
    rows = [{"order_id": str(n), "title": "Pot", "ordered_at": stamp} for n, stamp in enumerate(stamps)]
    local = lines_file(tmp_path, "b.csv", [{"order_id": "2", "title": "Pot", "ordered_at": "2026-02-01 23:30:00"}])
    usd = ImportSettings(currency="USD")
    report = import_files([lines_file(tmp_path, "a.csv", rows), local], tmp_path / "shop", settings=usd)
    assert report.time_zone == "America/New_York"
    assert any("America/New_York" in warning for warning in report.warnings)
    days = order_lines(tmp_path / "shop")["ordered_at"].dt.to_string("%m-%d %H:%M").to_list()
    assert days == ["01-14 22:00", "02-01 23:30", "07-14 22:00"]


def test_a_day_of_month_first_is_no_offset():
    assert read_clock(pl.Series(["14-01-2026", "2026-01-14"])).has_local_times
    clock = read_clock(pl.Series(["2026-01-14T11:23:45.123+05:30", "2026-01-14 11:23:45-0500"]))
    assert (sorted(clock.offsets["offset_minutes"]), clock.has_local_times) == ([-300, 330], False)
