"""Lists of products as files for platforms, with consent and suppression as for campaigns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.campaign.eligibility.contact_rules import ContactHistory, check_consent
from frontrow.campaign.eligibility.list_customers import EligibleLists, select_eligible_lists
from frontrow.campaign.eligibility.suppression import SuppressionList
from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.list_files import (
    LIST_SCHEMA,
    ListFile,
    check_list_exports,
    is_web_address,
    product_pages,
    write_lists,
)
from frontrow.campaign.record.campaign import check_free
from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
from frontrow.errors import CampaignError, SettingError
from frontrow.present.wording import counted
from frontrow.recommend.recommend_products import RecommendationResult
from frontrow.schema import conform
from frontrow.service.defaults import ContactRuleSettings
from frontrow.shop.config import ShopConfig
from frontrow.shop.history import History
from frontrow.storage.folder import new_folder

DEFAULT_LENGTH: Final = 4
"""Products of each list where nobody says how many: what a message shows without scrolling."""

NO_PAGES: Final = (
    "The file has no addresses of products, so the template links to nothing. State how they are made: "
    "frontrow config SHOP product_url https://shop.example/products/{product_id}"
)


@dataclass(frozen=True)
class ListFileSettings:
    """Which platforms lists are written for, and who must not be written to.

    Attributes:
        exports: Names of platforms.
        folder: Folder for the files; it must not exist yet, or be empty.
        rules: Who must not be contacted; always by e-mail.
        suppress: Files of addresses that must not be contacted.
    """

    exports: tuple[str, ...]
    folder: Path
    rules: ContactRuleSettings = field(default_factory=ContactRuleSettings)
    suppress: tuple[Path, ...] = ()


@dataclass(frozen=True)
class WrittenLists:
    """Files of lists that were written.

    Attributes:
        files: The files.
        eligible: Who may be written to, and why the others may not.
        notices: What a person should know before uploading.
    """

    files: tuple[ListFile, ...]
    eligible: EligibleLists
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; no personal data."""
        return {
            "customers_with_a_file_row": self.eligible.customers.height,
            "left_out": self.eligible.counts.to_dicts(),
            "files": [
                {"export": file.export, "path": str(file.path), "rows": file.rows, "template": file.is_template}
                for file in self.files
            ],
        }


def check_list_files(settings: ListFileSettings, customers: str) -> None:
    """Refuse what cannot be written, before anything is learned.

    Args:
        settings: Platforms and rules.
        customers: Whom the lists are for.

    Raises:
        CampaignError: There is no such platform, or the folder holds something.
        SettingError: A platform takes no lists, the channel is not e-mail, or the customers have no address.
    """
    check_list_exports(settings.exports)
    if customers == "new":
        raise SettingError("export", "Customers who have not ordered yet have no address to write to.")
    check_free(settings.folder)


def write_list_files(
    folder: Path, result: RecommendationResult, history: History, settings: ListFileSettings
) -> WrittenLists:
    """Write the lists of those who may be contacted.

    Args:
        folder: The shop's folder.
        result: The lists.
        history: The shop's customers and products, as they are known now.
        settings: Platforms and rules.

    Raises:
        CampaignError: Nobody may be contacted.
        InputError: A suppression list cannot be used.
    """
    config = ShopConfig.read(folder)
    rules = settings.rules.to_rules(config)
    check_consent(history, rules)
    earlier = ContactHistory(
        SuppressionList.read(list(settings.suppress), default_region=rules.phone_region),
        ContactLog.read(folder),
        HeldOutLog.read(folder),
        GlobalControlGroup.read(folder),
    )
    shown = _describe_products(result, history, config)
    lists = result.recommendations.rows.select("customer_id", "rank", "product_id")
    eligible = select_eligible_lists(lists.join(shown, on="product_id", how="left"), history, rules, earlier)
    if not eligible.rows.height:
        reasons = eligible.counts.filter(pl.col("customers") > 0).iter_rows()
        raise CampaignError(
            f"None of the {eligible.considered:,} customers with a list may be contacted: "
            f"{', '.join(f'{reason} {number:,}' for reason, number in reasons)}."
        )
    rows = conform(eligible.rows, LIST_SCHEMA)
    with new_folder(settings.folder) as staged:
        files = write_lists(
            staged,
            rows,
            eligible.customers,
            settings.exports,
            name=settings.folder.resolve().name,
            place=settings.folder,
        )
    return WrittenLists(tuple(files), eligible, tuple(_list_notices(rows, settings, config)))


def _describe_products(result: RecommendationResult, history: History, config: ShopConfig) -> pl.DataFrame:
    """`product_id`, and title, url, image_url and price as they are shown."""
    currency = history.settings.currency
    catalogue = history.products.select("product_id", "image_url", in_catalogue=pl.col("status").is_not_null())
    items = result.items.select("product_id", "title", amount="price").unique("product_id", keep="last")
    rows = items.join(catalogue, on="product_id", how="left", maintain_order="left")
    pages = product_pages(rows.select(pl.when("in_catalogue").then("product_id")).to_series(), config.product_url)
    images = [image if is_web_address(image) else None for image in rows["image_url"]]
    prices = [None if amount is None else f"{amount:,.2f} {currency}".strip() for amount in rows["amount"]]
    return rows.select("product_id", "title").with_columns(
        pages, pl.Series("image_url", images, pl.String), pl.Series("price", prices, pl.String)
    )


def _list_notices(rows: pl.DataFrame, settings: ListFileSettings, config: ShopConfig) -> list[str]:
    notices = [] if config.product_url else [NO_PAGES]
    columns = sum(rows[name].null_count() < rows.height for name in ("title", "url", "image_url", "price"))
    columns *= rows.select(pl.col("rank").max()).item()
    for platform in check_list_exports(settings.exports):
        if platform.most_fields is not None and columns > platform.most_fields:
            notices.append(
                f"{platform.title}: {counted(columns, 'column', 'columns')}, and most accounts take "
                f"{platform.most_fields} fields of their own. Shorten the lists with --top."
            )
    return notices
