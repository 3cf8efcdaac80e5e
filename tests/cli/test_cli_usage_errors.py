"""Errors of the command line in frontrow's words, as a person meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.cli.application import main


def fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The last line of what a command says when it is typed wrongly."""
    monkeypatch.setattr("sys.argv", ["frontrow", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import",), "Missing argument 'SHOP'. The shop's folder comes first."),
        (("import", "a.csv"), "Missing argument 'FILES'. The shop's folder comes first, then its exports: frontrow"),
        (("measure", "shop"), "Name the folder of a campaign, several folders, or a pool."),
        (("audience", "shop"), "Missing option '--products'. It names a CSV file of new products"),
        (("launches", "shop", "--top", "0"), "Invalid value for '--top': give 1 or more"),
        (("launches", "shop", "--top", "ten"), "Invalid value for '--top': give a whole number"),
        (("recommend", "shop", "--top", "1001"), "Invalid value for '--top': give 1000 or less"),
        (("recommend", "shop", "--mode", "some"), "Invalid value for '--mode': \"some\" is not one of 'all', 'new'"),
    ],
)
def test_a_wrong_value_says_what_to_give(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    line = fail(monkeypatch, capsys, *arguments)
    assert message in line
    assert "Input should" not in line


def test_files_in_the_place_of_the_shop_are_not_taken_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("order_id\n1\n", "utf-8")
    line = fail(monkeypatch, capsys, "import", tmp_path / "a.csv", tmp_path / "b.csv")
    assert "is a file. The shop's folder comes first, then its exports: frontrow import SHOP FILE..." in line
