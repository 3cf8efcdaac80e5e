"""What requests of several kinds have in common.

The server reads every request when it starts, to describe them. What does the work is imported where it is done.
"""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NaiveDatetime, StringConstraints

from frontrow.web.jobs.rewording import Rewording
from frontrow.web.store.uploads import Upload, read_upload

if TYPE_CHECKING:
    from frontrow.service.opening import RunSettings

LONGEST_TEXT: Final = 20_000
MOST_PRODUCTS: Final = 200
PRODUCTS: Final = "products.csv"
"""File of a job's folder that holds the new products, as the command line reads them."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ShopName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
JobId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
UploadId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
RecommenderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]


def check_baseline(name: str) -> str:
    """Return the name of a baseline; a folder of a saved model, which the command line takes too, is none.

    Raises:
        ValueError: There is no such baseline.
    """
    from frontrow.models.baseline import baselines

    if name not in baselines():
        raise ValueError(f"is not a baseline. Available: {', '.join(baselines())}")
    return name


def check_rules(text: str) -> str:
    """Return rules in TOML that name no file: a request must not read files of the server.

    Raises:
        ValueError: The text is no TOML, or names a file of stock.
    """
    try:
        names_file = "stock" in tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"is not TOML: {error}") from error
    if names_file:
        raise ValueError("names a file of stock. List the products that are out of stock in out_of_stock instead")
    return text


RulesText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(check_rules)]
BaselineName = Annotated[str, AfterValidator(check_baseline)]


class JobRequest(BaseModel):
    """A request for a job; a field that it does not have is an error."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""


class LaunchRunRequest(JobRequest):
    """A request whose work is done by the launch model."""

    as_of: NaiveDatetime | None = None
    """Use only what came before this instant, in the shop's time zone; by default, the end of the history."""

    horizon_days: Days | None = None
    """Days after a launch within which a purchase counts; by default the shop's, else 30."""

    active_days: Days | None = None
    """Customers with an order within this many days are scored; by default the shop's, else 365."""

    seed: Seed = 0
    """The same seed gives the same result."""

    def to_run(self) -> RunSettings:
        """What this run decides."""
        from frontrow.service.opening import RunSettings

        return RunSettings(
            as_of=self.as_of, horizon_days=self.horizon_days, active_days=self.active_days, seed=self.seed
        )


class NewProduct(BaseModel):
    """A product that nobody has bought yet. Amounts and dates may be texts, as a person types them."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    """Its title."""

    product_id: Text | None = None
    """The shop's id of it, where it has one already."""

    sku: Text | None = None
    """Its code, by which a product that is on sale already is recognised."""

    product_type: Text | None = None
    """Its type, as the shop writes it."""

    vendor: Text | None = None
    """Its vendor, as the shop writes it."""

    price: Amount | Text | None = None
    """Its price in the shop's currency."""

    tags: Text | None = None
    """Its tags, with commas between them."""

    description: Text | None = None
    """Its description."""

    launch_date: dt.date | Text | None = None
    """Its first day on sale; by default, the day after the last that is known."""

    margin: Amount | Text | None = None
    """What a unit earns."""

    stock: Amount | Text | None = None
    """Units in stock."""


NewProducts = Annotated[list[NewProduct], Field(min_length=1, max_length=MOST_PRODUCTS)]


def write_products(products: Sequence[NewProduct], file: Path) -> Rewording:
    """Write products to a CSV file that the command line reads, too.

    Args:
        products: What was asked about.
        file: The file.

    Returns:
        What errors and notices call its rows.
    """
    import polars as pl

    from frontrow.launch.launch_files import NEW_PRODUCT_COLUMNS
    from frontrow.storage.folder import replace_file
    from frontrow.tables.csv_output import write_csv

    rows = [[_to_cell(getattr(product, name)) for name in NEW_PRODUCT_COLUMNS] for product in products]
    table = pl.DataFrame(rows, schema=dict.fromkeys(NEW_PRODUCT_COLUMNS, pl.String()), orient="row")
    with replace_file(file) as staged:
        write_csv(table, staged)
    return name_products(file)


def name_products(file: Path) -> Rewording:
    """What errors and notices call the rows of a file that `write_products` wrote.

    Args:
        file: The file.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        titles = tuple(record["title"] for record in csv.DictReader(lines))
    return Rewording({}, file.name, titles)


def read_uploads(uploads: Path, upload_ids: Iterable[str]) -> list[Upload]:
    """The uploads that a request names.

    Args:
        uploads: Folder of uploads.
        upload_ids: Their ids.

    Raises:
        SettingError: There is no such upload.
    """
    return [read_upload(uploads, upload_id) for upload_id in upload_ids]


def _to_cell(value: Any) -> str | None:
    """A value as a person writes it: no exponent in a number."""
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value).strip() or None if value is not None else None
