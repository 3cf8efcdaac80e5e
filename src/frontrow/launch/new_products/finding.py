"""A finding: something in a file of new products that a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Severity = Literal["warning", "note"]

HEADER_ROW: Final = 1


@dataclass(frozen=True)
class Finding:
    """Something about a file of new products that a person should look at.

    Attributes:
        severity: `warning` for what is probably a slip and changes the answer, `note` for what is merely new.
        row: The row of the file, as a spreadsheet shows it; the header is row 1.
        column: The column's name; None where it could be the address or number of a person.
        sentence: What is in the file, and what is in the shop.
        consequence: What follows, and what to do.
        rows: Number of rows that it holds for.
    """

    severity: Severity
    row: int
    column: str | None
    sentence: str
    consequence: str
    rows: int = 1

    def describe(self, file: str | Path) -> str:
        """Where it is, what is there, and what follows, in one text.

        Args:
            file: The file's name or path.

        Example:
            >>> finding = Finding("warning", 2, "product_type", '"Mugs" is no type of the shop', "Write Mug.", rows=3)
            >>> finding.describe("shop/new.csv")
            'new.csv, row 2 and 2 more, column "product_type": "Mugs" is no type of the shop. Write Mug.'
        """
        place = f"{Path(file).name}, row {self.row}" + (f" and {self.rows - 1:,} more" if self.rows > 1 else "")
        # what is said of the header names the column itself
        place += "" if self.column is None or self.row == HEADER_ROW else f', column "{self.column}"'
        return f"{place}: {self.sentence}. {self.consequence}"
