"""A small shop that is planned, pushed, unsubscribed from and forgotten in any order; and what must never be seen.

What a person may expect is counted here by itself: from the consent that the table of customers states, and from what
was done, in plain sets. None of the code that decides who may be contacted is called for that.
"""

import csv
import datetime as dt
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from frontrow.campaign.addresses import mailbox, sha256
from frontrow.campaign.export import export_names
from frontrow.campaign.record.campaign import EXPORTS, Campaign
from frontrow.errors import CampaignError, LaunchError, RemoteError, SettingError, ShopError
from frontrow.service.campaign import write_plan
from frontrow.service.contacts import record_contacts
from frontrow.service.forgetting import forget_customer
from frontrow.service.lift import LiftSettings, lift_hold_out
from frontrow.service.opening import RunSettings
from frontrow.service.plan_settings import PlanSettings
from frontrow.service.push import PushSettings, push_campaign
from frontrow.service.responses import ResponseSettings, read_campaign_responses
from frontrow.service.resubscription import resubscribe_customer
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.shop.update import import_files
from frontrow.testing.loopback.direct import DirectClient
from frontrow.testing.loopback.exchange import Fault
from frontrow.testing.loopback.klaviyo import KEY as KLAVIYO_KEY
from frontrow.testing.loopback.klaviyo import KlaviyoServer
from frontrow.testing.loopback.mailchimp import AUDIENCE, MailchimpServer
from frontrow.testing.loopback.mailchimp import KEY as MAILCHIMP_KEY
from frontrow.testing.shops import read_table

HEADER = "order_id,ordered_at,customer_id,email,phone,accepts_marketing,title,quantity,price,country\n"
NUMBER = 12
EMAILS = [f"person{number}@example.com" for number in range(NUMBER - 3)] + [
    # three more records: of one mailbox, and of one person twice
    "jane.doe@gmail.com",
    "janedoe+shop@gmail.com",
    "Person0@example.com",
]
PRODUCTS = ("Vase", "Bowl")
FIRST_DAY = dt.date(2025, 1, 1)


@dataclass
class World:
    """The shop, its campaigns, two platforms, and what must hold.

    Attributes:
        place: A folder for everything.
        steps: How many things were done.
        pushes: How many pushes reached somebody.
        contacted: How many addresses were seen in files and pushes that contact.
    """

    place: Path
    steps: int = 0
    pushes: int = 0
    contacted: int = 0
    day: int = 150
    orders: int = 0
    unsubscribed: set = field(default_factory=set)
    forgotten: set = field(default_factory=set)
    held_out: list = field(default_factory=list)
    control: set = field(default_factory=set)
    campaigns: dict = field(default_factory=dict)

    @property
    def shop(self):
        return self.place / "shop"

    def begin(self, template):
        """Start from a copy of a shop that was imported once."""
        shutil.copytree(template, self.place, dirs_exist_ok=True)
        self.servers = {
            "klaviyo": KlaviyoServer(keeps_limits=False),
            "mailchimp": MailchimpServer({email.lower() for email in EMAILS}),
        }
        os.environ["KLAVIYO_API_KEY"], os.environ["MAILCHIMP_API_KEY"] = KLAVIYO_KEY, MAILCHIMP_KEY

    def end(self):
        for server in self.servers.values():
            server._server.server_close()
        shutil.rmtree(self.place, ignore_errors=True)

    # what is done

    def order(self, number, accepts, days):
        """An order with the consent that the export states."""
        self.steps += 1
        self.day += days
        self.orders += 1
        stated = {True: "yes", False: "no", None: ""}[accepts]
        file = self.place / "orders.csv"
        day = FIRST_DAY + dt.timedelta(days=self.day)
        at = f"{day} 10:{self.orders % 60:02}"
        file.write_text(HEADER + a_row(f"n{self.orders}", at, number, stated, number % 5))
        import_files([file], self.shop)

    def plan(self, product, length, share, suppressed, records, control):
        """Plan a campaign with the files of every platform, and look into them."""
        self.steps += 1
        name = f"campaign{len(self.campaigns)}-{self.steps}"
        products = self.place / f"{PRODUCTS[product]}.csv"
        settings = PlanSettings(
            products,
            self.place / name,
            model="order_lines",
            length=length,
            holdout_share=share,
            global_control_share=control,
            suppress=self._write_suppressed(suppressed),
            exports=tuple(export_names()),
            contacted=records,
        )
        day = self._today()
        try:
            write_plan(self.shop, settings, RunSettings(seed=self.steps))
        except (CampaignError, LaunchError):
            # nobody is left to be contacted
            return
        campaign = Campaign.read(self.place / name)
        owners = self._mailboxes()
        held = {owners[number] for number in campaign.held_out["customer_id"]}
        self.campaigns[name] = (PRODUCTS[product], held)
        if share == 0 and control:
            self.control |= held
        addresses = self._read_contact_files(self.place / name)
        self._check(addresses, suppressed, PRODUCTS[product], day, held, name)
        if records:
            self._record(name)

    def record(self, index):
        """Say that a campaign was sent."""
        self.steps += 1
        if name := self._campaign(index):
            record_contacts(self.shop, self.place / name)
            self._record(name)

    def push(self, index, to, group, suppressed, fails_after):
        """Push a campaign, perhaps so that it is interrupted, and look at what the platform has then."""
        self.steps += 1
        name = self._campaign(index)
        if name is None:
            return
        server = self.servers[to]
        settings = (f"url={server.url}",) if to == "klaviyo" else (f"url={server.address}", f"audience={AUDIENCE}")
        given = PushSettings(to, group, self._write_suppressed(suppressed), settings=settings)
        before, day = self._tagged(server, group), self._today()
        server._faults.clear()
        if fails_after is not None:
            server.add_fault(Fault(status=401, skip=fails_after))
        try:
            counted = push_campaign(self.shop, self.place / name, given, opener=self._opener(server))
            number = counted.to_dict()["confirm"]
            sending = PushSettings(to, group, given.suppress, number, settings)
            push_campaign(self.shop, self.place / name, sending, opener=self._opener(server))
        except (RemoteError, SettingError):
            # interrupted, or an interrupted push with another number goes before
            pass
        product, held = self.campaigns[name]
        new = self._tagged(server, group) - before
        self.pushes += bool(new)
        if group == "contacted":
            self._check({address for _, address in new}, suppressed, product, day, held, name)
            if (self.place / name / "pushes" / f"{to}.json").is_file():
                self._record(name)
        else:
            assert {mailbox(address) for _, address in new} <= held

    def unsubscribe(self, index, number):
        """Read from a platform's file that somebody unsubscribed."""
        self.steps += 1
        name = self._campaign(index)
        if name is None:
            return
        file = self.place / "gone.csv"
        file.write_text(f"Email\n{EMAILS[number]}\n")
        read_campaign_responses(self.shop, self.place / name, ResponseSettings((f"unsubscribed={file}",)))
        self.unsubscribed.add(mailbox(EMAILS[number].lower()))

    def resubscribe(self, number):
        """Record that somebody opted in again."""
        self.steps += 1
        try:
            resubscribe_customer(self.shop, EMAILS[number])
        except ShopError:
            return
        self.unsubscribed.discard(mailbox(EMAILS[number].lower()))

    def forget(self, number):
        """Forget a person; no file of a campaign has the address afterwards."""
        self.steps += 1
        try:
            forget_customer(self.shop, EMAILS[number])
        except ShopError:
            return
        address = EMAILS[number].lower()
        self.forgotten.add(address)
        for name in self.campaigns:
            assert not self._read_addresses([*(self.place / name / EXPORTS).glob("*")]) & {address}

    def lift(self, index):
        """Lift a hold-out early: from then on its customers may hear of the product from other campaigns."""
        self.steps += 1
        name = self._campaign(index)
        if name is None or not self.campaigns[name][1]:
            return
        try:
            lift_hold_out(self.shop, self.place / name, LiftSettings(early=True))
        except CampaignError:
            return
        self.held_out = [entry for entry in self.held_out if entry["name"] != name]

    # what must hold

    def _check(self, addresses, suppressed, product, day, held, name):
        """Nobody who refused, unsubscribed, is suppressed, forgotten or held out is among addresses to contact."""
        self.contacted += len(addresses)
        customers = read_table(self.shop, "customers").drop_nulls("email")
        consent = {}
        for email, accepts in customers.select("email", "accepts_email").iter_rows():
            consent.setdefault(mailbox(email.lower()), []).append(accepts)
        listed = {mailbox(EMAILS[number].lower()) for number in suppressed}
        for address in addresses:
            box = mailbox(address)
            stated = consent.get(box, [])
            assert True in stated, "contacted without consent"
            assert False not in stated, "contacted although another record refuses"
            assert box not in self.unsubscribed, "contacted after unsubscribing"
            assert box not in listed, "contacted although suppressed"
            assert address not in self.forgotten, "contacted after being forgotten"
            assert box not in held, f"held out of {name} and contacted by it"
            assert box not in self.control, "contacted although in the global control group"
            for other in self.held_out:
                in_force = other["product"] == product and other["until"] > day
                assert not (in_force and other["box"] == box), f"held out by {other['name']} and contacted by {name}"

    def _record(self, name):
        """From now on other campaigns leave alone whom a campaign holds out."""
        campaign = Campaign.read(self.place / name)
        product, held = self.campaigns[name]
        until = campaign.window_end(campaign.products[0])
        for box in held:
            entry = {"box": box, "product": product, "until": until, "name": name}
            if entry not in self.held_out:
                self.held_out.append(entry)

    # where to look

    def _campaign(self, index):
        names = [*self.campaigns]
        return names[index % len(names)] if names else None

    def _today(self):
        return Shop.read(self.shop).as_of().cutoff.date()

    def _mailboxes(self):
        rows = read_table(self.shop, "customers").drop_nulls("email").select("customer_id", "email").iter_rows()
        return {number: mailbox(email.lower()) for number, email in rows}

    def _read_contact_files(self, folder):
        return self._read_addresses(file for file in (folder / EXPORTS).glob("*") if "held-out" not in file.name)

    def _read_addresses(self, files):
        """Every address in some files, hashed ones too."""
        plain = {email.lower() for email in EMAILS}
        hashed = {sha256(email): email for email in plain}
        addresses = set()
        for file in files:
            if file.suffix == ".parquet":
                cells = [str(cell) for row in pl.read_parquet(file).iter_rows() for cell in row]
            else:
                with file.open(newline="") as opened:
                    cells = [cell for row in csv.reader(opened) for cell in row]
            addresses |= {hashed.get(cell, cell) for cell in cells if cell in hashed or cell in plain}
        return addresses

    def _tagged(self, server, group):
        """Pairs of tag and address on a platform."""
        tags = getattr(server, "lists", None) or getattr(server, "segments", {})
        return {
            (name, address.lower())
            for key, name in tags.items()
            if name.endswith("held-out") == (group == "held-out")
            for address in server.members[key]
        }

    def _opener(self, server):
        return lambda settings: DirectClient(server, settings)

    def _write_suppressed(self, numbers):
        if not numbers:
            return ()
        file = self.place / f"suppressed-{self.steps}.csv"
        file.write_text("email\n" + "".join(f"{EMAILS[number]}\n" for number in sorted(numbers)))
        return (file,)


def a_row(order, at, number, accepts, product):
    """A row of an export of orders."""
    return f"{order},{at},c{number},{EMAILS[number]},,{accepts},P{product},1,10,GB\n"


def make_template(place):
    """A shop of a dozen records with half a year of orders, all of whom agreed to e-mail."""
    rows = [
        a_row(f"{month}-{number}", f"2025-0{month}-{number + 1:02} 10:00", number, "yes", number * month % 5)
        for month in range(1, 6)
        for number in range(NUMBER)
        if (number + month) % 4
    ]
    (place / "orders.csv").write_text(HEADER + "".join(rows))
    import_files([place / "orders.csv"], place / "shop", settings=ImportSettings(time_zone="UTC"))
    for product in PRODUCTS:
        (place / f"{product}.csv").write_text(f"title,price\n{product},12\n")
    return place
