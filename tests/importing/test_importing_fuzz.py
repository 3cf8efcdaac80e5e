"""Malformed exports give a FrontrowError or a counted drop, never a traceback or a half-written shop."""

import csv
import io
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontrow.errors import FrontrowError
from frontrow.shop.update import import_files
from frontrow.testing.shops import read_table

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir())
SECRET = "zoe.secret@example.org"
NUMBERS = ["nan", "inf", "-inf", "1e400", "-1", "0", "1.2.3", "=1+1", "1,23,456.78", "12,50", "\u00a05", "9" * 400]
DATES = ["2026-05-14", "2026-13-45 99:99:99 +9999", "31/12/2025 10:00", "0000-00-00", "9999-12-31 23:59:59 +0000"]
TEXTS = [
    "",
    " ",
    "'",
    '"',
    "yes",
    "#1001",
    "refunded",
    "\ufeff",
    "\x00",
    "line\nbreak",
    "tab\there",
    "ünïcode",
    "🙂",
    SECRET,
]
CELLS = st.sampled_from([*NUMBERS, *DATES, *TEXTS]) | st.text(max_size=12)
# each example is an import of its own; there are two tests for each of the samples
QUIET = settings(max_examples=12, suppress_health_check=list(HealthCheck), derandomize=True)


def records_of(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((SAMPLES / name).read_text("utf-8-sig"), newline="")))


def text_of(records: list[list[str]], separator: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(records)
    return out.getvalue()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a valid history."""
    folder = tmp_path_factory.mktemp("history") / "shop"
    import_files([SAMPLES / "shopify_orders.csv"], folder)
    return folder


def expect_an_error_or_an_account(content: bytes, history: Path) -> None:
    """Import the bytes together with a valid history; all rows are accounted for and the shop stays complete."""
    with tempfile.TemporaryDirectory() as parent:
        folder, export = Path(parent) / "shop", Path(parent) / "export.csv"
        shutil.copytree(history, folder)
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        export.write_bytes(content)
        report, message = None, ""
        try:
            report = import_files([export], folder)
        except FrontrowError as error:
            message = str(error)
        if report is None:
            assert SECRET not in message
            assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        else:
            file = report.files[0]
            assert file.rows == file.kept + sum(file.dropped.values())
            expect_a_whole_shop(folder)
        assert sorted(path.name for path in Path(parent).iterdir()) == ["export.csv", "shop"]


def expect_a_whole_shop(folder: Path) -> None:
    orders = read_table(folder, "orders")
    products = read_table(folder, "products")
    customers = read_table(folder, "customers")
    assert products["product_id"].is_unique().all()
    assert products["product_id"].null_count() == 0
    assert customers["customer_id"].is_unique().all()
    assert customers["source_id"].is_unique().all()
    assert orders["product_id"].is_in(products["product_id"].implode()).all()
    assert orders["customer_id"].drop_nulls().is_in(customers["customer_id"].implode()).all()
    assert orders.select(pl.struct("order_id", "line_number").is_unique().all()).item()
    assert (orders["quantity"] > 0).all()
    assert (orders["price"] > 0).all()
    assert (orders["discount"] >= 0).all()
    assert (orders["discount"] <= orders["price"] * orders["quantity"] + 1e-9).all()
    assert orders.drop("customer_id", "country", "province", "city").null_count().sum_horizontal().item() == 0


@pytest.mark.parametrize("name", NAMES)
@QUIET
@given(draws=st.data())
def test_cells_of_any_content(history, name, draws):
    records = records_of(name)
    for _ in range(draws.draw(st.integers(1, 6))):
        row = draws.draw(st.integers(0, len(records) - 1))
        records[row][draws.draw(st.integers(0, len(records[row]) - 1))] = draws.draw(CELLS)
    encoding = draws.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    separator = draws.draw(st.sampled_from([",", ";", "\t"]))
    expect_an_error_or_an_account(text_of(records, separator).encode(encoding, "replace"), history)


@pytest.mark.parametrize("name", NAMES)
@QUIET
@given(draws=st.data())
def test_bytes_removed_inserted_and_changed(history, name, draws):
    content = bytearray((SAMPLES / name).read_bytes())
    for _ in range(draws.draw(st.integers(1, 4))):
        start = draws.draw(st.integers(0, max(len(content) - 1, 0)))
        end = start + draws.draw(st.integers(0, 40))
        content[start:end] = draws.draw(
            st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b"\r", b",,", b"\xff", b"\x00"])
        )
    expect_an_error_or_an_account(bytes(content), history)


@QUIET
@given(content=st.binary(max_size=400))
def test_any_bytes_at_all(history, content):
    expect_an_error_or_an_account(content, history)


@pytest.mark.parametrize("ending", [".xlsx", ".parquet", ".ods", ".xls"])
def test_a_text_file_under_another_ending(tmp_path, ending):
    path = tmp_path / f"export{ending}"
    path.write_bytes((SAMPLES / "shopify_orders.csv").read_bytes())
    with pytest.raises(FrontrowError, match="not a readable"):
        import_files([path], tmp_path / "shop")
    assert not (tmp_path / "shop").exists()
