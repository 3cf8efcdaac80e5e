"""Shopify's customers export, older and newer: who may be contacted, and through which channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from frontrow.importing.format import CONTACT_FIELDS, Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import first_reason
from frontrow.tables.columns import read_fields, require_columns
from frontrow.tables.parse import clean_email, clean_quoted_text, clean_text, parse_flag
from frontrow.tables.table_file import Table


class ShopifyCustomers(Format):
    """All customers of the shop, including those who never bought; the e-mail is the key shared with orders."""

    name = "shopify_customers"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "email": ("Email",),
        "accepts_email": ("Accepts Email Marketing", "Accepts Marketing", "Email Marketing Consent"),
        "first_name": ("First Name",),
        "accepts_sms": ("Accepts SMS Marketing", "SMS Marketing Consent"),
        "phone": ("Phone",),
        "address_phone": ("Default Address Phone",),
        "company": ("Default Address Company", "Company"),
        "tags": ("Tags",),
    }
    identifying_fields = ("email", "accepts_email", "first_name")

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, ("email", "accepts_email"))
        used = {field: column for field, column in columns.items() if field != "first_name"}
        raw = read_fields(table, self.fields, used)
        rows = raw.select(
            clean_email("email").alias("source_id"),
            clean_email("email"),
            pl.coalesce(clean_quoted_text("phone"), clean_quoted_text("address_phone")).alias("phone"),
            clean_text("company"),
            # no statement in a customers export means no
            parse_flag("accepts_email").fill_null(False),
            parse_flag("accepts_sms").fill_null(False),
            clean_text("tags"),
        ).with_columns(dropped=_reason(columns["email"]))
        kept_rows = _merge_repeated(rows).filter(pl.col("dropped").is_null())
        counts = rows["dropped"].drop_nulls().value_counts(sort=True)
        fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", settings.time_zone)}
        contacts = kept_rows.with_columns(
            pl.lit(None, fields[name]).alias(name) for name in ("order_id", "version", "stated_at")
        )
        return ParsedFile(
            contacts=contacts.select(list(CONTACT_FIELDS)),
            kept=kept_rows.height,
            dropped=dict(counts.iter_rows()),
            warnings=table.warnings,
            columns=used,
        )


def _merge_repeated(rows: pl.DataFrame) -> pl.DataFrame:
    """Give every row what all rows of its customer say together: a no on one of them is a no."""
    tags = pl.col("tags").str.split(",").list.explode().str.strip_chars()
    all_tags = tags.drop_nulls().unique(maintain_order=True).str.join(", ").over("source_id")
    return rows.with_columns(
        *(pl.col(name).drop_nulls().first().over("source_id") for name in ("phone", "company")),
        *(pl.col(name).all().over("source_id") for name in ("accepts_email", "accepts_sms")),
        tags=pl.when(all_tags != "").then(all_tags),
    )


def _reason(email_column: str) -> pl.Expr:
    """Return the reason to drop a row that says nothing about a customer, or about one who cannot be identified."""
    is_empty = pl.all_horizontal(pl.col("phone", "company", "tags").is_null())
    return first_reason(
        {
            "empty row": pl.col("source_id").is_null() & is_empty,
            "no e-mail": pl.col("source_id").is_null(),
            "repeated header": pl.col("source_id") == email_column.casefold(),
            "repeated customer": ~pl.col("source_id").is_first_distinct(),
        }
    )


FORMAT = ShopifyCustomers()
