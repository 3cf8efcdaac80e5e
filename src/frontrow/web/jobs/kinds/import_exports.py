"""Import uploaded exports into a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints

from frontrow.web.jobs.kind import SHOP_WAIT, Work
from frontrow.web.jobs.requests import JobRequest, Text, UploadId, read_uploads

if TYPE_CHECKING:
    from frontrow.service.shop_data import ImportResult
    from frontrow.shop.import_settings import ImportSettings

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Request(JobRequest):
    """Exports of orders, products and customers, to be read into a shop."""

    uploads: Annotated[list[UploadId], Field(min_length=1, max_length=100)]
    """Ids of uploaded files: CSV, Excel or Parquet."""

    dry_run: bool = False
    """Report what is in the files, and write nothing."""

    format: Text | None = None
    """Format of all files, where the header does not tell."""

    mapping: dict[str, Text] = Field(default_factory=dict)
    """Field to column, for a table of order lines with column names of its own."""

    time_zone: Text | None = None
    """The shop's time zone, such as Europe/London."""

    currency: Currency | None = None
    """The shop's currency, such as GBP."""

    grain: Literal["product", "variant"] | None = None
    """What one product is: the parent product, or each of its variants."""

    parent_sku: Text | None = None
    """A regular expression whose first group is the parent's code in a SKU."""

    exchange_rates: dict[Currency, Annotated[float, Field(gt=0, lt=1e9)]] | None = None
    """What one unit of other currencies is worth in the shop's; orders in a currency without a rate are left out."""

    def to_settings(self) -> ImportSettings:
        """What the import is made with."""
        from frontrow.shop.import_settings import ImportSettings

        rates = self.exchange_rates
        return ImportSettings(
            format=self.format,
            mapping=self.mapping,
            time_zone=self.time_zone,
            currency=self.currency,
            grain=self.grain,
            parent_sku=self.parent_sku,
            exchange_rates=", ".join(f"{code}={rate:f}" for code, rate in rates.items()) if rates else None,
            dry_run=self.dry_run,
        )


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Import exports"
    request = Request
    changes_shop = True
    makes_shop = True

    def run(self, request: Request, work: Work) -> ImportResult:
        """Read the files into the shop; read twice, they leave the same shop."""
        from frontrow.service.shop_data import import_exports

        files = [upload.path for upload in read_uploads(work.uploads, request.uploads)]
        return import_exports(work.shop, files, request.to_settings(), wait=SHOP_WAIT)
