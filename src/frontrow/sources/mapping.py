"""Which column holds which field, as a source states it."""

from __future__ import annotations

from frontrow.errors import SettingError
from frontrow.importing.formats.order_lines import FIELDS


def read_mapping(text: str) -> dict[str, str]:
    """Which column holds which field, as a person wrote it.

    Raises:
        SettingError: A part is not field=Column.

    Example:
        >>> read_mapping("order_id=Receipt, title=Product name")
        {'order_id': 'Receipt', 'title': 'Product name'}
    """
    mapping = {}
    for pair in filter(str.strip, text.split(",")):
        field, sign, column = (part.strip() for part in pair.partition("="))
        if not sign or not column or field not in FIELDS:
            raise SettingError("map", f'"{pair.strip()}" is not field=Column. The fields are: {", ".join(FIELDS)}.')
        mapping[field] = column
    return mapping
