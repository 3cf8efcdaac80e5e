"""What is a product and what is not: rules that a shop can see and edit (`product_rules.json`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import polars as pl

from frontrow.errors import InputError
from frontrow.masking import describe_value
from frontrow.storage.json_file import read_json, to_json_text

RULES: Final = "product_rules.json"
"""The file's name in a shop's folder."""

Column = Literal["title", "product_id", "product_type", "vendor", "skus", "tags"]
COLUMNS: Final[tuple[str, ...]] = get_args(Column)


@dataclass(frozen=True)
class ProductRule:
    """Products whose `column` matches `pattern` are not products.

    Attributes:
        reason: What such a line is, for the data report: "postage", "gift card".
        column: The product column to search; for `skus` every SKU has to match.
        pattern: A regular expression, searched anywhere, case-insensitive.
    """

    reason: str
    column: Column
    pattern: str

    def matches(self, products: pl.DataFrame) -> pl.Series:
        """Return which of the products the rule excludes."""
        pattern = f"(?i){self.pattern}"
        if self.column == "skus":
            every = pl.col("skus").list.eval(pl.element().str.contains(pattern)).list.all()
            return products.select((every & (pl.col("skus").list.len() > 0)).fill_null(False))["skus"]
        return products[self.column].str.contains(pattern).fill_null(False)


# Titles are anchored at both ends: "Felt tip pens", "Sample sale tote" and "Gift card holder" are products.
DEFAULT_RULES: Final[tuple[ProductRule, ...]] = (
    ProductRule(
        "postage",
        "title",
        r"^\s*((free|express|standard|next day|international|priority|local|dotcom|flat rate)\s+)*"
        r"(postage|shipping|delivery|carriage|freight)(\s*(&|and)\s*(packing|packaging|handling))?"
        r"(\s+(fee|fees|charge|charges|cost|costs|upgrade|surcharge))?\s*$",
    ),
    ProductRule(
        "shipping protection",
        "title",
        r"^\s*((route|corso|navidium|norton|seel|extend|shipaid|green|worry[- ]free)\s+)?"
        r"(shipping|package|order|delivery|parcel|return|returns|purchase)\s+(protection|insurance|guarantee|assurance)\b",
    ),
    ProductRule(
        "gift card",
        "title",
        r"^\s*(\S+\s+){0,3}(e-?gift|gift|store)\s*(card|voucher|certificate)s?"
        r"(\s*[-–:|(]?\s*[£$€]?\s*\d[\d.,]*\s*([£$€]|[a-z]{3})?\s*\)?)?\s*$",
    ),
    ProductRule("gift card", "product_type", r"^\s*(gift cards?|gift vouchers?|giftcard)\s*$"),
    ProductRule("tip", "title", r"^\s*(tip|tips|gratuity|add a tip|tip (for|to) .*|driver tip)\s*$"),
    ProductRule("sample", "title", r"^\s*(free\s+)?(samples?|sample (request|item|product|order)|swatch(es)?)\s*$"),
    ProductRule(
        "adjustment",
        "title",
        r"^\s*(manual|adjustments?|adjustment by .*|(price|order|stock|balance) adjustment|adjust bad debt|bad debt"
        r"|custom amount|balance due|restocking fee|write[- ]?off)\s*$",
    ),
    ProductRule("discount", "title", r"^\s*(discounts?|order discount|store credit|refund|credit)\s*$"),
    ProductRule("deposit", "title", r"^\s*((refundable|bottle|security|order)\s+)?deposits?(\s+(payment|refund))?\s*$"),
    ProductRule(
        "fee",
        "title",
        r"^\s*((amazon|bank|service|handling|processing|payment|rush|setup|gift wrap(ping)?)\s+)(fees?|charges?)\s*$",
    ),
    ProductRule("donation", "title", r"^\s*(charity\s+)?donations?(\s+to\s+.*)?\s*$|^\s*cruk commission\s*$"),
    ProductRule("test", "title", r"^\s*(test|test (product|order|item)|this is a test product\.?)\s*$"),
    # codes of Online Retail II that its own titles do not always tell
    ProductRule("postage", "skus", r"^(post|dot|c2|c3)$"),
    ProductRule("adjustment", "skus", r"^(m|d|b|adjust\d*|bank charges|amazonfee|cruk)$"),
    ProductRule("sample", "skus", r"^(s|pads)$"),
    ProductRule("gift card", "skus", r"^gift(_\d.*)?$"),
    ProductRule("test", "skus", r"^test\d*$"),
)


@dataclass(frozen=True)
class ProductRules:
    """All the rules of a shop, in order; the first that matches gives the reason.

    Lines that are not products stay in the shop and are left out when they are read, so that an edited rule takes
    effect at once.

    Attributes:
        rules: The rules.
    """

    rules: tuple[ProductRule, ...]

    @classmethod
    def default(cls) -> ProductRules:
        """Return rules in English for what is not a product: postage, gift cards, tips, adjustments.

        Example:
            >>> products = pl.DataFrame({"product_id": ["1", "2"], "title": ["Postage", "Felt tip pens"]})
            >>> ProductRules.default().not_products(products).rows()
            [('1', 'postage')]
        """
        return cls(DEFAULT_RULES)

    @classmethod
    def read(cls, path: str | Path) -> ProductRules:
        """Read the rules that a shop may have edited; the default ones if there is no file.

        Raises:
            InputError: The file is not JSON, or a rule is incomplete or not a regular expression.
        """
        path = Path(path)
        if not path.is_file():
            return cls.default()
        advice = "Correct it, or delete it to get the default rules back."
        damaged = InputError('this is not a JSON object with a list of "rules"', file=path, advice=advice)
        rules = read_json(
            path, lambda values: tuple(_parse_rule(rule, path) for rule in values["rules"]), damaged=damaged
        )
        return cls(rules)

    def to_json(self) -> str:
        """Return the text of `product_rules.json`."""
        about = (
            "Lines whose product matches a rule are kept on disk and left out of everything. Each rule searches "
            f"its pattern, case-insensitive, in one column: {', '.join(COLUMNS)}."
        )
        rules = [asdict(rule) for rule in self.rules]
        return to_json_text({"about": about, "rules": rules}, ascii_only=False)

    def not_products(self, products: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a product table that are not products, with the reason.

        Args:
            products: A product table (`schema.PRODUCT_SCHEMA`); rules on columns it lacks are ignored.

        Returns:
            `product_id` and `reason`.
        """
        reason = pl.Series("reason", [None] * products.height, dtype=pl.String)
        for rule in self.rules:
            if rule.column in products.columns:
                matches = pl.DataFrame({"reason": reason, "hit": rule.matches(products)})
                reason = matches.select(
                    pl.when(pl.col("reason").is_null() & pl.col("hit"))
                    .then(pl.lit(rule.reason))
                    .otherwise("reason")
                    .alias("reason")
                )["reason"]
        return products.select("product_id", reason).filter(pl.col("reason").is_not_null())


def _parse_rule(values: dict[str, str], path: Path) -> ProductRule:
    """Return one rule of an edited file; an error shows which one it is."""
    rule = ProductRule(reason=values["reason"], column=values["column"], pattern=values["pattern"])  # type: ignore[arg-type]
    if not all(isinstance(value, str) for value in asdict(rule).values()):
        raise TypeError("a rule has three texts")
    if rule.column not in COLUMNS:
        problem = f"the rule {describe_value(rule.reason)} looks at {describe_value(rule.column)}, which is no column"
        raise InputError(problem, file=path, advice=f"Choose one of {', '.join(COLUMNS)}.")
    try:
        pl.Series([""]).str.contains(f"(?i){rule.pattern}")
    except pl.exceptions.PolarsError as error:
        problem = f"the pattern of the rule {describe_value(rule.reason)} is not a regular expression"
        raise InputError(problem, file=path, advice="Correct it; look-around is not supported.") from error
    return rule
