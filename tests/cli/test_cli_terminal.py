"""Tables on terminals of any width, and without a terminal."""

import io

import pytest
from rich.console import Console

from frontrow.cli import terminal
from frontrow.present.section import Table

NAMES = ("product", "title", "first", "last", "buyers", "before", "window", "units", "revenue")
ROWS = [
    ("clay-pot", "Clay pot [large]", "2025-11-30", "2025-12-30", "150", "128", "127", "1234", "44,120"),
    ("tin-can", "Tin can", "2025-10-30", "2025-12-29", "97", "81", "63", "999", "3,511"),
]


def printed(monkeypatch: pytest.MonkeyPatch, width: int, title: str = "Launches, latest first") -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, no_color=True)
    monkeypatch.setattr(terminal, "_console", lambda: console)
    terminal.table(Table(title, NAMES, ROWS, numeric=NAMES[2:]))
    return out.getvalue()


@pytest.mark.parametrize("width", [30, 60, 80, 100, 130])
def test_a_narrow_terminal_loses_no_figure(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    table = printed(monkeypatch, width, title="The last word of a title that is longer than a line is there: last")
    assert all(str(cell) in table for row in ROWS for cell in row[2:])
    assert all(name in table for name in NAMES)
    assert "there: last" in table


def test_where_there_is_room_each_row_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    line = next(line for line in printed(monkeypatch, 130).splitlines() if "clay-pot" in line)
    assert "44,120" in line


def test_progress_prints_nothing_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress("Learning") as step:
        step(1, 2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("width", range(20, 140, 7))
def test_every_line_of_a_table_fits(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    names = ("model", "AUC", "average precision", "lift, top 1 %", "log loss")
    rows = [
        ("order lines, 180 days (RFM)", "0.828\n0.781 to 0.874", "0.130\n0.090 to 0.171", "6.7\n0.0 to 13.5", ""),
        ("item-to-item", "0.627\n0.493 to 0.736", "0.058\n0.024 to 0.093", "4.9\n0.0 to 11.8", None),
    ]
    out = io.StringIO()
    monkeypatch.setattr(terminal, "_console", lambda: Console(file=out, width=width))
    terminal.table(Table("Past launches", names, rows, numeric=names[1:]))
    lines = out.getvalue().splitlines()
    assert all(len(line) <= width for line in lines)
    table_lines = [line for line in lines if line.startswith(("│", "┃"))]
    assert all(line.endswith(("│", "┃")) for line in table_lines)
    assert all(figure in out.getvalue() for figure in ("0.828", "0.781", "0.874", "0.171", "13.5", "11.8"))
