"""frontrow: who will buy a product that nobody has bought yet, from a shop's own order history.

Example:
    >>> from frontrow import LaunchModel, SyntheticShop
    >>> history = SyntheticShop(customers=500, seed=1).shop().as_of()
    >>> LaunchModel.fit(history).launches > 5
    True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from frontrow.campaign.economics.economics import Economics
    from frontrow.campaign.eligibility.contact_rules import ContactRules
    from frontrow.campaign.plan import CampaignSettings, plan_campaign
    from frontrow.campaign.record.campaign import Campaign
    from frontrow.campaign.uplift.measurement import measure
    from frontrow.errors import FrontrowError
    from frontrow.launch.audience.audience import Audience, score_audience
    from frontrow.launch.backtest.backtest import Backtest, BacktestSettings, backtest
    from frontrow.launch.launch_files import read_new_products
    from frontrow.launch.life_cycle import compute_life_cycles
    from frontrow.launch.model.launch_model import LaunchModel
    from frontrow.launch.settings import LaunchSettings
    from frontrow.present.report_content import ReportContent
    from frontrow.recommend.evaluate.evaluation import evaluate
    from frontrow.recommend.evaluate.results import Evaluation
    from frontrow.recommend.recommend_products import RecommendationResult, recommend_products
    from frontrow.recommend.rerank.rules import Rules
    from frontrow.recommend.settings import RecommendSettings
    from frontrow.recommend.trained import TrainedRecommender
    from frontrow.report.page import write_report
    from frontrow.shop.history import History
    from frontrow.shop.import_settings import ImportSettings
    from frontrow.shop.read_orders import read_orders
    from frontrow.shop.shop import Shop
    from frontrow.shop.update import import_files
    from frontrow.synthetic.garden import SyntheticShop

__all__ = [
    "Audience",
    "Backtest",
    "BacktestSettings",
    "Campaign",
    "CampaignSettings",
    "ContactRules",
    "Economics",
    "Evaluation",
    "FrontrowError",
    "History",
    "ImportSettings",
    "LaunchModel",
    "LaunchSettings",
    "RecommendSettings",
    "RecommendationResult",
    "ReportContent",
    "Rules",
    "Shop",
    "SyntheticShop",
    "TrainedRecommender",
    "backtest",
    "compute_life_cycles",
    "evaluate",
    "import_files",
    "measure",
    "plan_campaign",
    "read_new_products",
    "read_orders",
    "recommend_products",
    "score_audience",
    "write_report",
]

_HOMES = {
    "Audience": "launch.audience.audience",
    "Backtest": "launch.backtest.backtest",
    "BacktestSettings": "launch.backtest.backtest",
    "Campaign": "campaign.record.campaign",
    "CampaignSettings": "campaign.plan",
    "ContactRules": "campaign.eligibility.contact_rules",
    "Economics": "campaign.economics.economics",
    "Evaluation": "recommend.evaluate.results",
    "FrontrowError": "errors",
    "History": "shop.history",
    "ImportSettings": "shop.update",
    "LaunchModel": "launch.model.launch_model",
    "LaunchSettings": "launch.settings",
    "ReportContent": "present.report_content",
    "RecommendSettings": "recommend.settings",
    "RecommendationResult": "recommend.recommend_products",
    "Rules": "recommend.rerank.rules",
    "Shop": "shop.shop",
    "SyntheticShop": "synthetic.garden",
    "TrainedRecommender": "recommend.trained",
    "backtest": "launch.backtest.backtest",
    "compute_life_cycles": "launch.life_cycle",
    "evaluate": "recommend.evaluate.evaluation",
    "import_files": "shop.update",
    "measure": "campaign.uplift.measurement",
    "plan_campaign": "campaign.plan",
    "read_new_products": "launch.launch_files",
    "read_orders": "shop.read_orders",
    "recommend_products": "recommend.recommend_products",
    "score_audience": "launch.audience.audience",
    "write_report": "report.page",
}


_RENAMED = {
    "Answer": "RecommendationResult",
    "ImportOptions": "ImportSettings",
    "Request": "RecommendSettings",
    "answer": "recommend_products",
    "audience": "score_audience",
    "life_cycles": "compute_life_cycles",
}
"""Public names of earlier versions, and what each is called now."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import frontrow` itself costs nothing."""
    if name in _RENAMED:
        raise AttributeError(f"frontrow.{name} is called frontrow.{_RENAMED[name]} now")
    if name not in _HOMES:
        raise AttributeError(f"module 'frontrow' has no attribute {name!r}")
    return getattr(importlib.import_module(f"frontrow.{_HOMES[name]}"), name)
