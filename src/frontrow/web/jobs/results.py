"""What a job leaves in its folder: its JSON, its sections, and its table; pages and answers are drawn from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from frontrow.errors import ArtifactError
from frontrow.present.section import Block, Cell, Row, Section, Sentence, Table
from frontrow.storage.durable import make_private_folder
from frontrow.storage.folder import replace_file
from frontrow.storage.json_file import read_json, write_json
from frontrow.web.jobs.rewording import Rewording

if TYPE_CHECKING:
    from frontrow.service.opening import Result

RESULT: Final = "result.json"
SECTIONS: Final = "sections.json"
TABLE: Final = "table.parquet"
PERSONAL: Final = ("source_id",)
"""Columns of a table that may hold an address; customers are kept by number only."""

NO_REWORDING: Final = Rewording({})


def write_result(folder: Path, result: Result, rewording: Rewording = NO_REWORDING) -> None:
    """Write what a use case returned; written again, it is replaced.

    Args:
        folder: The job's folder, made if there is none.
        result: Its table, where it has one, is written without `PERSONAL`.
        rewording: What its texts say in the place of names of files that nobody outside knows.
    """
    make_private_folder(folder)
    table = getattr(result, "table", None)
    if table is not None:
        with replace_file(folder / TABLE) as staged:
            table.drop(PERSONAL, strict=False).write_parquet(staged)
    drawn = {
        "sections": [_section_to_dict(section) for section in result.sections()],
        "notices": list(result.notices),
        "warnings": list(getattr(result, "warnings", ())),
    }
    write_json(rewording.apply(drawn), folder / SECTIONS)
    write_json(rewording.apply(result.to_dict()), folder / RESULT)


def read_result(folder: Path) -> dict[str, Any]:
    """The JSON of a job that is done.

    Args:
        folder: The job's folder.

    Raises:
        ArtifactError: It holds no result.
    """
    return _read(folder / RESULT)


def read_sections(folder: Path) -> list[Section]:
    """The sections of a job that is done.

    Args:
        folder: The job's folder.

    Raises:
        ArtifactError: It holds no result.
    """
    return [_section_from_dict(values) for values in _read(folder / SECTIONS)["sections"]]


def read_notices(folder: Path) -> list[str]:
    """Sentences about what a job did differently from what was asked or stated, then its warnings.

    Args:
        folder: The job's folder.

    Raises:
        ArtifactError: It holds no result.
    """
    drawn = _read(folder / SECTIONS)
    return [*drawn["notices"], *drawn["warnings"]]


def read_table(folder: Path) -> pl.DataFrame | None:
    """The table of a job that is done, by customer number; None where its result has none.

    Args:
        folder: The job's folder.
    """
    return pl.read_parquet(folder / TABLE, glob=False) if (folder / TABLE).is_file() else None


def _read(file: Path) -> dict[str, Any]:
    missing = ArtifactError("There is no result of this job. It may have been removed since; run it again.")
    try:
        return read_json(file, lambda values: {**values}, damaged=missing)
    except OSError as error:
        raise missing from error


def _section_to_dict(section: Section) -> dict[str, Any]:
    blocks = [{"block": type(block).__name__, **dataclasses.asdict(block)} for block in section.blocks]
    return {**dataclasses.asdict(section), "blocks": blocks}


def _section_from_dict(values: Mapping[str, Any]) -> Section:
    return Section(values["name"], values["title"], tuple(_block_from_dict(block) for block in values["blocks"]))


def _block_from_dict(values: Mapping[str, Any]) -> Block:
    parts = {name: value for name, value in values.items() if name != "block"}
    if values["block"] == Sentence.__name__:
        return Sentence(**parts)
    rows = tuple(_row_from_list(row) for row in parts["rows"])
    tuples = {name: tuple(parts[name]) for name in ("columns", "numeric", "highlighted")}
    return Table(**{**parts, **tuples, "rows": rows})


def _row_from_list(row: list[Any]) -> Row:
    return tuple(Cell(**cell) if isinstance(cell, dict) else cell for cell in row)
