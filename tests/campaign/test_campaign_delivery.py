"""The effect on those whom a message reached: against figures by hand, and against a truth that is known."""

import numpy as np
import polars as pl
import pytest

from frontrow.campaign.experiment.holdout import CONTACTED, HELD_OUT
from frontrow.campaign.record.responses import CampaignResponses
from frontrow.campaign.uplift.delivery import measure_delivery
from frontrow.campaign.uplift.uplift import UpliftSettings, estimate_uplifts
from frontrow.present.sections.delivery import OPENERS, WARNING, build_sections

QUICK = UpliftSettings(draws=50)


def measure(rows, responses):
    conversion = estimate_uplifts(rows, ["conversion"], strata="product_id", settings=QUICK)[0]
    return measure_delivery(rows, CampaignResponses("5f0c", responses), conversion, ["conversion"], 0, QUICK)


def customers(contacted, held_out):
    """Rows of `customer_outcomes`: who of each group bought."""
    bought = np.array([*contacted, *held_out], dtype=float)
    return pl.DataFrame(
        {
            "product_id": "new",
            "customer_id": np.arange(1, len(bought) + 1),
            "probability": 0.1,
            "group": [CONTACTED] * len(contacted) + [HELD_OUT] * len(held_out),
            "conversion": bought,
        }
    )


def test_the_figures_by_hand():
    """Of ten contacted eight received it, four of whom bought; of those held out one in ten did."""
    rows = customers([1] * 4 + [0] * 6, [1] + [0] * 9)
    delivery = measure(rows, {"sent": frozenset(range(1, 11)), "bounced": frozenset({9, 10}), "opened": frozenset({1})})
    assert delivery.counts == {"delivered": 8, "opened": 1, "clicked": None, "bounced": 2, "unsubscribed": None}
    per_protocol = delivery.per_protocol[0]
    assert (per_protocol.contacted, per_protocol.held_out) == (8, 10)
    assert per_protocol.difference == pytest.approx(0.5 - 0.1)
    assert delivery.per_message.share == pytest.approx(0.8)
    assert delivery.per_message.difference == pytest.approx((0.4 - 0.1) / 0.8)


def test_per_message_keeps_the_lot_and_per_protocol_does_not():
    """Those whose address is dead buy less; the message does nothing: only the comparison of unlike customers moves."""
    random = np.random.default_rng(7)
    dead = random.random(40_000) < 0.3
    bought = random.random(40_000) < np.where(dead, 0.02, 0.2)
    is_contacted = random.random(40_000) < 0.5
    rows = pl.DataFrame(
        {
            "product_id": "new",
            "customer_id": np.arange(40_000),
            "probability": 0.1,
            "group": np.where(is_contacted, CONTACTED, HELD_OUT),
            "conversion": bought.astype(float),
        }
    )
    delivery = measure(rows, {"delivered": frozenset(np.flatnonzero(is_contacted & ~dead).tolist())})
    assert delivery.per_protocol[0].difference == pytest.approx(0.054, abs=0.01)
    assert abs(delivery.per_message.difference) < 0.015
    assert delivery.per_message.interval.contains(0.0)


def test_the_warning_stands_beside_the_figures():
    rows = customers([1] * 4 + [0] * 6, [1] + [0] * 9)
    (section,) = build_sections(measure(rows, {"delivered": frozenset({*range(1, 9), 11})}))
    text = str(section)
    assert WARNING in text
    assert OPENERS in text
    assert "1 customer who should have been held out received the message" in text
    assert build_sections(None) == []


def test_without_the_recipients_nothing_is_estimated():
    rows = customers([1] * 4 + [0] * 6, [1] + [0] * 9)
    delivery = measure(rows, {"opened": frozenset({1, 2})})
    assert (delivery.per_protocol, delivery.per_message, delivery.counts["delivered"]) == ((), None, None)
    assert "Give the list of recipients too" in str(build_sections(delivery))
    nobody = measure(rows, {"delivered": frozenset()})
    assert (nobody.per_protocol, nobody.per_message) == ((), None)
    assert nobody.to_dict()["responses"]["delivered"] == 0
