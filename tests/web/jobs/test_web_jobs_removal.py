"""Which jobs of the past stay, and that their results go with them."""

from __future__ import annotations

import os

from job_bench import Bench

from frontrow.web.jobs.job import Job
from frontrow.web.jobs.removal import remove_old_jobs


def add(bench: Bench, kind: str, *, state: str = "done", **request: str) -> Job:
    job = bench.store.add(kind, "garden", {"shop": "garden", **request}, created_by="test")
    (bench.places.jobs / job.job_id).mkdir(parents=True)
    if state != "waiting":
        bench.store.start(job.job_id)
        (bench.store.finish if state == "done" else bench.store.mark_cancelled)(job.job_id, 1)
    return job


def test_the_newest_stay_and_so_do_campaigns_and_their_audiences(bench):
    referred = add(bench, "audience")
    campaign = add(bench, "campaign", audience=referred.job_id)
    plain = add(bench, "audience")
    dropped = add(bench, "campaign", state="cancelled", audience=plain.job_id)
    newest = [add(bench, "audience") for _ in range(2)]
    waiting = add(bench, "audience", state="waiting")
    removed = remove_old_jobs(bench.store, bench.places, most=2)
    assert set(removed) == {plain.job_id, dropped.job_id}
    staying = {job.job_id for job in (referred, campaign, *newest, waiting)}
    assert bench.store.job_ids() == staying
    assert {folder.name for folder in bench.places.jobs.iterdir()} == staying


def test_an_audience_stays_while_a_campaign_that_names_it_waits(bench):
    audience = add(bench, "audience")
    add(bench, "campaign", state="waiting", audience=audience.job_id)
    assert remove_old_jobs(bench.store, bench.places, most=0) == []


def test_what_a_page_shows_until_there_is_another_one_stays(bench):
    first, other = (add(bench, "measure", campaign=campaign) for campaign in ("c1", "c2"))
    tested = add(bench, "backtest")
    second = add(bench, "measure", campaign="c1")
    cancelled = add(bench, "backtest", state="cancelled")
    assert set(remove_old_jobs(bench.store, bench.places, most=0)) == {first.job_id, cancelled.job_id}
    assert bench.store.job_ids() == {other.job_id, tested.job_id, second.job_id}


def test_old_uploads_go_unless_a_job_needs_them(bench):
    old, needed, new = (bench.upload("orders.csv", b"a,b\n") for _ in range(3))
    bench.store.add("import_exports", "garden", {"shop": "garden", "uploads": [needed]}, created_by="test")
    for upload in (old, needed):
        os.utime(bench.places.uploads / upload, (0, 0))
    remove_old_jobs(bench.store, bench.places)
    assert {folder.name for folder in bench.places.uploads.iterdir()} == {needed, new}
