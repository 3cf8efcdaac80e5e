"""Plan a campaign for the products of an audience, and write its files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from frontrow.errors import CampaignError, SettingError
from frontrow.web.jobs.campaigns import resolve_campaign
from frontrow.web.jobs.kind import SHOP_WAIT, Work
from frontrow.web.jobs.requests import PRODUCTS, Amount, Days, JobId, JobRequest, Name, Text, UploadId, read_uploads

if TYPE_CHECKING:
    from frontrow.service.campaign import CampaignResult
    from frontrow.service.plan_settings import PlanSettings
    from frontrow.service.saved_audience import SavedAudience

Share = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
LONGEST_FOLDER: Final = 80
NOTE: Final = "campaign_id"
"""File of a job's folder with the id of the campaign that it writes."""


class Request(JobRequest):
    """A campaign for the products of an audience: who hears of them, how many, who is held out."""

    audience: JobId
    """Id of the audience."""

    name: Name
    """The campaign's name; no other campaign of the shop may have it."""

    length: Count | None = None
    """Customers on the list, those held out included; by default, the margin decides."""

    holdout_share: Share = 0.1
    """Share of the list held out by lot, to measure against."""

    global_control_share: Share | None = None
    """Share of all customers held out of every campaign; by default the shop's, if it has one."""

    exports: list[Text] = Field(default_factory=list, max_length=20)
    """Platforms that files are written for, such as klaviyo."""

    contacted: bool = False
    """It will be sent: who is contacted and who is held out is recorded now."""

    strict: bool = False
    """What looks like a slip in the products, or in a country, is an error."""

    channel: Literal["email", "sms"] | None = None
    """How customers are contacted; by default the shop's, else by e-mail."""

    countries: list[Text] = Field(default_factory=list)
    """Only customers whose last order went to one of these countries."""

    not_countries: list[Text] = Field(default_factory=list)
    """Nobody whose last order went to one of these countries."""

    not_tagged: list[Text] = Field(default_factory=list)
    """Nobody with one of these tags, beside do-not-contact and refunded."""

    not_contacted_days: Days | None = None
    """Nobody who was contacted within so many days."""

    max_contacts: Count = 1
    """Number of contacts within those days from which a customer is left out."""

    not_refunded_days: Days | None = None
    """Nobody with a partial refund within so many days."""

    phone_region: Text | None = None
    """Country code, such as GB, for phone numbers that have none."""

    suppress: list[UploadId] = Field(default_factory=list, max_length=20)
    """Ids of uploaded CSV files of e-mails or phones that must not be contacted."""

    margin: Amount | None = None
    """Earned per unit at its full price."""

    contact_cost: Amount | None = None
    """Cost of one contact."""

    discount: Amount = 0.0
    """Money off per unit, for everyone contacted."""

    capacity: Count | None = None
    """Most customers contacted."""

    budget: Amount | None = None
    """Most money spent on contacts."""

    stock: Amount | None = None
    """Units in stock of a single product."""

    incremental_share: tuple[Share, Annotated[float, Field(ge=0, le=1)]] | None = None
    """Lowest and highest share of the buyers who would not have bought anyway."""

    measured: Text | None = None
    """Id of an earlier campaign whose hold-out measured that share."""

    def to_settings(self, output: Path, products: Path, model: str | None, uploads: Path, shop: Path) -> PlanSettings:
        """What the campaign is to be.

        Args:
            output: Its folder.
            products: File of its products.
            model: Name of the simple rule that ranked the audience; None for the shop's launch model.
            uploads: Folder of uploads.
            shop: The shop's folder.

        Raises:
            SettingError: There is no such upload, or no such earlier campaign.
        """
        from frontrow.service.defaults import ContactRuleSettings, MoneySettings
        from frontrow.service.plan_settings import PlanSettings

        return PlanSettings(
            products,
            output,
            self.name,
            model,
            rules=ContactRuleSettings(
                channel=self.channel,
                countries=tuple(self.countries),
                not_countries=tuple(self.not_countries),
                not_tagged=tuple(self.not_tagged),
                not_contacted_days=self.not_contacted_days,
                max_contacts=self.max_contacts,
                not_refunded_days=self.not_refunded_days,
                phone_region=self.phone_region,
            ),
            suppress=tuple(upload.path for upload in read_uploads(uploads, self.suppress)),
            length=self.length,
            money=MoneySettings(
                self.margin,
                self.contact_cost,
                self.discount,
                self.capacity,
                self.budget,
                self.stock,
                self.incremental_share,
                None if self.measured is None else resolve_campaign(shop, self.measured, setting="measured"),
            ),
            holdout_share=self.holdout_share,
            global_control_share=self.global_control_share,
            exports=tuple(self.exports),
            contacted=self.contacted,
            strict=self.strict,
        )


class Kind:
    """See `web.jobs.kind.Kind`."""

    title = "Plan a campaign"
    request = Request
    changes_shop = True
    makes_shop = False

    def run(self, request: Request, work: Work) -> CampaignResult:
        """Plan the campaign and write its folder; asked for again by the same job, it is the same campaign."""
        from frontrow.service.campaign import write_plan

        audience = _read_audience(request.audience, work)
        shutil.copyfile(work.output.parent / request.audience / PRODUCTS, work.output / PRODUCTS)
        output = work.campaigns / name_folder(request.name)
        settings = request.to_settings(output, work.output / PRODUCTS, audience.model, work.uploads, work.shop)
        _note_campaign(settings, audience, work)
        return write_plan(work.shop, settings, audience.run, progress=work.progress, wait=SHOP_WAIT)


def name_folder(name: str) -> str:
    """The folder of a campaign of that name.

    Raises:
        SettingError: The name has neither a letter nor a digit.

    Example:
        >>> name_folder("Spring: Bulbs & Pots")
        'spring-bulbs-pots'
    """
    folder = re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:LONGEST_FOLDER].strip("-")
    if not folder:
        raise SettingError("name", "Give the campaign a name with letters or digits.")
    return folder


def _read_audience(job_id: str, work: Work) -> SavedAudience:
    from frontrow.service.saved_audience import read_saved_audience

    missing = SettingError("audience", "There is no audience of that id in this shop. Rank the customers first.")
    folder = work.output.parent / job_id
    if not (folder / PRODUCTS).is_file():
        raise missing
    audience = read_saved_audience(folder)
    if audience.shop != work.shop.name:
        raise missing
    return audience


def _note_campaign(settings: PlanSettings, audience: SavedAudience, work: Work) -> None:
    """Note which campaign this job is about to write, unless another one has its name.

    The job may be run again after its process died. Where it is the same campaign, it is completed.

    Raises:
        CampaignError: This job wrote its campaign before it was interrupted, and the shop has changed since.
        SettingError: Another campaign has the name.
    """
    from frontrow.campaign.record.register import holds_campaign
    from frontrow.service.campaign_identity import identify_campaign
    from frontrow.storage.folder import write_text

    campaign_id, note = identify_campaign(work.shop, settings, audience.run), work.output / NOTE
    is_taken = settings.output.is_dir() and any(settings.output.iterdir())
    if is_taken and not holds_campaign(settings.output, campaign_id):
        if note.is_file() and holds_campaign(settings.output, note.read_text("utf-8")):
            raise CampaignError(
                "The campaign was written, and then this job was interrupted. The shop has changed since: the campaign "
                "stays as it was planned, in the shop's list of campaigns."
            )
        raise SettingError("name", "The shop has a campaign of that name already. Choose another name.")
    write_text(campaign_id, note)
