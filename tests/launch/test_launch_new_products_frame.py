"""New products as a frame of any library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from frame_kinds import kinds
from frontrow.errors import FrameError
from frontrow.launch.audience.audience import score_audience
from frontrow.launch.launch_files import NEW_PRODUCT_SCHEMA
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.new_products.frame import conform_new_products
from frontrow.synthetic import SyntheticShop

FRAME = pl.DataFrame(
    {"title": ["Blue pot", "Red pot"], "price": [9.5, None], "launch_date": [dt.date(2026, 1, 5), None]}
)


@kinds
def test_every_library_gives_the_same_products(make: Callable[[pl.DataFrame], Any]) -> None:
    products = conform_new_products(make(FRAME), 20_000)
    assert products.schema == NEW_PRODUCT_SCHEMA
    assert products.select("product_id", "price", "launch_day").rows() == [
        ("new:blue-pot", 9.5, 20_458),
        ("new:red-pot", None, 20_000),
    ]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            FRAME.drop("title"),
            'new products, column "title": is missing, expected text. The columns are: price, launch',
        ),
        (FRAME.with_columns(title=pl.lit(None, pl.String)), 'column "title": row 0 is empty'),
        (FRAME.with_columns(price=-1.0), 'column "price": found -1.0 in row 0, expected zero or more'),
        (FRAME.with_columns(price=pl.lit("cheap")), 'column "price": found "cheap" in row 0, expected a number'),
        (FRAME.with_columns(title=pl.lit("Pot")), 'column "product_id": "new:pot" is given twice'),
        (["Blue pot"], "new products: found a list, expected pandas"),
    ],
)
def test_a_wrong_frame_is_an_error(frame: Any, message: str) -> None:
    with pytest.raises(FrameError) as error:
        conform_new_products(frame, 20_000)
    assert message in str(error.value)


@kinds
def test_an_audience_takes_every_library(make: Callable[[pl.DataFrame], Any]) -> None:
    garden = SyntheticShop(customers=200, seed=1)
    history = garden.shop().as_of()
    model = BaselineModel.from_name("text_similarity", history, seed=0)
    products = garden.upcoming().select("title", "product_type", "price").head(1)
    audience = score_audience(history, make(products), model)
    assert audience.rows.equals(score_audience(history, products, model).rows)
    assert audience.rows.height
