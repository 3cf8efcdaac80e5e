"""WooCommerce's own export of customers: Analytics > Customers > Download.

The columns are those of WooCommerce 10 (read in its source, November 2026). The report has registered customers and
guests. WooCommerce itself keeps no consent: a plug-in for newsletters does, under a name of its own. So a column of
consent is read where there is one, and where there is none nothing is taken for a yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from frontrow.importing.format import CONTACT_FIELDS, Format, ParsedFile, ParseSettings
from frontrow.importing.order_lines import first_reason
from frontrow.importing.woocommerce import CONSENT_COLUMNS, state_consent
from frontrow.tables.columns import read_fields, require_columns
from frontrow.tables.parse import clean_email, clean_quoted_text
from frontrow.tables.table_file import Table

REPEATED_ROWS: Final = "repeated customer"


class WooCommerceCustomers(Format):
    """Everybody who has an account or has ordered; the e-mail is the key shared with orders."""

    name = "woocommerce_customers"
    fields: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "email": ("Email",),
        "last_active": ("Last Active",),
        "signed_up": ("Sign Up",),
        "phone": ("Billing Phone",),
        "shipping_phone": ("Shipping Phone",),
        "accepts_email": CONSENT_COLUMNS,
    }
    identifying_fields = ("email", "last_active", "signed_up")

    def parse(self, table: Table, settings: ParseSettings) -> ParsedFile:
        """Read the whole file. See `Format.parse`."""
        columns = require_columns(table, self.fields, ("email",))
        columns = {field: column for field, column in columns.items() if field not in ("last_active", "signed_up")}
        raw = read_fields(table, self.fields, columns)
        consent = state_consent("accepts_email")
        rows = raw.select(
            clean_email("email").alias("source_id"),
            clean_email("email"),
            pl.coalesce(clean_quoted_text("phone"), clean_quoted_text("shipping_phone")).alias("phone"),
            # where the file has a column of consent, no statement means no
            (consent.fill_null(False) if "accepts_email" in columns else pl.lit(None, pl.Boolean)).alias(
                "accepts_email"
            ),
            (pl.lit(False) if "accepts_email" in columns else pl.lit(None, pl.Boolean)).alias("accepts_sms"),
        ).with_columns(dropped=_reason(columns["email"]))
        rows = rows.with_columns(pl.col("accepts_email").all(ignore_nulls=False).over("source_id"))
        kept_rows = rows.filter(pl.col("dropped").is_null())
        return ParsedFile(
            contacts=_as_contacts(kept_rows, settings.time_zone),
            kept=kept_rows.height,
            dropped=dict(rows["dropped"].drop_nulls().value_counts(sort=True).iter_rows()),
            warnings=table.warnings,
            columns=columns,
        )


def _as_contacts(rows: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    fields = {**CONTACT_FIELDS, "stated_at": pl.Datetime("us", time_zone)}
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in fields.items()
    )


def _reason(email_column: str) -> pl.Expr:
    """Return the reason to drop a row that says nothing about a customer who can be identified."""
    return first_reason(
        {
            "no e-mail": pl.col("source_id").is_null(),
            "repeated header": pl.col("source_id") == email_column.casefold(),
            REPEATED_ROWS: ~pl.col("source_id").is_first_distinct(),
        }
    )


FORMAT = WooCommerceCustomers()
