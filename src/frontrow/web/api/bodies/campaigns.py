"""The bodies of requests about campaigns, and of their answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from frontrow.web.jobs.requests import Amount, ShopName, Text, UploadId


class ListedCampaign(BaseModel):
    """One campaign of a shop."""

    campaign_id: str
    name: str
    created: str = Field(description="When it was planned.")
    state: str = Field(description="How far it is, such as planned, open or measured.")
    contacted: int | None = Field(description="Customers contacted.")
    held_out: int | None = Field(description="Customers held out.")
    until: dt.date | None = Field(description="The first day whose orders no longer count.")
    contacted_on: dt.date | None = Field(description="The last day contacts were recorded; null where none were.")
    pool: str = Field(description="Name of the campaigns that are measured together with it; empty for none.")
    measured: dict[str, Any] | None = Field(description="What the latest measurement says; null where there is none.")


class CampaignList(BaseModel):
    """The campaigns of a shop, the latest first."""

    campaigns: list[ListedCampaign]
    notices: list[str] = Field(description="Sentences about campaigns that cannot be read.")


class SentRequest(BaseModel):
    """A campaign that was sent."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""

    contacted_on: dt.date | None = None
    """The day it was sent, on the shop's calendar; by default the day it was planned for."""


class LiftRequest(BaseModel):
    """A hold-out that is to end."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""

    early: bool = False
    """End it although the window is open; what the campaign caused can no longer be measured then."""


class SentDocument(BaseModel):
    """Contacts that were recorded."""

    campaign: str = Field(description="Name of the campaign.")
    contacted_on: dt.date = Field(description="The day it was sent.")
    contacts: int = Field(description="Contacts that were not in the contact log before.")


class MeasurementRequest(BaseModel):
    """How a campaign is measured."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""

    uploads: Annotated[list[UploadId], Field(max_length=100)] = Field(default_factory=list)
    """Ids of uploaded exports with the orders since; the shop itself is left as it is."""

    sold_as: Annotated[list[Text], Field(max_length=200)] = Field(default_factory=list)
    """What the shop calls the product: PRODUCT, or NEW_PRODUCT=PRODUCT where there are several."""

    margin: Amount | None = None
    """Earned per unit at its full price; by default the campaign's, else from the catalogue's cost."""

    cost: Amount | None = None
    """What a unit costs the shop, instead of a margin."""
