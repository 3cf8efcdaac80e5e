"""No CSV file that frontrow writes holds a formula, and no module writes one in another way."""

import ast
import csv
import io
from pathlib import Path

import polars as pl
import pytest

import frontrow
from frontrow.storage.table_output import TableFile
from frontrow.tables.csv_output import csv_lines, disarm_text, restore_text, write_csv
from frontrow.tables.text_table import read_text_table

SOURCE = Path(frontrow.__file__).parent
WRITERS = {"write_csv", "sink_csv", "to_csv", "writer", "DictWriter", "savetxt", "write_excel"}
FORMULAS = [
    *("=1+1", "+1+1", "-1+1", "@sum(1)", "\tpot", "\rpot", "\npot", "＝1", "＋1", "－1", "＠sum", "−1", "﹦1"),
    *("  =1", '"=1', '" =1', "'=1", "\u200b=1", "\ufeff=1", "\u00a0@x", "\x00=1", "“=1"),
]
PLAIN = ["Pot", "1+1", "a=b", "'tis", '"Pot"', "ann@example.com", "", "5", "Pot - red", "ünïcode"]


def cells_of(content: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe_and_is_restored(text):
    assert disarm_text(text) == f"'{text}"
    assert restore_text(disarm_text(text)) == text
    frame = pl.DataFrame({"title": [text]})
    assert cells_of(b"".join(csv_lines(frame))) == ["title", f"'{text}"]
    file = io.BytesIO()
    write_csv(frame, file)
    assert cells_of(file.getvalue()) == ["title", f"'{text}"]


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays(text):
    assert disarm_text(text) == text
    assert restore_text(text) == text
    assert cells_of(b"".join(csv_lines(pl.DataFrame({"title": [text, "end"]})))) == ["title", text, "end"]


def test_numbers_stay_numbers_and_every_kind_of_text_is_disarmed():
    frame = pl.DataFrame(
        {"=name": [-1], "share": [-0.25], "reasons": [["=1", "b"]], "kind": pl.Series(["-x"], dtype=pl.Categorical)}
    ).with_columns(grain=pl.Series(["@y"], dtype=pl.Enum(["@y"])))
    file = io.BytesIO()
    write_csv(frame, file, decimals=2)
    assert cells_of(file.getvalue())[:5] == ["'=name", "share", "reasons", "kind", "grain"]
    assert cells_of(file.getvalue())[5:] == ["-1", "-0.25", "'=1; b", "'-x", "'@y"]


def test_only_phone_numbers_are_exact():
    frame = pl.DataFrame({"phone": ["+447700900123", "+44 7700", "=1", "+1+cmd|' /C calc'!A0"]})
    assert [line[:1] for line in csv_lines(frame, exact=["phone"])] == [b"p", b"+", b"'", b"'", b"'"]


def test_a_file_of_frontrow_read_back_gives_the_same_ids(tmp_path):
    ids = ["+447700900123", "=1", "'=1", "@handle", "plain", "-5"]
    TableFile.choose(tmp_path / "lists.csv").write(pl.DataFrame({"source_id": ids}))
    assert read_text_table(tmp_path / "lists.csv", "")["source_id"].to_list() == ids


def test_every_module_writes_csv_through_the_one_function():
    """A call of a method that writes CSV, anywhere else in the source, is a file whose formulas nobody disarms."""
    calls = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            # `write_csv(...)` is the one function; `frame.write_csv(...)` and `csv.writer(...)` are not
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
                calls.setdefault(path.relative_to(SOURCE).as_posix(), set()).add(node.func.attr)
    # testing/formats.py rewrites a sample for its contract, in a folder of the test
    assert calls == {"tables/csv_output.py": {"write_csv", "writer"}, "testing/formats.py": {"writer"}}


@pytest.mark.parametrize("name", ["lists.csv", "lists.jsonl", "lists.parquet"])
@pytest.mark.parametrize("height", [0, 3])
def test_a_table_written_in_parts_is_that_written_at_once(tmp_path, name, height):
    rows = pl.DataFrame({"product_id": ["mug", "=1+1", "pot"], "score": [0.5, 1e-9, None]}).head(height)
    once, parts = (TableFile.choose(tmp_path / place / name) for place in ("once", "parts"))
    once.write(rows)
    parts.write_streamed(rows.lazy())
    if name.endswith("parquet"):
        assert pl.read_parquet(parts.path).equals(rows)
    else:
        assert parts.path.read_bytes() == once.path.read_bytes()
