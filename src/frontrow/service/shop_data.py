"""What a shop holds: exports come in, a person is erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontrow.present.section import Section, Sentence
from frontrow.present.sections.imports import build_sections
from frontrow.present.wording import counted
from frontrow.service.changing import change_shop
from frontrow.shop.erase import forget
from frontrow.shop.import_report import DataReport
from frontrow.shop.update import ImportSettings, import_files
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
    folder: Path, files: Sequence[Path], settings: ImportSettings, *, wait: float = DEFAULT_WAIT
) -> ImportResult:
    """Read export files and add what is new to the shop.

    Args:
        folder: The shop's folder, made if there is none.
        files: Exports of orders, products and customers.
        settings: What a person decides about the import.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        InputError: A file cannot be used; the shop is as it was.
        ShopError: The settings contradict the shop, or it is damaged.
        ShopLockedError: Another command did not finish in time.
    """
    if settings.dry_run:
        return ImportResult(import_files(files, folder, settings=settings), folder)
    with change_shop(folder, "import", wait=wait, new=True):
        return ImportResult(import_files(files, folder, settings=settings), folder)


@dataclass(frozen=True)
class ForgetResult:
    """What was erased.

    Attributes:
        lines: Order lines that are a guest's now.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    lines: int
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"order_lines_of_a_guest_now": self.lines}

    def sections(self) -> list[Section]:
        """What stays, and what is left to do."""
        stay = counted(self.lines, "order line stays", "order lines stay")
        sentence = f"Erased. {stay} as a guest's. Files exported earlier are yours to delete."
        return [Section("forget", "", (Sentence(sentence),))]


def forget_customer(folder: Path, who: str, *, wait: float = DEFAULT_WAIT) -> ForgetResult:
    """Erase a customer's personal data; the orders stay, as a guest's, for the products' histories.

    Args:
        folder: The shop's folder.
        who: The person's e-mail address, or the id as in the source.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The folder holds no shop, or nobody has that address or id.
        ShopLockedError: Another command did not finish in time.
    """
    with change_shop(folder, "forget", wait=wait):
        return ForgetResult(forget(folder, who))
