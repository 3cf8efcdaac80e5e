"""In whatever order things are done: nobody excluded or held out is ever in a file or push that contacts.

The quick run does a dozen steps. `FRONTROW_STEPS=5000` does about so many, in histories of 50 steps, each time others.
"""

import os
import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from contact_world import NUMBER, PRODUCTS, World, make_template
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

STEPS = int(os.environ.get("FRONTROW_STEPS", "0"))
LONG, QUICK = 50, 9

numbers = st.integers(0, NUMBER - 1)
few = st.sets(numbers, max_size=2)
rarely = st.sampled_from([False, False, False, True])
campaigns = st.integers(0, 5)
platforms = st.sampled_from(["klaviyo", "mailchimp"])


class Contacts(RuleBasedStateMachine):
    """Campaigns, orders with consent, suppressions, unsubscribes, forgets and pushes."""

    template = None
    done: ClassVar = {"histories": 0, "steps": 0, "campaigns": 0, "pushes": 0, "contacted": 0}

    @initialize()
    def begin(self):
        self.world = World(Path(tempfile.mkdtemp(prefix="frontrow-contacts-")))
        self.world.begin(self.template)
        self.plan(product=0, length=8, share=0.3, suppressed=set(), records=False, control=None)

    @rule(
        product=st.integers(0, len(PRODUCTS) - 1),
        length=st.sampled_from([NUMBER, 9, 6, 3]),
        share=st.sampled_from([0.3, 0.5, 0.0]),
        suppressed=few,
        records=st.booleans(),
        control=st.sampled_from([None, None, 0.3]),
    )
    def plan(self, product, length, share, suppressed, records, control):
        self.world.plan(product, length, share, suppressed, records, control)

    @rule(product=st.integers(0, len(PRODUCTS) - 1), to=platforms, suppressed=few)
    def plan_and_push(self, product, to, suppressed):
        self.world.plan(product, NUMBER, 0.3, suppressed, records=False, control=None)
        self.world.push(-1, to, "contacted", suppressed, None)

    @rule(number=numbers, accepts=st.sampled_from([True, True, True, False, None]), days=st.integers(0, 25))
    def order(self, number, accepts, days):
        self.world.order(number, accepts, days)

    @rule(index=campaigns)
    def record(self, index):
        self.world.record(index)

    @rule(
        index=campaigns,
        to=platforms,
        group=st.sampled_from(["contacted", "contacted", "contacted", "held-out"]),
        suppressed=few,
        fails_after=st.sampled_from([None, None, 0, 1, 2, 3]),
    )
    def push(self, index, to, group, suppressed, fails_after):
        self.world.push(index, to, group, suppressed, fails_after)

    @rule(index=campaigns, number=numbers)
    def unsubscribe(self, index, number):
        self.world.unsubscribe(index, number)

    @rule(number=numbers)
    def resubscribe(self, number):
        self.world.resubscribe(number)

    @rule(number=numbers, happens=rarely)
    def forget(self, number, happens):
        # who is gone stays gone: seldom, so that somebody is left
        if happens:
            self.world.forget(number)

    @rule(index=campaigns, happens=rarely)
    def lift(self, index, happens):
        if happens:
            self.world.lift(index)

    def teardown(self):
        if hasattr(self, "world"):
            self.done["histories"] += 1
            self.done["steps"] += self.world.steps
            self.done["campaigns"] += len(self.world.campaigns)
            self.done["pushes"] += self.world.pushes
            self.done["contacted"] += self.world.contacted
            self.world.end()


@pytest.fixture
def template(tmp_path):
    return make_template(tmp_path)


def test_nobody_excluded_or_held_out_is_contacted(template, monkeypatch):
    monkeypatch.setattr(Contacts, "template", template)
    length = LONG if STEPS else QUICK
    run_state_machine_as_test(
        Contacts,
        settings=settings(
            max_examples=max(1, STEPS // LONG) if STEPS else 4,
            stateful_step_count=length,
            derandomize=not STEPS,
            deadline=None,
            # a step takes a good part of a second: a shorter history would be looked for too long
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Contacts.done["contacted"] > 0
    print(Contacts.done)


def test_the_world_notices_who_must_not_be_contacted(template, tmp_path):
    """The check itself: somebody unsubscribed, refused or held out is named."""
    world = World(tmp_path / "world")
    world.begin(template)
    world.plan(product=0, length=8, share=0.3, suppressed=set(), records=True, control=None)
    (name,) = world.campaigns
    _, held = world.campaigns[name]
    day = world._today()
    boxes = sorted(set(world._mailboxes().values()) - held)
    for problem, act in (
        ("unsubscribing", lambda: world.unsubscribed.add(boxes[0])),
        ("forgotten", lambda: world.forgotten.add(boxes[1])),
    ):
        act()
        with pytest.raises(AssertionError, match=problem):
            world._check({boxes[0] if problem == "unsubscribing" else boxes[1]}, set(), "Vase", day, held, name)
    with pytest.raises(AssertionError, match="held out by"):
        world._check({min(held)}, set(), "Vase", day, set(), "another")
    with pytest.raises(AssertionError, match="suppressed"):
        world._check({"person5@example.com"}, {5}, "Bowl", day, set(), name)
    world.end()
