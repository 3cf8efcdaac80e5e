"""Products pasted from a spreadsheet, with a header or without."""

from __future__ import annotations

import pytest

from frontrow.errors import SettingError
from frontrow.service.pasted_products import MOST_PRODUCTS, parse_pasted_products

POT = {"title": "Blue Pot, large", "product_type": "Pots", "price": "12.50"}


@pytest.mark.parametrize(
    "text",
    [
        "Title\tProduct type\tPrice\nBlue Pot, large\tPots\t12.50\n",
        "title;product_type;price\nBlue Pot, large;Pots;12.50",
        'price,type,name\n12.50,Pots,"Blue Pot, large"',
        "\ufeffProduct\tBrand\tType\tPrice\tNotes\r\nBlue Pot, large\t\tPots\t12.50\tx\r\n\r\n",
        "Blue Pot, large\tPots\t\t12.50",
    ],
)
def test_the_same_product_is_read_in_every_layout(text: str) -> None:
    assert parse_pasted_products(text) == [POT]


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "Title\tPrice\n", "Title\tPrice\n\t12.50", "x\n" * (MOST_PRODUCTS + 1)]
)
def test_what_is_no_list_of_products_is_refused(text: str) -> None:
    with pytest.raises(SettingError) as refused:
        parse_pasted_products(text)
    assert refused.value.setting == "pasted"
