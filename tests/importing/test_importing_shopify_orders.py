"""The irregularities of Shopify's orders exports and how they are parsed."""

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from frontrow.errors import InputError
from frontrow.importing.exchange import find_currency
from frontrow.importing.format import ParseSettings, get_format
from frontrow.importing.order_assembly import assemble_lines
from frontrow.importing.order_versions import choose_latest
from frontrow.schema import order_state_schema
from frontrow.tables.table_file import open_table

HEADER = [
    *("Name", "Email", "Financial Status", "Currency", "Subtotal", "Total", "Discount Amount", "Created at"),
    *("Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Cancelled at", "Refunded Amount"),
    *("Payment Method", "Tags", "Lineitem discount", "Shipping Country", "Shipping Phone", "Accepts Marketing"),
]


def order(name="#1", *, lines=(("Pens", "10.00", "1", "P"),), **fields):
    """The rows of an order; the fields of the order are on the first row only, as Shopify writes them."""
    gross = sum(float(price.replace(",", "")) * int(quantity) for _, price, quantity, _ in lines)
    own_fields = {"Email": "ann@example.com", "Financial Status": "paid", "Currency": "GBP", "Total": gross}
    own_fields |= {"Created at": "2026-05-14 11:23:45 +0100"} | {
        key.replace("_", " "): value for key, value in fields.items()
    }
    rows = []
    for title, price, quantity, sku in lines:
        item = {"Lineitem name": title, "Lineitem price": price, "Lineitem quantity": quantity, "Lineitem sku": sku}
        rows.append({"Name": name} | item | (own_fields if not rows else {}))
    return rows


def write(folder: Path, rows, header=HEADER, encoding="utf-8") -> Path:
    path = folder / "orders_export.csv"
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_orders(folder: Path, rows, time_zone="Europe/London", **settings):
    """What the format reads, with the latest state of each order in `lines`, its amounts spread."""
    table = open_table(write(folder, rows, **settings))
    parsed = get_format("shopify_orders").parse(table, ParseSettings(time_zone))
    states = pl.DataFrame(schema=order_state_schema(time_zone))
    latest = choose_latest([parsed.lines], [parsed.orders], states)
    of_order = latest.orders.drop(
        "order_discount", "refunded_amount", "subtotal", "dropped", "version", "file", strict=False
    )
    lines = assemble_lines(latest.lines, latest.orders)
    lines = lines.join(of_order.with_row_index("order"), on="order", how="left", maintain_order="left")
    others = latest.lines.join(lines, on="row", how="anti")
    return replace(parsed, lines=pl.concat([lines, others], how="diagonal").sort("row"))


def reasons(parsed) -> list[str | None]:
    return parsed.lines["dropped"].to_list()


TWO = (("Pens", "10.00", "1", "P"), ("Ink", "5.00", "2", "I"))


def test_continuation_rows_take_the_fields_of_their_order(tmp_path):
    rows = order("#1", lines=TWO) + order("#2", Email="", Shipping_Country="FR")
    lines = read_orders(tmp_path, rows).lines
    assert lines["order_id"].to_list() == ["#1", "#1", "#2"]
    assert lines["source_id"].to_list() == ["ann@example.com", "ann@example.com", None]
    assert lines["country"].to_list() == [None, None, "FR"]
    assert lines["ordered_at"].n_unique() == 1


def test_rows_of_an_order_need_not_be_adjacent(tmp_path):
    first, second = order("#1", lines=TWO, Email="a@example.com"), order("#2", lines=TWO, Email="b@example.com")
    lines = read_orders(tmp_path, [first[0], second[0], first[1], second[1]]).lines
    assert lines["source_id"].to_list() == ["a@example.com", "b@example.com"] * 2


def test_a_blank_name_continues_the_order_above_but_an_order_with_fields_does_not(tmp_path):
    rows = order("#1", lines=TWO) + order("", Email="b@example.com")
    rows[1]["Name"] = ""
    parsed = read_orders(tmp_path, rows)
    assert parsed.lines["order_id"].to_list() == ["#1", "#1", None]
    assert reasons(parsed) == [None, None, "no order number"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Cancelled_at": "2026-05-15 10:00:00 +0100"}, "cancelled"),
        ({"Financial_Status": "voided"}, "voided"),
        ({"Financial_Status": "Refunded"}, "refunded in full"),
        ({"Refunded_Amount": "10.00"}, "refunded in full"),
        ({"Financial_Status": "expired"}, "payment expired"),
        ({"Payment_Method": "bogus"}, "test order"),
        ({"Tags": "vip, TEST"}, "test order"),
        ({"Tags": "testers club"}, None),
        ({"Financial_Status": "pending"}, None),
        ({"Financial_Status": "authorized"}, None),
        ({"Created_at": ""}, "no date"),
        ({"lines": (("Pens", "0.00", "1", "P"),)}, "zero price"),
        ({"lines": (("Pens", "10", "-1", "P"),)}, "returned (negative quantity)"),
        ({"lines": (("", "10", "1", ""),)}, "no product"),
    ],
)
def test_what_is_no_purchase_is_dropped_for_its_reason(tmp_path, fields, reason):
    assert reasons(read_orders(tmp_path, order(**fields))) == [reason]


def test_a_partial_refund_flags_all_lines_of_the_order(tmp_path):
    rows = order("#1", lines=TWO, Financial_Status="partially_refunded", Refunded_Amount="5.00") + order("#2")
    lines = read_orders(tmp_path, rows).lines
    assert lines["partially_refunded"].to_list() == [True, True, False]
    assert lines["dropped"].null_count() == 3


def test_a_discount_is_spread_by_value_and_revenue_is_never_the_orders_total_repeated(tmp_path):
    lines = read_orders(tmp_path, order(lines=TWO, Discount_Amount="4.00", Subtotal="16.00", Total="21.00")).lines
    assert lines["discount"].to_list() == [2.0, 2.0]
    assert (lines["price"] * lines["quantity"] - lines["discount"]).sum() == 16.0


def test_free_shipping_takes_nothing_off_the_lines(tmp_path):
    lines = read_orders(tmp_path, order(lines=TWO, Discount_Amount="4.00", Subtotal="20.00")).lines
    assert lines["discount"].to_list() == [0.0, 0.0]


def test_the_discount_of_a_line_is_part_of_the_order_discount(tmp_path):
    rows = order(lines=TWO, Discount_Amount="6.00", Subtotal="14.00")
    rows[0]["Lineitem discount"] = "2.00"
    assert read_orders(tmp_path, rows).lines["discount"].to_list() == [4.0, 2.0]


def test_mixed_offsets_meet_in_the_shops_time_zone(tmp_path):
    rows = order("#1", Created_at="2026-03-28 23:30:00 +0000") + order("#2", Created_at="2026-03-29 03:30:00 +0200")
    timestamps = read_orders(tmp_path, rows).lines["ordered_at"]
    assert timestamps.dt.to_string("%Y-%m-%d %H:%M").to_list() == ["2026-03-28 23:30", "2026-03-29 02:30"]


def test_apostrophes_are_removed_and_an_email_is_one_key(tmp_path):
    rows = order("#1", Email=" Ann@Example.COM ", Shipping_Phone="'+44123") + order("#2", Email="ann@example.com")
    parsed = read_orders(tmp_path, rows)
    assert parsed.lines["source_id"].unique().to_list() == ["ann@example.com"]
    assert parsed.contacts["phone"].to_list() == ["+44123", None]


def test_grouped_thousands_bom_crlf_and_line_breaks_in_cells(tmp_path):
    rows = order(lines=(("Desk\nin two parts", "1,23,456.78", "1", "D"),))
    lines = read_orders(tmp_path, rows, encoding="utf-8-sig").lines
    assert lines["price"].to_list() == [123456.78]
    assert lines["title"].to_list() == ["Desk\nin two parts"]


def test_other_spellings_and_other_case(tmp_path):
    header = [name.replace("Lineitem sku", "LINEITEM SKU").replace("Cancelled at", "canceled at") for name in HEADER]
    rows = [
        {
            name.replace("Lineitem sku", "LINEITEM SKU").replace("Cancelled at", "canceled at"): value
            for name, value in row.items()
        }
        for row in order("#1", Cancelled_at="2026-05-15 10:00:00 +0100")
    ]
    parsed = read_orders(tmp_path, rows, header=header)
    assert reasons(parsed) == ["cancelled"]
    assert parsed.lines["sku"].to_list() == ["P"]


def test_an_order_written_twice_counts_once_and_equal_lines_of_one_order_stay(tmp_path):
    equal_lines = (("Pens", "10.00", "1", "P"), ("Pens", "10.00", "1", "P"))
    assert reasons(read_orders(tmp_path, order("#1", lines=equal_lines))) == [None, None]
    parsed = read_orders(tmp_path, order("#1", lines=equal_lines) + order("#2") + order("#1", lines=equal_lines))
    assert reasons(parsed) == [None, None, None, "repeated rows", "repeated rows"]


def test_of_an_order_that_changed_between_two_exports_put_together_the_latest_state_counts(tmp_path):
    later = order("#1", lines=TWO, Financial_Status="partially_refunded", Refunded_Amount="5.00")
    for first, second in ((order("#1", lines=TWO), later), (later, order("#1", lines=TWO))):
        parsed = read_orders(tmp_path, first + order("#2") + second + order("#3"))
        assert sorted(reasons(parsed), key=str) == [None, None, None, None, "repeated rows", "repeated rows"]
        assert parsed.lines.filter(pl.col("order_id") == "#1", pl.col("dropped").is_null())["partially_refunded"].all()


def test_order_fields_on_every_row_are_no_repetition_where_orders_mix(tmp_path):
    rows = order("#1", lines=TWO)
    rows[1] = rows[0] | {key: value for key, value in rows[1].items() if value}
    assert reasons(read_orders(tmp_path, [rows[0], *order("#2"), rows[1]])) == [None, None, None]


def test_order_fields_on_every_row_are_no_repetition(tmp_path):
    rows = order("#1", lines=TWO)
    rows[1] = rows[0] | {key: value for key, value in rows[1].items() if value}
    assert reasons(read_orders(tmp_path, rows)) == [None, None]


def test_a_header_in_the_middle_is_counted(tmp_path):
    parsed = read_orders(tmp_path, [*order("#1"), dict(zip(HEADER, HEADER, strict=True)), *order("#2")])
    assert reasons(parsed) == [None, "repeated header", None]


def test_one_bad_date_in_thousands_is_dropped_and_counted(tmp_path):
    rows = [row for number in range(300) for row in order(f"#{number}")]
    rows[7]["Created at"] = "soon"
    parsed = read_orders(tmp_path, rows)
    assert reasons(parsed).count("unreadable Created at") == 1
    assert parsed.warnings[0].startswith('row 9, column "Created at": found "soon", expected a date')


def test_skus_that_a_spreadsheet_rounded_are_reported(tmp_path):
    rows = [*order("#1", lines=(("Pens", "10.00", "1", "4.00638E+12"),)), *order("#2", lines=TWO)]
    assert read_orders(tmp_path, rows).warnings == (
        'the column "Lineitem sku" holds numbers that a spreadsheet rounded, such as 4.00638E+12 (1 in all): several '
        "may have become one; export the file again, and do not save it in a spreadsheet",
    )


def test_many_bad_dates_are_an_error_without_personal_data(tmp_path):
    rows = order("#1", Created_at="jane@example.com")
    with pytest.raises(InputError, match='row 2, column "Created at": found text like "aaaa@') as caught:
        read_orders(tmp_path, rows)
    assert "jane" not in str(caught.value)


def test_the_currency_of_most_purchases_is_the_shops(tmp_path):
    rows = order("#1", Currency="EUR") + order("#2", Currency="GBP") + order("#3", Currency="GBP")
    assert find_currency(read_orders(tmp_path, rows).orders) == "GBP"
    rows += order("#4", Currency="EUR", Cancelled_at="2026-05-15 11:23:45 +0100")
    assert find_currency(read_orders(tmp_path, rows).orders) == "GBP"


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("Name,Email\n#1,a@example.com\n")
    with pytest.raises(InputError, match='column "Lineitem name": the column is missing'):
        get_format("shopify_orders").parse(open_table(path), ParseSettings())


def test_an_export_without_optional_columns(tmp_path):
    needed = ["Name", "Created at", "Lineitem name", "Lineitem price", "Lineitem quantity"]
    rows = [{name: row.get(name, "") for name in needed} for row in order(lines=TWO)]
    lines = read_orders(tmp_path, rows, header=needed).lines
    assert lines.select(pl.col("dropped").null_count()).item() == 2
    assert lines["source_id"].to_list() == [None, None]


def test_rows_are_cleaned_once_where_a_batch_ends_as_the_file_does(tmp_path, monkeypatch):
    monkeypatch.setattr("frontrow.importing.shopify_rows.CLEANED_TOGETHER", 2)
    file = write(tmp_path, [*order("#1"), *order("#2")])
    parsed = get_format("shopify_orders").parse(open_table(file), ParseSettings())
    assert parsed.orders["order_id"].to_list() == ["#1", "#2"]


def test_the_time_of_a_change_is_read_where_a_file_has_it(tmp_path):
    file = write(tmp_path, order(Updated_at="2026-06-01T08:00:00Z"), header=[*HEADER, "Updated at"])
    parsed = get_format("shopify_orders").parse(open_table(file), ParseSettings())
    assert parsed.orders["updated_at"].dt.strftime("%d.%m. %H:%M").to_list() == ["01.06. 08:00"]
