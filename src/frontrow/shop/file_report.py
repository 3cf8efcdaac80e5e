"""What an import did with the rows of one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FileReport:
    """One file's rows.

    Attributes:
        file: Its name, without the folder.
        format: The format it was read as.
        rows: Rows in the file, without the header.
        kept: Rows that are purchases, or that say something about a product or customer.
        dropped: Rows left out, by reason; `rows` is `kept` plus all of these.
        not_products: Rows among the kept ones that are postage, gift cards and the like, by reason.
        columns: The column of each field.
        guessed: Fields whose column was guessed from its name.
        warnings: What a person should know.
    """

    file: str
    format: str
    rows: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    not_products: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
