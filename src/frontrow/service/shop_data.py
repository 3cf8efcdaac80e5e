"""What a shop holds: exports come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.engines.choice import choose_engine
from frontrow.present.section import Section
from frontrow.present.sections.imports import build_sections
from frontrow.service.changing import change_shop
from frontrow.shop.import_report import DataReport
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.update import import_files
from frontrow.storage.waiting import DEFAULT_WAIT


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

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know of the files, for the log."""
        files = self.data_report.files
        return (
            *(f"{file.file}: {warning}" for file in files for warning in file.warnings),
            *self.data_report.warnings,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.data_report.to_dict()

    def sections(self) -> list[Section]:
        """The data report."""
        return build_sections(self.data_report, self.folder)


def import_exports(
    folder: Path,
    files: Sequence[Path],
    settings: ImportSettings,
    *,
    wait: float = DEFAULT_WAIT,
    engine: str | None = None,
) -> ImportResult:
    """Read export files and add what is new to the shop.

    Args:
        folder: The shop's folder, made if there is none.
        files: Exports of orders, products and customers.
        settings: What a person decides about the import.
        wait: Seconds to wait for another command that is changing the shop.
        engine: Where the work on rows is done, see `engines.choice.choose_engine`. The shop's configuration does not
            decide it, for most imports bring a day.

    Raises:
        InputError: A file cannot be used; the shop is as it was.
        ShopError: The settings contradict the shop, or it is damaged.
        ShopLockedError: Another command did not finish in time.
        SettingError: There is no such engine.
        EngineError: The engine cannot finish; the shop is as it was.
    """
    chosen = choose_engine(engine)
    if settings.dry_run:
        return ImportResult(import_files(files, folder, settings=settings), folder)
    with change_shop(folder, "import", wait=wait, new=True):
        return ImportResult(import_files(files, folder, settings=settings, engine=chosen), folder)
