"""The campaign folder: what was decided before a launch, with everything needed to repeat it and to measure it later.

No file beside `exports/` holds personal data: `campaign.json`, the settings and decisions; `assignment.parquet`, who is
contacted and who is held out, by customer number; and, where properties were chosen, `properties.parquet`
(`campaign.properties`), by customer number too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from frontrow.campaign.addresses import Channel
from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT, STRATA
from frontrow.errors import CampaignError
from frontrow.shop.cutoff import EPOCH
from frontrow.storage.folder import new_folder, replace_file, write_parquet
from frontrow.storage.json_file import read_json, to_json_text
from frontrow.storage.json_types import is_of_type, require_types
from frontrow.storage.pointer import is_sealed, seal

CAMPAIGN: Final = "campaign.json"
ASSIGNMENT: Final = "assignment.parquet"
PROPERTIES_FILE: Final = "properties.parquet"
EXPORTS: Final = "exports"
FORMAT_VERSION: Final = 2
SEAL: Final = "sha256"
DIGESTS: Final = "assignment_sha256"
"""In `campaign.json`: the SHA-256 of the assignment, or of the two that it may be while one takes the other's place."""

LONGEST_HORIZON: Final = 36_500
"""A hundred years, in days."""

ASSIGNMENT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    # the product the customer hears of; each customer hears of one
    "product_id": pl.String(),
    "customer_id": pl.Int64(),
    # on the whole ranked list of the product, 1 the most likely buyer
    "rank": pl.Int64(),
    # to buy within the horizon, as predicted before the launch
    "probability": pl.Float64(),
    # "contacted" or "held out"
    "group": pl.String(),
    # 1, the likeliest tenth of the product's list, to 10
    "stratum": pl.Int32(),
}


@dataclass(frozen=True)
class Campaign:
    """A campaign as it was planned.

    Attributes:
        name: Name of the campaign.
        seed: Seed of the model and of the division into groups.
        created: When it was planned, UTC.
        as_of: The history's cutoff, in the shop's time zone: features, orders and recent contacts are those before.
        horizon_days: A purchase within so many days after the cutoff counts.
        channel: email or sms.
        products: One record a new product, with `product_id` and `title`.
        contact_rules: `ContactRules` as a record, and the names and lengths of the suppression lists.
        holdout_share: Share held out of those on the list who are not in the global control group.
        global_control_share: Share of all customers who are always held out; None without such a group.
        economics: Margin, costs and limits as given; None where a length was given instead.
        list_length: Customers on the list, held out or not, all products together.
        counts: Numbers of customers: `considered`, `excluded` (a record a reason, with `customers` and
            `any_customers` as in `EligibleCustomers.counts`), `chosen`, `contacted`, `held_out`.
        expected_buyers: One record a product: `product_id`, and sums of probabilities `contacted` and `held_out`,
            None where there are no probabilities.
        imports_digest: SHA-256 of the shop's record of imports.
        frontrow_version: Version that planned it.
        assignment: `ASSIGNMENT_SCHEMA`, by product and rank.
        campaign_id: Digest of what was asked and of the shop at that moment, the same when the same command runs again;
            empty for a campaign that was planned without a shop's folder.
        pool: Name of the campaigns that are to be measured together with this one; empty for none.
        exports: Names of the platforms that files were written for.
    """

    name: str
    seed: int
    created: dt.datetime
    as_of: dt.datetime
    horizon_days: int
    channel: Channel
    products: tuple[dict[str, Any], ...]
    contact_rules: dict[str, Any]
    holdout_share: float
    global_control_share: float | None
    economics: dict[str, Any] | None
    list_length: int
    counts: dict[str, Any]
    expected_buyers: tuple[dict[str, Any], ...]
    imports_digest: str
    frontrow_version: str
    assignment: pl.DataFrame
    campaign_id: str = ""
    pool: str = ""
    exports: tuple[str, ...] = ()

    @property
    def contacted(self) -> pl.DataFrame:
        """The rows of `assignment` of those who are contacted."""
        return self.assignment.filter(pl.col("group") == CONTACTED)

    @property
    def held_out(self) -> pl.DataFrame:
        """The rows of `assignment` of those who are held out."""
        return self.assignment.filter(pl.col("group") == HELD_OUT)

    def window_end(self, product: Mapping[str, Any]) -> dt.date:
        """The first day, on the shop's calendar, whose orders no longer count for a product.

        The horizon runs from the product's launch, or from the campaign's start where that is later.
        """
        first = max((self.as_of.date() - EPOCH).days, int(product.get("launch_day") or 0))
        return EPOCH + dt.timedelta(days=first + self.horizon_days)

    def to_json(self) -> str:
        """The text of `campaign.json`."""
        record = {name: value for name, value in vars(self).items() if name != "assignment"}
        return to_json_text({"format_version": FORMAT_VERSION, **record})

    def write(self, staged: Path) -> None:
        """Write the two files into an existing folder."""
        write_parquet(self.assignment.lazy(), staged / ASSIGNMENT)
        record = json.loads(self.to_json())
        (staged / CAMPAIGN).write_bytes(_to_sealed_text({**record, DIGESTS: [_digest(staged / ASSIGNMENT)]}))

    def save(self, folder: str | Path) -> None:
        """Write a campaign folder: all of it or nothing.

        Raises:
            CampaignError: The folder exists and is not empty; a campaign is never overwritten.
        """
        check_free(folder)
        with new_folder(Path(folder)) as staged:
            self.write(staged)

    @classmethod
    def read(cls, folder: str | Path) -> Campaign:
        """Read a campaign folder back.

        Raises:
            CampaignError: The folder holds no campaign, a damaged one, or one of another format version.
        """
        file = Path(folder) / CAMPAIGN
        if not file.is_file():
            raise CampaignError(f"{folder} holds no campaign. Make one with: frontrow campaign SHOP --output {folder}")
        damaged = CampaignError(f"{file} is damaged. Put the folder back from a copy.")
        if not is_sealed(file.read_bytes()):
            raise damaged
        return read_json(file, lambda record: cls._parse(record, Path(folder)), damaged=damaged)

    @classmethod
    def _parse(cls, record: dict[str, Any], folder: Path) -> Campaign:
        if (version := record.pop("format_version")) != FORMAT_VERSION:
            raise CampaignError(
                f"{folder / CAMPAIGN} has format version {version}; this frontrow reads version {FORMAT_VERSION}."
            )
        del record[SEAL]
        if _digest(folder / ASSIGNMENT) not in record.pop(DIGESTS):
            raise CampaignError(f"{folder / ASSIGNMENT} is damaged. Put the folder back from a copy.")
        for name in ("created", "as_of"):
            record[name] = dt.datetime.fromisoformat(record[name])
        for name in ("products", "expected_buyers"):
            record[name] = tuple(record[name])
        record["exports"] = tuple(record.get("exports", ()))
        require_types(cls, record)
        for product in record["products"]:
            _check_product(product)
        zoned = record["as_of"].tzinfo is not None and record["created"].tzinfo is not None
        if not zoned or not 0 < record["horizon_days"] <= LONGEST_HORIZON:
            raise ValueError("the campaign has no time in which purchases count")
        campaign = cls(**record, assignment=_read_assignment(folder / ASSIGNMENT))
        for product in campaign.products:
            # an impossible day is an OverflowError
            campaign.window_end(product)
        return campaign


def replace_assignment(folder: Path, assignment: pl.DataFrame) -> None:
    """Write the assignment of a campaign's folder anew, as where a person is erased from it.

    Whatever interrupts this, the folder holds one of the two, and can be read.

    Args:
        folder: The campaign's folder.
        assignment: `ASSIGNMENT_SCHEMA`.

    Raises:
        CampaignError: `campaign.json` is damaged.
    """
    file = folder / CAMPAIGN
    record = _read_record(file)
    with replace_file(folder / ASSIGNMENT) as staged:
        write_parquet(assignment.lazy(), staged)
        digests = [_digest(staged)]
        if (folder / ASSIGNMENT).is_file():
            _replace_record(file, {**record, DIGESTS: [_digest(folder / ASSIGNMENT), *digests]})
    _replace_record(file, {**record, DIGESTS: digests})


def settle_assignment(folder: Path) -> None:
    """Take the other assignment out of `campaign.json` that `replace_assignment` left there when it was interrupted.

    Args:
        folder: The campaign's folder.

    Raises:
        CampaignError: `campaign.json` is damaged.
    """
    if not (folder / CAMPAIGN).is_file() or not (folder / ASSIGNMENT).is_file():
        return
    record, digest = _read_record(folder / CAMPAIGN), _digest(folder / ASSIGNMENT)
    digests = record.get(DIGESTS)
    if isinstance(digests, list) and len(digests) > 1 and digest in digests:
        _replace_record(folder / CAMPAIGN, {**record, DIGESTS: [digest]})


def _read_record(file: Path) -> dict[str, Any]:
    damaged = CampaignError(f"{file} is damaged. Put the folder back from a copy.")
    record: dict[str, Any] = read_json(file, lambda values: {**values}, damaged=damaged)
    record.pop(SEAL, None)
    return record


def _replace_record(file: Path, record: Mapping[str, Any]) -> None:
    with replace_file(file) as staged:
        staged.write_bytes(_to_sealed_text(record))


def _to_sealed_text(record: Mapping[str, Any]) -> bytes:
    return seal(to_json_text(record).encode())


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise CampaignError(f"{file} is missing or damaged. Put the folder back from a copy.") from error


def _check_product(product: Mapping[str, Any]) -> None:
    texts, launch_day = (product["product_id"], product["title"]), product.get("launch_day")
    if not all(isinstance(text, str) for text in texts) or not is_of_type(launch_day, int | None):
        raise TypeError("a product of the campaign has no id or title")


def check_free(folder: str | Path) -> None:
    """Make sure that nothing would be overwritten.

    Raises:
        CampaignError: The folder exists and is not empty, or is a link to another place.
    """
    if Path(folder).is_symlink():
        raise CampaignError(f"{folder} is a link to another place. Choose another folder.")
    if Path(folder).exists() and not (Path(folder).is_dir() and not any(Path(folder).iterdir())):
        raise CampaignError(f"{folder} exists already. A campaign is never overwritten: choose another folder.")


def imports_digest(imports: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of a shop's record of what was imported, and when (`ShopSettings.imports`)."""
    return hashlib.sha256(json.dumps(imports, sort_keys=True).encode()).hexdigest()


def list_imports_digests(imports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The digest of a shop's record of imports as it was after each of them, and before the first.

    In one pass: a shop that is synced every hour has thousands of imports.

    Args:
        imports: The whole record.

    Example:
        >>> records = [{"file": "a.csv"}, {"file": "b.csv"}]
        >>> [*list_imports_digests(records)] == [imports_digest(records[:count]) for count in range(3)]
        True
    """
    running = hashlib.sha256(b"[")
    for number in range(len(imports) + 1):
        ended = running.copy()
        ended.update(b"]")
        yield ended.hexdigest()
        if number < len(imports):
            separator = ", " if number else ""
            running.update(f"{separator}{json.dumps(imports[number], sort_keys=True)}".encode())


def _read_assignment(file: Path) -> pl.DataFrame:
    try:
        rows = pl.read_parquet(file, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CampaignError(f"{file} is missing or damaged. Put the folder back from a copy.") from error
    groups = {*rows["group"].unique()} if "group" in rows.columns else {""}
    if dict(rows.schema) != dict(ASSIGNMENT_SCHEMA) or not groups <= {CONTACTED, HELD_OUT}:
        raise CampaignError(f"{file} is not an assignment: expected {', '.join(ASSIGNMENT_SCHEMA)}.")
    if rows.height and not rows["stratum"].is_between(1, STRATA).all():
        raise CampaignError(f"{file} has a stratum outside 1 to {STRATA}. Put the folder back from a copy.")
    return rows
