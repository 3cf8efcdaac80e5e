"""A messy shop, counted a second time by pandas: the same figures in every order and cutting of its files."""

import itertools
import random
from dataclasses import dataclass

import pandas as pd
import polars as pl
import pytest
from messy_shop import EXPORTS, MessyShop, write_rows

from frontrow.errors import InputError
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.storage.pointer import Pointer

MESSY = MessyShop()
TABLES = ("orders", "products", "customers", "order_states")
DAYS = LaunchSettings()
RATE = 0.74


@dataclass
class Count:
    """What pandas counts in the files, without any code of frontrow."""

    orders: int
    lines: int
    customers: int
    revenue: float
    rows: pd.DataFrame


def count_by_pandas(files, rate=None) -> Count:
    """Count purchases: of each order the state in the latest export that holds it."""
    parts = [pd.read_csv(file, dtype=str, keep_default_na=False).assign(export=n) for n, file in enumerate(files)]
    rows = pd.concat(parts)
    rows = rows[rows["export"] == rows.groupby("Name")["export"].transform("max")].copy()
    first = rows[rows["Financial Status"] != ""].set_index("Name")
    for column in ("Subtotal", "Total", "Discount Amount", "Refunded Amount"):
        rows[column] = rows["Name"].map(pd.to_numeric(first[column]))
    for column in ("Financial Status", "Cancelled at", "Payment Method", "Currency"):
        rows[column] = rows["Name"].map(first[column])
    rows["value"] = pd.to_numeric(rows["Lineitem price"]) * pd.to_numeric(rows["Lineitem quantity"])
    rows["rate"] = rows["Currency"].map({"USD": 1.0, "CAD": rate})
    is_gone = rows["Financial Status"].isin(["refunded", "voided"]) | (rows["Cancelled at"] != "")
    is_test = rows["Payment Method"].str.contains("Bogus")
    counted = rows[~is_gone & ~is_test & rows["rate"].notna() & (rows["value"] > 0)].copy()
    orders = counted.groupby("Name").agg(value=("value", "sum"), rate=("rate", "first"))
    orders = orders.join(first[["Discount Amount", "Refunded Amount"]].apply(pd.to_numeric))
    earned = orders["value"] - orders["Discount Amount"]
    revenue = ((earned - orders["Refunded Amount"]).clip(lower=0) * orders["rate"]).sum()
    counted["person"] = counted["Email"].str.strip().str.lower()
    people = counted.loc[counted["person"] != "", "person"].nunique()
    return Count(len(orders), len(counted), people, round(revenue, 2), counted)


def contents(folder) -> dict[str, bytes]:
    pointer = Pointer.read(folder)
    return {name: (folder / pointer.tables[name].file).read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return MESSY.write(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def reference(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference") / "shop"
    return folder, import_files(files, folder)


def test_the_figures_are_those_of_pandas_in_every_order_of_the_files(files, reference, tmp_path):
    counts = count_by_pandas(files)
    for number, order in enumerate(itertools.permutations(files)):
        report = import_files(order, tmp_path / str(number))
        assert (report.orders, report.lines, report.revenue) == (counts.orders, counts.lines, counts.revenue)
        assert report.customers == counts.customers
        assert contents(tmp_path / str(number)) == contents(reference[0])


def test_a_second_currency_is_converted_by_its_rate(files, tmp_path):
    counts = count_by_pandas(files, rate=RATE)
    report = import_files(files, tmp_path / "shop", settings=ImportSettings(exchange_rates=f"CAD={RATE}"))
    assert (report.orders, report.lines) == (counts.orders, counts.lines)
    assert report.revenue == pytest.approx(counts.revenue, abs=0.005)


def test_the_report_counts_what_changed_between_the_exports(reference):
    counts = {"cancelled": 0, "refunded": 0, "edited": 0}
    of_export = [{order[0]["Name"]: order for order in export} for export in MESSY.exports]
    for earlier, later in itertools.pairwise(of_export):
        for name in earlier.keys() & later.keys():
            before, after = earlier[name], later[name]
            if after[0]["Cancelled at"] and not before[0]["Cancelled at"]:
                counts["cancelled"] += 1
            elif after[0]["Refunded Amount"] != before[0]["Refunded Amount"]:
                counts["refunded"] += 1
            elif len(after) != len(before):
                counts["edited"] += 1
    assert min(counts.values()) > 0
    assert reference[1].changed_orders == counts


def test_renamed_products_are_one_and_launches_have_their_buyers(files, reference):
    counts = count_by_pandas(files).rows
    counts["product"] = counts["Lineitem name"].str.replace(r" - \d+ oz$", "", regex=True).map(MESSY.titles)
    counts = counts[counts["product"].notna()]
    counts["day"] = pd.to_datetime(counts["Created at"].str[:10])
    launched = counts.groupby("product")["day"].min().rename("launch")
    persons = counts[counts["person"] != ""].join(launched, on="product")
    since = persons.groupby("person")["day"].min().rename("since")
    bought = persons.groupby(["person", "product"]).agg(day=("day", "min"), launch=("launch", "first")).reset_index()
    bought = bought.join(since, on="person")
    horizon = pd.Timedelta(days=DAYS.horizon_days)
    bought = bought[(bought["since"] < bought["launch"]) & (bought["day"] < bought["launch"] + horizon)]
    buyers = bought.groupby("product").size()
    late = launched[launched >= launched.min() + pd.Timedelta(days=DAYS.catalogue_start_days)]
    expected = {number: int(buyers.get(number, 0)) for number in late.index}

    shop = Shop.read(reference[0])
    cycles = compute_life_cycles(shop.as_of())
    numbers = {row["product_id"]: {MESSY.titles.get(name) for name in row["aliases"]} for row in cycles.to_dicts()}
    assert all(len(titles) == 1 for titles in numbers.values())
    assert cycles.height == len(MESSY.products)
    later = cycles.filter(pl.col("verdict") != "catalogue start")
    assert {numbers[row["product_id"]].pop(): row["buyers_in_horizon"] for row in later.to_dicts()} == expected
    assert MESSY.renamed
    assert closed_launches(cycles).height


@pytest.mark.parametrize("seed", range(3))
def test_cut_between_any_rows_and_shuffled_the_files_give_the_same_shop(reference, tmp_path, seed):
    draw = random.Random(seed)
    pieces = []
    for number, export in enumerate(MESSY.exports):
        rows = [row for order in export for row in order]
        cuts = [0, *sorted(draw.sample(range(1, len(rows)), 3)), len(rows)]
        parts = [rows[first:end] for first, end in itertools.pairwise(cuts)]
        pieces += [write_rows(tmp_path / f"{number}-{n}.csv", part) for n, part in enumerate(parts)]
    draw.shuffle(pieces)
    import_files(pieces, tmp_path / "shop")
    same = [name for name in TABLES if contents(tmp_path / "shop")[name] == contents(reference[0])[name]]
    assert same == list(TABLES)


def test_exports_put_together_in_one_file_give_the_same_shop(reference, tmp_path):
    rows = [row for export in MESSY.exports for order in export for row in order]
    import_files([write_rows(tmp_path / "together.csv", rows)], tmp_path / "shop")
    tables, expected = contents(tmp_path / "shop"), contents(reference[0])
    assert {name for name in TABLES if tables[name] != expected[name]} == {"order_states"}
    # the file does not say which of its orders come from which export
    shops = [Shop.read(folder) for folder in (tmp_path / "shop", reference[0])]
    states = [shop.order_states.drop("exported_until").collect() for shop in shops]
    assert states[0].equals(states[1])


def test_the_same_files_again_write_nothing(files, reference):
    again = import_files(files[::-1], reference[0])
    assert (again.written, again.changed_orders) == (False, {})


@pytest.mark.parametrize("together", list(itertools.combinations(range(len(EXPORTS)), 2)))
def test_two_exports_together_and_the_third_before_or_after_give_the_same_orders(files, reference, tmp_path, together):
    pair = [files[number] for number in together]
    rest = [file for file in files if file not in pair]
    for name, imports in {"after": (pair, rest), "before": (rest, pair)}.items():
        for part in imports:
            import_files(part, tmp_path / name)
        assert lines_by_source(tmp_path / name).equals(lines_by_source(reference[0]))


def test_exports_sorted_by_item_give_the_same_orders(reference, tmp_path):
    files = [
        write_rows(tmp_path / f"{number}.csv", sorted((row for order in export for row in order), key=by_item))
        for number, export in enumerate(MESSY.exports)
    ]
    report = import_files(files, tmp_path / "shop")
    assert (report.orders, report.lines) == (reference[1].orders, reference[1].lines)
    assert (report.revenue, report.changed_orders) == (reference[1].revenue, reference[1].changed_orders)


def test_states_of_one_order_that_stand_mixed_are_refused(tmp_path):
    rows = sorted((row for export in MESSY.exports for order in export for row in order), key=by_item)
    with pytest.raises(InputError, match=r"row \d+: the rows of \d+ orders in several states stand mixed"):
        import_files([write_rows(tmp_path / "sorted.csv", rows)], tmp_path / "shop")
    assert not (tmp_path / "shop").exists()


def by_item(row) -> str:
    return row["Lineitem name"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(EXPORTS)))))
def test_one_import_after_the_other_ends_with_the_same_orders(files, reference, tmp_path, order):
    for number in order:
        import_files([files[number]], tmp_path / "shop")
    assert lines_by_source(tmp_path / "shop").equals(lines_by_source(reference[0]))
    again = import_files([files[order[0]]], tmp_path / "shop")
    assert not again.written


def lines_by_source(folder) -> pl.DataFrame:
    """The order lines with what does not depend on the history of imports: addresses and products for their numbers."""
    shop = Shop.read(folder)
    numbers = {
        product_id: next((MESSY.titles[name] for name in aliases if name in MESSY.titles), -1)
        for product_id, aliases in shop.products.select("product_id", "aliases").iter_rows()
    }
    lines = shop.orders.join(shop.customers.select("customer_id", "source_id"), on="customer_id", how="left")
    return (
        lines.collect()
        .with_columns(pl.col("product_id").replace_strict(numbers, return_dtype=pl.Int64))
        .drop("customer_id")
        .sort("order_id", "line_number")
    )
