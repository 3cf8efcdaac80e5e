"""What a person typed, and the name that is meant."""

from __future__ import annotations

import pytest

from frontrow.tables.nearest_name import find_nearest, fold_name

TYPES = ["Mug", "Tea Towel", "Cushion", "Crème Brûlée Set", "Box", "Lamp"]


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("Mugs", "Mug"),
        ("MUG", "Mug"),
        ("tea-towels", "Tea Towel"),
        ("TeaTowel", "Tea Towel"),
        ("Cushoin", "Cushion"),
        ("Creme Brulee Sets", "Crème Brûlée Set"),
        ("Boxes", "Box"),
        ("Table lamps", "Lamp"),
        ("Rug", None),
        ("Candle", None),
        ("", None),
    ],
)
def test_the_nearest_name(typed: str, nearest: str | None) -> None:
    assert find_nearest(typed, TYPES) == nearest


def test_of_names_equally_near_the_first_is_taken() -> None:
    assert find_nearest("mugs", ["MUG", "Mug"]) == "MUG"
    assert find_nearest("mugs", []) is None


def test_a_name_of_signs_only_keeps_them() -> None:
    assert fold_name("***") == "***"
    assert fold_name('Pot, 8"') == fold_name("POT 8")
