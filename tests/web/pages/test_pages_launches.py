"""The launches of a shop in time, and their true days."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("fastapi", reason="the pages need frontrow[web]")

from page_site import SHOP, Site

from frontrow.service.cached_shop import open_cached_shop
from frontrow.service.launch_history import LaunchFilter, read_launch_history
from frontrow.shop.config import ShopConfig

PAGE = f"/shops/{SHOP}/launches"


def test_launches_are_listed_with_what_is_most_like_them(site: Site) -> None:
    history = read_launch_history(open_cached_shop(site.shop_folder))
    page = site.get(PAGE)
    assert "<svg" in page
    assert not re.search(r"\sstyle=", page)
    for launch in history.launches[:3]:
        assert launch.title in page
    assert page.count('class="likeness"') > len(history.launches)


def test_launches_are_found_by_words_of_their_title(site: Site) -> None:
    launch = read_launch_history(open_cached_shop(site.shop_folder)).launches[0]
    words = " ".join(launch.title.lower().split()[:2])
    shown = read_launch_history(open_cached_shop(site.shop_folder), LaunchFilter(words))
    assert launch.product_id in [other.product_id for other in shown.launches]
    assert "No product has these words" in site.get(f"{PAGE}?words=zzzz")


def test_a_launch_day_is_set_and_taken_back(site: Site) -> None:
    first = read_launch_history(open_cached_shop(site.shop_folder), LaunchFilter(all_products=True)).launches[-1]
    _, location = site.post(PAGE, product_id=first.product_id, launch_date="2025-03-04")
    assert location == f"{PAGE}?note=launch_day_set"
    assert first.product_id in ShopConfig.read(site.shop_folder).launch_dates
    history = read_launch_history(open_cached_shop(site.shop_folder), LaunchFilter(first.title, all_products=True))
    changed = next(launch for launch in history.launches if launch.product_id == first.product_id)
    assert (changed.launched_on, changed.is_stated) == ("2025-03-04", True)
    assert "The launch day was set." in site.get(location)
    site.post(PAGE, product_id=first.product_id, action="remove")
    assert ShopConfig.read(site.shop_folder).launch_dates == {}


def test_a_day_that_cannot_be_one_is_refused(site: Site) -> None:
    launch = read_launch_history(open_cached_shop(site.shop_folder)).launches[0]
    for day in ("soon", "0001-01-01", "2999-01-01"):
        page, _ = site.post(PAGE, 422, product_id=launch.product_id, launch_date=day)
        assert 'role="alert"' in page
    page, _ = site.post(PAGE, 422, product_id="nothing", launch_date="2025-03-04")
    assert "This shop has no such product." in page
    assert ShopConfig.read(site.shop_folder).launch_dates == {}
