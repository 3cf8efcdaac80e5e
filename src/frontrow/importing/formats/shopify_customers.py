"""Shopify's customers export, older and newer: who may be contacted, and through which channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from frontrow.importing.format import CONTACT_FIELDS, Reading, Source, Wishes
from frontrow.tables.columns import read_fields, require
from frontrow.tables.parse import email, flag, text, unquoted
from frontrow.tables.table_file import Table


class ShopifyCustomers(Source):
    """All customers of the shop, those who never bought included; the e-mail is the key that orders share."""

    name = "shopify_customers"
    title = "Shopify customers export"
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
    recognised_by = ("email", "accepts_email", "first_name")

    def read(self, table: Table, wishes: Wishes) -> Reading:
        """Read the whole file; see `Source.read`."""
        columns = require(table, self.fields, ("email", "accepts_email"))
        used = {field: column for field, column in columns.items() if field != "first_name"}
        raw = read_fields(table, self.fields, used)
        rows = raw.select(
            email("email").alias("source_id"),
            email("email"),
            pl.coalesce(unquoted("phone"), unquoted("address_phone")).alias("phone"),
            text("company"),
            # where a customers export is silent the answer is no
            flag("accepts_email").fill_null(False),
            flag("accepts_sms").fill_null(False),
            text("tags"),
        ).with_columns(dropped=_reason(columns["email"]))
        kept = _one_word_each(rows).filter(pl.col("dropped").is_null())
        counts = rows["dropped"].drop_nulls().value_counts(sort=True)
        said = kept.with_columns(said_at=pl.lit(None, pl.Datetime("us", wishes.time_zone)))
        return Reading(
            contacts=said.select(list(CONTACT_FIELDS)),
            kept=kept.height,
            dropped=dict(counts.iter_rows()),
            notes=table.notes,
            columns=used,
        )


def _one_word_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Every row with what all rows of its customer say together: a no on one of them is a no."""
    tags = pl.col("tags").str.split(",").list.explode().str.strip_chars()
    together = tags.drop_nulls().unique(maintain_order=True).str.join(", ").over("source_id")
    return rows.with_columns(
        *(pl.col(name).drop_nulls().first().over("source_id") for name in ("phone", "company")),
        *(pl.col(name).all().over("source_id") for name in ("accepts_email", "accepts_sms")),
        tags=pl.when(together != "").then(together),
    )


def _reason(email_column: str) -> pl.Expr:
    """Why a row says nothing of a customer that could be found again."""
    silent = pl.all_horizontal(pl.col("phone", "company", "tags").is_null())
    return (
        pl.when(pl.col("source_id").is_null() & silent)
        .then(pl.lit("empty row"))
        .when(pl.col("source_id").is_null())
        .then(pl.lit("no e-mail"))
        .when(pl.col("source_id") == email_column.casefold())
        .then(pl.lit("repeated header"))
        .when(~pl.col("source_id").is_first_distinct())
        .then(pl.lit("repeated customer"))
    )


SOURCE = ShopifyCustomers()
