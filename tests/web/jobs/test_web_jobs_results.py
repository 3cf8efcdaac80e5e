"""What a job leaves is read back as it was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest

from frontrow.errors import ArtifactError
from frontrow.present.section import Cell, Section, Sentence, Table
from frontrow.web.jobs.results import read_notices, read_result, read_sections, read_table, write_result
from frontrow.web.jobs.rewording import Rewording

SECTIONS = (
    Section(
        "who",
        "Who **buys**",
        (
            Sentence("5f0c.csv has *3* rows.", "good"),
            Table("", ("name", "buyers"), ((Cell("Pot", "1 to 3"), "2"), (None, "0")), ("buyers",), (1,)),
        ),
    ),
    Section("empty", "", ()),
)


@dataclass(frozen=True)
class PlainResult:
    """A result with everything that one can have."""

    notices: tuple[str, ...] = ("5f0c.csv: a notice",)
    warnings: tuple[str, ...] = ("5f0c.csv: a warning",)
    table: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"customer_id": [1], "source_id": ["a@b.c"]}))

    def to_dict(self) -> dict[str, Any]:
        return {"file": "5f0c.csv", "share": 0.1, "missing": float("nan")}

    def sections(self) -> tuple[Section, ...]:
        return SECTIONS


def test_a_result_is_read_back(tmp_path):
    write_result(tmp_path / "job", PlainResult(), Rewording({"5f0c.csv": "orders.csv"}))
    assert read_result(tmp_path / "job") == {"file": "orders.csv", "share": 0.1, "missing": None}
    first, second = read_sections(tmp_path / "job")
    assert first.blocks == (Sentence("orders.csv has *3* rows.", "good"), SECTIONS[0].blocks[1])
    assert second == SECTIONS[1]
    assert read_notices(tmp_path / "job") == ["orders.csv: a notice", "orders.csv: a warning"]
    assert read_table(tmp_path / "job").columns == ["customer_id"]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "job").iterdir()} == {0}


def test_there_is_no_result(tmp_path):
    for read in (read_result, read_sections, read_notices):
        with pytest.raises(ArtifactError, match="no result"):
            read(tmp_path)
    assert read_table(tmp_path) is None
