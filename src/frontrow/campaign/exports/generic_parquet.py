"""Other programs: a Parquet file, one row a contact."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.export import Export
from frontrow.campaign.exports.generic_csv import plain_table
from frontrow.campaign.properties import LONG_HEADERS


class GenericParquet(Export):
    """The columns of `generic_csv`, their text unchanged."""

    name = "generic_parquet"
    title = "Parquet for a program"
    property_headers = LONG_HEADERS
    suffix = ".parquet"

    def table(self, contacts: pl.DataFrame, channel: Channel) -> pl.DataFrame:
        """See `Export.table`."""
        return plain_table(contacts, channel, self.property_columns(contacts))

    def _contents(self, table: pl.DataFrame) -> Iterator[tuple[bytes, int]]:
        buffer = io.BytesIO()
        table.write_parquet(buffer)
        yield buffer.getvalue(), table.height


EXPORT = GenericParquet()
