"""What a report shows: the results it is made from, and where their files are."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from frontrow.campaign.economics.economics import Economics
from frontrow.campaign.plan import CampaignPlan
from frontrow.launch.audience.audience import Audience
from frontrow.launch.backtest.backtest import Backtest
from frontrow.launch.classify.classification import Classification
from frontrow.launch.classify.past_launches import PastClassification
from frontrow.launch.model.baseline_model import BaselineModel
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.present.sections.next_steps import NOWHERE, Places
from frontrow.shop.history import History


@dataclass(frozen=True)
class ReportContent:
    """The results a report is made from; what is None has no section.

    Attributes:
        history: What the figures were made from.
        backtest: What the launch model would have found at past launches.
        untested: Why there is no back-test, in a sentence.
        audience: Who is expected to buy; reasons are shown of those rows that have them.
        model: What the audience was scored with.
        campaign: What was planned for the audience.
        economics: Margin and costs, where no campaign was planned yet.
        classification: What classifiers make of one launch, or of every past launch.
        places: Where the files are that the next steps name.
        findings: What a person should look at in the file of new products, in sentences.
        similar_launches: `similar_launches.SIMILAR_LAUNCH_SCHEMA`: what similar products of the past sold.
    """

    history: History
    backtest: Backtest | None = None
    untested: str | None = None
    audience: Audience | None = None
    model: LaunchModel | BaselineModel | None = None
    campaign: CampaignPlan | None = None
    economics: Economics | None = None
    classification: Classification | PastClassification | None = None
    places: Places = NOWHERE
    findings: tuple[str, ...] = ()
    similar_launches: pl.DataFrame | None = None
