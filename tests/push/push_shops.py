"""A shop on disk with a campaign, a clock that does not wait, and a loopback Klaviyo for the tests of pushes."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from frontrow.campaign.record.campaign import ASSIGNMENT_SCHEMA
from frontrow.campaign.record.register import REGISTER, RegisteredCampaign, register_section
from frontrow.remote.client import ApiClient
from frontrow.remote.timing import Timing
from frontrow.schema import CUSTOMER_SCHEMA, conform
from frontrow.service.push import PushSettings, push_campaign
from frontrow.shop.settings import ShopSettings
from frontrow.shop.shop import Shop
from frontrow.storage.commit import commit
from frontrow.storage.shop_lock import lock_shop
from frontrow.testing.campaigns import hand_made_campaign
from frontrow.testing.loopback.klaviyo import KEY
from frontrow.testing.shops import order_lines

CAMPAIGN_ID = "5f0c00aa"
TAG = "frontrow-vases-new"
HELD_OUT_TAG = "frontrow-vases-held-out"


@dataclass
class Clock:
    """Seconds that pass only when somebody waits."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds):
        self.seconds += seconds
        self.waits.append(seconds)

    def now(self):
        return dt.datetime(2026, 12, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)

    def open(self, settings):
        return ApiClient(settings, Timing(lambda: self.seconds, self.wait, self.now))


def a_campaign_folder(parent, contacted=8, held_out=2, *, people=(), products=None, **fields):
    """A shop of customers 1, 2, ... and a campaign that contacts the first ones and holds the next ones out."""
    number = contacted + held_out
    customers = [
        {
            "customer_id": customer_id,
            "source_id": f"c{customer_id}",
            "email": f"c{customer_id}@example.com",
            "accepts_email": True,
            "accepts_sms": True,
            **dict(people).get(customer_id, {}),
        }
        for customer_id in range(1, number + 1)
    ]
    folder = Path(parent) / "shop"
    folder.parent.mkdir(exist_ok=True)
    Shop.from_tables(
        orders=order_lines([(customer_id, "pot", 0) for customer_id in range(1, number + 1)]),
        products=pl.DataFrame({"product_id": ["pot"], "title": ["Pot"]}),
        customers=pl.DataFrame(customers, schema=dict(CUSTOMER_SCHEMA)),
        settings=ShopSettings(),
    ).write(folder)
    products = products or [("new", "New")]
    assignment = pl.DataFrame(
        {
            "product_id": [products[index % len(products)][0] for index in range(number)],
            "customer_id": range(1, number + 1),
            "rank": range(1, number + 1),
            "probability": [1 / (2 + index) for index in range(number)],
            "group": ["contacted"] * contacted + ["held out"] * held_out,
            "stratum": [1] * number,
        }
    )
    fields.setdefault("as_of", dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    campaign = hand_made_campaign(
        conform(assignment, ASSIGNMENT_SCHEMA),
        campaign_id=CAMPAIGN_ID,
        products=tuple({"product_id": key, "title": title} for key, title in products),
        **fields,
    )
    place = Path(parent) / "vases"
    campaign.save(place)
    registered = RegisteredCampaign(CAMPAIGN_ID, campaign.name, str(place), campaign.created.isoformat(), False)
    with lock_shop(folder, "campaign"):
        commit(folder, {}, {REGISTER: register_section([registered])})
    return folder, place


def push_to(server, folder, place, *, clock=None, to="klaviyo", wait=5.0, **settings):
    """Push to a loopback server, by a clock that does not wait."""
    clock = clock or Clock()
    given = PushSettings(to, settings=(f"url={server.url}",), **settings)
    return push_campaign(folder, place, given, wait=wait, opener=clock.open)


def change_customers(folder, **columns):
    """Change columns of customers: `accepts_email={3: False}`."""
    shop = Shop.read(folder)
    customers = shop.customers.collect()
    for name, values in columns.items():
        new = [values.get(number, old) for number, old in customers.select("customer_id", name).iter_rows()]
        customers = customers.with_columns(pl.Series(name, new, customers.schema[name]))
    with lock_shop(folder, "import"):
        commit(folder, {"customers": customers.lazy()}, {})


def set_key(monkeypatch, key=KEY):
    """Put a key where the platform looks for it."""
    monkeypatch.setenv("KLAVIYO_API_KEY", key)
