"""Each platform gets a file of those held out, so that it can leave them out; nobody else is in it."""

import datetime as dt

import polars as pl
import pytest

from frontrow.campaign.contacts import collect_contacts, collect_held_out, write_campaign
from frontrow.campaign.export import export_names, get_export
from frontrow.testing.campaigns import hand_made_campaign

