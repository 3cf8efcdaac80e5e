"""What a job's texts say in the place of files that only the server knows: the names that a person gave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from frontrow.errors import FrameError, FrontrowError, InputError, SettingError
from frontrow.tables.text_table import FIRST_ROW
from frontrow.web.store.uploads import Upload

OPTION: Final = re.compile(r"(?<![\w-])--([a-z][a-z-]+)")
"""An option of the command line in a sentence; outside it is a field of that name."""


@dataclass(frozen=True)
class Rewording:
    """Names that stand in for those on the disk.

    Attributes:
        names: What a text shows, by the name of a file on the disk, which is random and so nothing else.
        products_file: Name of a file of products that the server wrote itself; empty where there is none.
        titles: Titles of these products, in the order of its rows.
    """

    names: Mapping[str, str]
    products_file: str = ""
    titles: tuple[str, ...] = field(default=())

    @classmethod
    def of_uploads(cls, uploads: Iterable[Upload]) -> Rewording:
        """The rewording of a job that reads uploads."""
        return cls({upload.path.name: upload.name for upload in uploads})

    def apply(self, value: Any) -> Any:
        """The same value with every text in it reworded, at any depth.

        Example:
            >>> Rewording({"5f0c.csv": "orders.csv"}).apply({"files": ["5f0c.csv, row 7: is not a date"]})
            {'files': ['orders.csv, row 7: is not a date']}
            >>> Rewording({}, "products.csv", ("Blue Pot",)).apply('products.csv, row 2, column "price": 900 is high')
            'Blue Pot, price: 900 is high'
        """
        if isinstance(value, str):
            return self._reword(value)
        if isinstance(value, Mapping):
            return {name: self.apply(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.apply(part) for part in value]
        return value

    def describe(self, error: FrontrowError) -> tuple[str, str]:
        """The message of an error, and the field at fault; empty where none is.

        Example:
            >>> wrong = InputError("is not a price", file="products.csv", row=2, column="price")
            >>> Rewording({}, "products.csv", ("Blue Pot",)).describe(wrong)
            ('Blue Pot, price: is not a price.', 'products.0.price')
            >>> Rewording({}).describe(SettingError("length", "Give a length, or say with --margin what a sale earns."))
            ('Give a length, or say with margin what a sale earns.', 'length')
        """
        return self._reword(_without_options(str(error))), self._field(error)

    def _field(self, error: FrontrowError) -> str:
        if isinstance(error, SettingError):
            return error.setting
        if isinstance(error, InputError) and self.products_file and error.file.name == self.products_file:
            if error.row is None or error.row < FIRST_ROW:
                return "products"
            column = f".{error.column}" if error.column else ""
            return f"products.{error.row - FIRST_ROW}{column}"
        return (error.column or "") if isinstance(error, InputError | FrameError) else ""

    def _reword(self, text: str) -> str:
        for name, shown in self.names.items():
            text = text.replace(name, shown)
        if not self.products_file:
            return text
        place = rf"{re.escape(self.products_file)}(?:, row (\d+))?(?: and (\d+) more)?(?:, column \"([^\"]*)\")?: "
        return re.sub(place, self._name_product, text)

    def _name_product(self, match: re.Match[str]) -> str:
        row, more, column = match.groups()
        position = int(row or 0) - FIRST_ROW
        title = self.titles[position] if 0 <= position < len(self.titles) else ""
        others = f" and {more} more" if title and more else ""
        parts = [f"{title}{others}", column or ""]
        place = ", ".join(part for part in parts if part)
        return f"{place}: " if place else ""


def _without_options(text: str) -> str:
    return OPTION.sub(lambda match: match[1].replace("-", "_"), text)
