"""Import a shop's exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.present.section import Section
from frontrow.present.sections.imports import build_sections
from frontrow.shop.import_report import DataReport
from frontrow.shop.update import ImportSettings, import_files


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        data_report: What became of every row, and what the shop holds now.
        folder: The shop's folder.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    data_report: DataReport
    folder: Path
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.data_report.to_dict()

    def sections(self) -> list[Section]:
        """The data report."""
        return build_sections(self.data_report, self.folder)


def import_exports(folder: Path, files: Sequence[Path], settings: ImportSettings) -> ImportResult:
    """Read export files and add what is new to the shop.

    Args:
        folder: The shop's folder, made if there is none.
        files: Exports of orders, products and customers.
        settings: What a person decides about the import.

    Raises:
        InputError: A file cannot be used; the shop is as it was.
        ShopError: The settings contradict the shop, or it is damaged.
    """
    return ImportResult(import_files(files, folder, settings=settings), folder)
