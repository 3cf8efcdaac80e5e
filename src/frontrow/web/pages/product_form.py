"""The form of new products: what was typed, and what is said beside each field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import FormData

from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS
from frontrow.present.section import Table
from frontrow.service.product_check import ProductCheck

COLUMNS: Final = ("title", "product_type", "vendor", "price", "launch_date", "tags", "margin", "stock", "description")
"""The fields of a product, in the order of the form."""

FIELD: Final = re.compile(rf"products\.(\d{{1,3}})\.({'|'.join(NEW_PRODUCT_COLUMNS)})")
JOB_FIELD: Final = re.compile(r"products\.(\d+)\.(\w+)")
MOST_PRODUCTS: Final = 200


@dataclass(frozen=True)
class Hint:
    """What is said beside a field.

    Attributes:
        tone: `error` for what has to be corrected, `open` for what is probably a slip, `hint` for what is merely new.
        text: The sentences.
    """

    tone: str
    text: str


@dataclass(frozen=True)
class TypedProduct:
    """One product of the form.

    Attributes:
        number: Its place among the products, from 0.
        values: What was typed, by column.
        hints: What is said beside each field, by column.
        similar: The most similar past launches; None where there are none, or nothing was compared.
    """

    number: int
    values: Mapping[str, str]
    hints: Mapping[str, Sequence[Hint]] = field(default_factory=dict)
    similar: Table | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(self.values.values())


def read_products(form: FormData) -> list[dict[str, str]]:
    """The products of a form, in their order; each with the columns that were sent."""
    products: dict[int, dict[str, str]] = {}
    for name, value in form.multi_items():
        match = FIELD.fullmatch(name)
        if match is not None and isinstance(value, str):
            products.setdefault(int(match[1]), {})[match[2]] = value.strip()
    return [products[number] for number in sorted(products)][:MOST_PRODUCTS]


def read_requested(request: Mapping[str, Any]) -> list[dict[str, str]]:
    """The products of a job that was asked for, as they were typed."""
    return [
        {name: str(value) for name, value in product.items() if value is not None}
        for product in request.get("products", ())
    ]


def type_products(products: Sequence[Mapping[str, str]], check: ProductCheck | None = None) -> list[TypedProduct]:
    """The products with what is said beside their fields.

    Args:
        products: What was typed.
        check: What the comparison with the shop says; None where nothing was compared.
    """
    hints: dict[int, dict[str, list[Hint]]] = {}
    tables: dict[str, Table] = {}
    if check is not None:
        if check.problem is not None:
            number, column = check.problem.number or 0, _place(check.problem.column)
            hints.setdefault(number, {}).setdefault(column, []).append(Hint("error", check.problem.sentence))
        for number, finding in check.findings:
            tone = "open" if finding.severity == "warning" else "hint"
            text = f"{finding.sentence[:1].upper()}{finding.sentence[1:]}. {finding.consequence}"
            hints.setdefault(number, {}).setdefault(_place(finding.column or ""), []).append(Hint(tone, text))
        tables = {table.title: table for table in check.tables}
    return [
        TypedProduct(number, product, hints.get(number, {}), tables.get(product.get("title", "").strip()))
        for number, product in enumerate(products)
    ]


def add_error(products: Sequence[TypedProduct], place: str, sentence: str) -> tuple[list[TypedProduct], str]:
    """Put the error of a job beside its field.

    Args:
        products: The products of the form.
        place: The field as a job names it, such as "products.0.price".
        sentence: What is wrong.

    Returns:
        The products, and the sentence where it belongs to none of their fields.
    """
    match = JOB_FIELD.fullmatch(place)
    if match is None or int(match[1]) >= len(products):
        return list(products), sentence
    changed = list(products)
    product = changed[int(match[1])]
    hints = {**product.hints, _place(match[2]): [Hint("error", sentence)]}
    changed[product.number] = TypedProduct(product.number, product.values, hints, product.similar)
    return changed, ""


def _place(column: str) -> str:
    """The field beside which something about a column is said."""
    return column if column in COLUMNS else "title"
