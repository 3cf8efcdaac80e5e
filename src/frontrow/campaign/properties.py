"""Properties: what a platform may keep of each customer on a campaign's list, beside the address.

They are chosen by name (`--properties`), worked out once when the campaign is planned, and kept in its folder by
customer number (`properties.parquet`), so that files and pushes say the same. Without a choice a platform learns
nothing beyond the address and what its format needs.

No property names a person. frontrow keeps no names, so there is no `first_name`: platforms have that in a field of
their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.campaign.record.campaign import PROPERTIES_FILE, Campaign
from frontrow.errors import CampaignError, SettingError
from frontrow.storage.folder import write_parquet


@dataclass(frozen=True)
class Property:
    """One column that a platform may keep of a customer.

    Attributes:
        meaning: What it says, in a shop owner's words.
        dtype: Of its values; null where it is not known of a customer.
        merge_tag: Its name on Mailchimp, where names have at most ten capital letters and digits.
        is_figure: Whether it has to be worked out beside the campaign, and not only read off it.
    """

    meaning: str
    dtype: pl.DataType
    merge_tag: str
    is_figure: bool = False


PROPERTIES: Final[Mapping[str, Property]] = {
    "campaign": Property("name of the campaign", pl.String(), "FRCAMPAIGN"),
    "group": Property("contacted, or held out", pl.String(), "FRGROUP"),
    "product": Property("title of the product that the customer hears of", pl.String(), "FRPRODUCT"),
    "rank": Property("place on the product's list, 1 the likeliest buyer", pl.Int64(), "FRRANK"),
    "rank_band": Property(
        "tenth of those chosen for the product, such as top 10 percent, or 10 to 20 percent", pl.String(), "FRRANKBAND"
    ),
    "probability_band": Property(
        "chance to buy, such as 2 to 5 percent; empty where there are no probabilities", pl.String(), "FRCHANCE"
    ),
    "expected_value": Property(
        "what contacting the customer is expected to earn before the cost of the contact, in the shop's currency; "
        "needs a margin",
        pl.Float64(),
        "FRVALUE",
        is_figure=True,
    ),
    "reasons": Property(
        "up to three codes of what makes a purchase likelier, the strongest first, such as similar_products; rhythm",
        pl.String(),
        "FRREASONS",
        is_figure=True,
    ),
    "next_order_date": Property(
        "day by which half of such customers have ordered again, from frontrow customers; empty where none is near",
        pl.Date(),
        "FRNEXTDATE",
        is_figure=True,
    ),
}
"""Every property, in the order of its column."""

NAMESPACE: Final = "frontrow_"
"""In front of a property's name on platforms with room for it, so that no property of the shop's own is overwritten."""

LONG_HEADERS: Final = {name: f"{NAMESPACE}{name}" for name in PROPERTIES}
"""The header of each property on platforms with room for it."""

MERGE_TAGS: Final = {name: stated.merge_tag for name, stated in PROPERTIES.items()}
"""The header of each property on Mailchimp."""

IN_CONTACTS: Final = "property_"
"""In front of a property's name where it stands beside a contact's other columns (`export.CONTACT_SCHEMA`)."""

PERSONAL: Final = ("first_name", "last_name", "name", "email", "phone", "address", "company")

BANDS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Probabilities at which a band ends; the end belongs to the next band."""


def check_properties(names: Sequence[str]) -> tuple[str, ...]:
    """The properties in the order of their columns, each once.

    Args:
        names: As a person typed them.

    Raises:
        SettingError: There is no such property; the message lists the available ones.

    Example:
        >>> check_properties(["rank", " group ", "rank"])
        ('group', 'rank')
    """
    stated = [name.strip().lower().replace("-", "_") for name in names if name.strip()]
    for name in stated:
        if name in PERSONAL:
            raise SettingError(
                "properties", f"frontrow keeps no {name} to write; use the platform's own field. Available: {_LIST}."
            )
        if name not in PROPERTIES:
            raise SettingError("properties", f"There is no such property. Available: {_LIST}.")
    return tuple(name for name in PROPERTIES if name in stated)


def build_properties(campaign: Campaign, names: Sequence[str], figures: pl.DataFrame | None = None) -> pl.DataFrame:
    """The properties of everyone on a campaign's list, those held out included.

    Args:
        campaign: As it was planned.
        names: As `check_properties` returns them.
        figures: `customer_id`, and one column for each chosen property that is worked out beside the campaign
            (`Property.is_figure`).

    Returns:
        `customer_id` and one column a property, in the order of the assignment.
    """
    titles = {str(product["product_id"]): str(product["title"]) for product in campaign.products}
    rows = campaign.assignment.select(
        "customer_id",
        "group",
        "rank",
        campaign=pl.lit(campaign.name),
        product=pl.col("product_id").replace_strict(titles, default=None, return_dtype=pl.String),
        rank_band=_rank_band(),
        probability_band=_probability_band(),
    )
    if figures is not None:
        rows = rows.join(figures, on="customer_id", how="left", maintain_order="left")
    return rows.select("customer_id", *(pl.col(name).cast(PROPERTIES[name].dtype) for name in names))


def write_properties(staged: Path, properties: pl.DataFrame) -> None:
    """Write the properties of a campaign into its folder; nothing where none were chosen.

    Args:
        staged: The campaign's folder.
        properties: What `build_properties` returns.
    """
    if len(properties.columns) > 1:
        write_parquet(properties.lazy(), staged / PROPERTIES_FILE)


def read_properties(folder: str | Path) -> pl.DataFrame | None:
    """The properties that were chosen for a campaign; None where none were.

    Args:
        folder: The campaign's folder.

    Returns:
        `customer_id` and one column a property, as `build_properties` returns them. Whoever was forgotten since is
        not among them.

    Raises:
        CampaignError: The file is damaged.
    """
    file = Path(folder) / PROPERTIES_FILE
    if not file.is_file():
        return None
    damaged = CampaignError(f"{file} is damaged. Put the folder back from a copy, or plan the campaign again.")
    try:
        properties = pl.read_parquet(file, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged from error
    schema = {name: stated.dtype for name, stated in PROPERTIES.items()}
    if any(schema.get(name) != dtype for name, dtype in properties.drop("customer_id", strict=False).schema.items()):
        raise damaged
    if properties.schema.get("customer_id") != pl.Int64():
        raise damaged
    return properties


def with_properties(contacts: pl.DataFrame, properties: pl.DataFrame | None) -> pl.DataFrame:
    """Contacts with their properties, each under `IN_CONTACTS` and its name.

    Args:
        contacts: `export.CONTACT_SCHEMA`.
        properties: What `build_properties` returns; None for none.
    """
    if properties is None:
        return contacts
    columns = {name: f"{IN_CONTACTS}{name}" for name in properties.columns if name != "customer_id"}
    return contacts.join(properties.rename(columns), on="customer_id", how="left", maintain_order="left")


def _rank_band() -> pl.Expr:
    end = pl.col("stratum").cast(pl.Int64) * 10
    later = pl.format("{} to {} percent", end - 10, end)
    return pl.when(pl.col("stratum") == 1).then(pl.lit("top 10 percent")).otherwise(later)


def _probability_band() -> pl.Expr:
    ends = [f"{end * 100:g}" for end in BANDS]
    between = [f"{low} to {high} percent" for low, high in pairwise(ends)]
    names = [f"under {ends[0]} percent", *between, f"{ends[-1]} percent or more"]
    bands_below = pl.sum_horizontal(pl.col("probability") >= end for end in BANDS)
    band = bands_below.replace_strict(dict(enumerate(names)), return_dtype=pl.String)
    return pl.when(pl.col("probability").is_not_null()).then(band)


_LIST: Final = ", ".join(PROPERTIES)
