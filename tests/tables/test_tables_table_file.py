"""Files to tables: encodings, separators, rows of another length, archives."""

import pytest

from frontrow.errors import InputError
from frontrow.tables.table_file import open_table


def table(folder, content: bytes, name="x.csv"):
    (folder / name).write_bytes(content)
    return open_table(folder / name)


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,caf\xc3\xa9\n",
        b"\xef\xbb\xbfa,b\r\n1,caf\xc3\xa9\r\n",
        b"a;b\n1;caf\xe9\n",
        "a\tb\n1\tcafé\n".encode("utf-16"),
        b"a,b\r1,caf\xc3\xa9\r",
        b"\n\na,b\n1,caf\xc3\xa9",
        b'"a","b"\n"1","caf\xc3\xa9"',
    ],
)
def test_encodings_separators_and_line_ends(tmp_path, content):
    assert table(tmp_path, content).read(["a", "b"]).rows()[0][1:] == ("1", "café")


def test_another_encoding_than_utf8_is_reported(tmp_path):
    assert "Windows-1252" in table(tmp_path, b"a,b\n1,caf\xe9\n").warnings[0]


def test_rows_are_numbered_as_records_with_the_header_as_row_1(tmp_path):
    rows = table(tmp_path, b'a,b\n"x\ny",1\nz,2\n').read(["a"])
    assert rows.rows() == [(2, "x\ny"), (3, "z")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n1,2,3\n", "row 3: the row has 3 cells where the header has 2"),
        (b'a,b\n"1,\n5",2\n1\n', "row 3: the row has 1 cells where the header has 2"),
        (b'a,b\n1,2\n1,"2\n3,4\n', "row 3: a quotation mark opens and never closes"),
        (b'a,b\n1,x"y\n3,4"\n', "quotation mark"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,\x81\xff\n", "none of UTF-8"),
    ],
)
def test_a_malformed_file_is_an_error_that_names_the_row(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        table(tmp_path, content).read(["a", "b"])


def test_an_archive_is_to_be_unpacked(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("orders.csv", "a,b\n1,2\n")
    with pytest.raises(InputError, match="Unpack it"):
        open_table(tmp_path / "orders.zip")


def test_a_large_file_with_quoted_cells_across_blocks_is_counted_right(tmp_path):
    row = b'"quoted, with a comma and a ""mark"" and\na break",' + b"x" * 90 + b"\n"
    assert table(tmp_path, b"a,b\n" + row * 60_000).read(["b"]).height == 60_000


def test_a_repeated_column_name_keeps_the_first(tmp_path):
    assert table(tmp_path, b"a,a,row\n1,2,3\n").header == ("a", "a (2)", "row (2)")
