"""Importing a raw Shopify orders export: frontrow against pandas doing the same, in time and memory.

    python benchmarks/import_speed.py orders_export.csv [--repeat 3]

All run in turn as separate processes on the same file; the best of the repeats counts. Two pandas scripts are
compared with frontrow. "pandas" reads the whole export and fills the order's fields down, as is usual; "pandas,
thrifty" reads only the needed columns and keeps one row per order. Every step of both is vectorized, and both must
end with frontrow's counts. Neither detects a row with too few cells, as frontrow does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

PARENT_SKU = r"^(\d{5})[A-Za-z]{1,2}$"
TIME_ZONE = "Europe/London"
ORDER_COLUMNS = [
    *("Email", "Created at", "Financial Status", "Cancelled at", "Accepts Marketing", "Currency", "Subtotal", "Total"),
    *("Discount Amount", "Refunded Amount", "Payment Method", "Tags", "Shipping Country", "Shipping Province"),
    *("Shipping City", "Shipping Company", "Shipping Phone", "Billing Country", "Billing Province", "Billing City"),
    *("Billing Company", "Billing Phone", "Phone"),
]
LINE_COLUMNS = [
    *("Name", "Lineitem name", "Lineitem sku", "Lineitem quantity", "Lineitem price", "Lineitem discount", "Vendor"),
]


def with_frontrow(export: Path, folder: Path) -> dict[str, float]:
    """Import with frontrow, as `frontrow import` does."""
    from frontrow.shop.import_settings import ImportSettings
    from frontrow.shop.update import import_files

    settings = ImportSettings(time_zone=TIME_ZONE, parent_sku=PARENT_SKU)
    report = import_files([export], folder, settings=settings)
    counts = {"lines": report.lines, "customers": report.customers, "revenue": report.revenue}
    return {**counts, "products": report.products + report.not_products}


def with_pandas(export: Path, folder: Path, *, thrifty: bool) -> dict[str, float]:  # noqa: PLR0915
    """Import with pandas: the same rules, the same files."""
    import numpy as np
    import pandas as pd

    rows = pd.read_csv(export, dtype=str, usecols=[*LINE_COLUMNS, *ORDER_COLUMNS] if thrifty else None)
    for column in ("Name", "Lineitem name", "Lineitem sku", "Vendor", "Financial Status"):
        rows[column] = rows[column].str.strip().replace("", None)
    rows = rows[rows["Name"] != "Name"]
    rows["Name"] = rows["Name"].ffill()
    is_order_row = rows["Financial Status"].notna() | rows["Total"].notna() | rows["Subtotal"].notna()
    copies = rows[is_order_row & rows[is_order_row].duplicated().reindex(rows.index, fill_value=False)]
    assert copies.empty, "this export holds no repeated orders"
    if thrifty:
        orders = rows.drop_duplicates("Name").set_index("Name")[ORDER_COLUMNS]
    else:
        rows[ORDER_COLUMNS] = rows.groupby("Name", sort=False)[ORDER_COLUMNS].ffill()
        orders = rows.groupby("Name", sort=False)[ORDER_COLUMNS].first()
    orders["Email"] = orders["Email"].str.strip().str.lower()
    for column in ("Phone", "Shipping Phone", "Billing Phone"):
        orders[column] = orders[column].str.lstrip("'")
    timestamps = pd.to_datetime(orders["Created at"], format="%Y-%m-%d %H:%M:%S %z", errors="coerce", utc=True)
    orders["ordered_at"] = timestamps.dt.tz_convert(TIME_ZONE)
    for column in ("Subtotal", "Total", "Discount Amount", "Refunded Amount"):
        orders[column] = pd.to_numeric(orders[column].str.replace(",", ""), errors="coerce")
    status = orders["Financial Status"].str.strip().str.lower()
    refunded = (orders["Refunded Amount"] > 0) & (orders["Refunded Amount"] >= orders["Total"] - 0.005)
    orders["partially_refunded"] = (orders["Refunded Amount"] > 0) | (status == "partially_refunded")
    test = orders["Payment Method"].astype(str).str.contains(r"\bbogus\b", case=False)
    test |= orders["Tags"].astype(str).str.contains(r"(?:^|,)\s*test\s*(?:,|$)", case=False)
    currency = orders["Currency"].mode().iloc[0]
    assert currency == "GBP"
    orders["reason"] = np.select(
        [
            test,
            orders["Cancelled at"].notna(),
            status == "voided",
            (status == "refunded") | (refunded & (status != "partially_refunded")),
            status == "expired",
        ],
        ["test order", "cancelled", "voided", "refunded in full", "payment expired"],
        default="",
    )
    for part in ("Country", "Province", "City"):
        orders[part.lower()] = orders[f"Shipping {part}"].fillna(orders[f"Billing {part}"])
    order_columns = ["Email", "ordered_at", "partially_refunded", "reason", "country", "province", "city"]
    order_columns.append("Refunded Amount")
    lines = rows[LINE_COLUMNS].merge(orders[order_columns], left_on="Name", right_index=True, how="left")
    for column in ("Lineitem quantity", "Lineitem price", "Lineitem discount"):
        lines[column] = pd.to_numeric(lines[column].str.replace(",", ""), errors="coerce")
    lines["discount"] = lines["Lineitem discount"].fillna(0.0)
    earned = (lines["Lineitem quantity"] * lines["Lineitem price"] - lines["discount"]).clip(lower=0.0).fillna(0.0)
    of_order = earned.groupby(lines["Name"]).transform("sum")
    share = (lines["Refunded Amount"] * earned / of_order).where(of_order > 0).fillna(0.0).round(6)
    lines["refunded"] = share.clip(upper=earned)
    lines["dropped"] = np.select(
        [
            lines["reason"] != "",
            lines["ordered_at"].isna(),
            lines["Lineitem sku"].isna() & lines["Lineitem name"].isna(),
            lines["Lineitem quantity"] <= 0,
            lines["Lineitem price"] <= 0,
        ],
        [lines["reason"], "no date", "no product", "returned", "zero price"],
        default="",
    )
    lines["dropped"].value_counts()
    lines = lines[lines["dropped"] == ""].copy()
    lines["line_number"] = lines.groupby("Name").cumcount() + 1
    lines = lines.sort_values(["ordered_at", "Name", "line_number"])
    pairs = lines[["Lineitem sku", "Lineitem name"]].drop_duplicates()
    parent = pairs["Lineitem sku"].str.extract(PARENT_SKU, expand=False).fillna(pairs["Lineitem sku"])
    pairs["product_id"] = parent.fillna(pairs["Lineitem name"].str.lower())
    lines = lines.merge(pairs, on=["Lineitem sku", "Lineitem name"], how="left")
    products = lines.groupby("product_id", sort=False).agg(
        title=("Lineitem name", "first"), vendor=("Vendor", "first"), price=("Lineitem price", "first")
    )
    products["skus"] = pairs.groupby("product_id")["Lineitem sku"].agg(lambda cells: list(cells.unique()))
    products["aliases"] = pairs.groupby("product_id")["Lineitem name"].agg(lambda cells: list(cells.unique()))
    first = lines.groupby("Email")["ordered_at"].min().reset_index().sort_values(["ordered_at", "Email"])
    first["customer_id"] = np.arange(1, len(first) + 1)
    contacts = (
        orders.sort_values("ordered_at").groupby("Email")[["Phone", "Shipping Company", "Accepts Marketing"]].last()
    )
    customers = first[["customer_id", "Email"]].merge(contacts, left_on="Email", right_index=True, how="left")
    lines = lines.merge(first[["Email", "customer_id"]], on="Email", how="left")
    lines["day"] = (lines["ordered_at"].dt.tz_localize(None).dt.normalize() - pd.Timestamp(0)).dt.days.astype("int32")
    lines = lines.rename(columns={"Name": "order_id", "Lineitem quantity": "quantity", "Lineitem price": "price"})
    columns = [
        *("order_id", "line_number", "customer_id", "ordered_at", "day", "product_id", "quantity", "price", "discount"),
        *("refunded", "partially_refunded", "country", "province", "city"),
    ]
    orders["exported_until"] = orders["ordered_at"].max()
    states = orders[["reason", "partially_refunded", "Refunded Amount", "exported_until"]].sort_index()
    folder.mkdir()
    lines[columns].to_parquet(folder / "orders.parquet", compression="zstd")
    products.to_parquet(folder / "products.parquet", compression="zstd")
    customers.to_parquet(folder / "customers.parquet", compression="zstd")
    states.to_parquet(folder / "order_states.parquet", compression="zstd")
    revenue = (lines["quantity"] * lines["price"] - lines["discount"] - lines["refunded"]).sum().round(2)
    counts = {"lines": len(lines), "customers": len(customers), "revenue": float(revenue)}
    return {**counts, "products": len(products)}


IMPORTERS = {
    "frontrow": with_frontrow,
    "pandas": partial(with_pandas, thrifty=False),
    "pandas, thrifty": partial(with_pandas, thrifty=True),
}


def measure(name: str, export: Path) -> tuple[float, float, dict[str, float]]:
    """Seconds, peak megabytes and counts of one import in a separate process, including its start."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, __file__, str(export), "--only", name, "--folder", str(Path(temporary) / "shop")]
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
    if child.returncode:
        raise SystemExit(f"{name} failed")
    return seconds, usage.ru_maxrss / 1024, json.loads(printed)


def main() -> None:
    """Run both in turn and print a table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=list(IMPORTERS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(IMPORTERS[arguments.only](arguments.export, arguments.folder)))
        return
    best: dict[str, tuple[float, float, dict[str, float]]] = {}
    for _ in range(arguments.repeat):
        for name in IMPORTERS:
            result = measure(name, arguments.export)
            best[name] = min(best.get(name, result), result, key=lambda cost: cost[0])
    print(f"{arguments.export.name}, {arguments.export.stat().st_size / 1e6:.0f} MB, best of {arguments.repeat}")
    frontrow_seconds, frontrow_memory, frontrow_counts = best["frontrow"]
    for name, (seconds, memory, counts) in best.items():
        ratios = f"{seconds / frontrow_seconds:4.1f} x the time, {memory / frontrow_memory:4.2f} x the memory"
        print(f"{name:>16}  {seconds:6.2f} s  {memory:6.0f} MB  {ratios}  {counts}")
        if counts != frontrow_counts:
            raise SystemExit("the counts do not agree")


if __name__ == "__main__":
    main()
