"""The default recommender beside its peers at monthly cutoffs: NDCG@10 of returning customers, each month and pooled.

    python benchmarks/monthly_lists.py SHOP [--cutoffs 2010-07-01,...] [--peers plain_ranker,tifu_knn,bm25,own_repeats]
                                       [--output RESULTS.jsonl] [--json]

Every model learns from what came before a cutoff and is tested on what customers bought in the 30 days after it: of all
products, and of those they never bought. Differences are paired by customer; the pooled interval resamples customers
with all their months. With --output, each result is kept and not computed again as long as the shop and the code that
made it are the same. The peer `plain_ranker` is described in plain_ranker.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from monthly_lists_results import Result, ResultFile
from monthly_lists_table import print_part, summarize_part
from plain_ranker import fit_plain_ranker

from frontrow import Shop
from frontrow.metrics.ranking import find_hits, ndcg
from frontrow.models.interactions.interactions import Interactions
from frontrow.models.recommender import Scorer
from frontrow.recommend.candidates import is_on_sale
from frontrow.recommend.evaluate.window import RETURNING, EvaluationWindow, build_evaluation_window
from frontrow.recommend.index import top_k
from frontrow.recommend.registry import DEFAULT_MODEL, get_recommender

PLAIN_RANKER: Final = "plain_ranker"
PEERS: Final = f"{PLAIN_RANKER},tifu_knn,bm25,own_repeats"
CUTOFFS: Final = ",".join([*(f"2010-{month:02}-01" for month in range(7, 13)), *(f"2011-0{m}-01" for m in range(1, 7))])
HORIZON_DAYS: Final = 30
K: Final = 10


def find_fit(model: str) -> Callable[[Interactions], Scorer]:
    """What fits a model: the peer written for this benchmark, or a recommender by its name."""
    if model == PLAIN_RANKER:
        return fit_plain_ranker
    recommender = get_recommender(model)
    return lambda interactions: recommender.fit(interactions, seed=0)


def compute_result(model: str, cutoff: str, window: EvaluationWindow) -> Result:
    """Fit a model at a cutoff, and test its lists for returning customers."""
    started = time.process_time()
    fitted = find_fit(model)(window.train)
    fitted_at = time.process_time()
    candidates = is_on_sale(window.train)
    customers, values = {}, {}
    for group in window.groups:
        if group.customers == RETURNING:
            lists = top_k(fitted, group.queries, k=K, candidates=candidates, hidden=group.hidden)
            customers[group.products] = window.train.customer_ids[group.queries.rows].tolist()
            values[group.products] = ndcg(find_hits(lists, group.targets), group.target_counts).tolist()
    return Result(
        model=model,
        cutoff=cutoff,
        customers=customers,
        ndcg=values,
        fit_seconds=round(fitted_at - started, 1),
        lists_seconds=round(time.process_time() - fitted_at, 1),
    )


def compute_results(shop: Shop, cutoff: str, models: list[str], results: ResultFile) -> list[Result]:
    """The results of one cutoff; what was computed before is read."""
    day = dt.date.fromisoformat(cutoff)
    window = cache(lambda: build_evaluation_window(shop.as_of(), day, HORIZON_DAYS))
    return [results.get(model, cutoff) or results.add(compute_result(model, cutoff, window())) for model in models]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path, help="a folder that `frontrow import` made")
    parser.add_argument("--cutoffs", default=CUTOFFS, help="days, with a comma between them")
    parser.add_argument("--peers", default=PEERS, help=f"{PLAIN_RANKER}, or recommenders by name; default: {PEERS}")
    parser.add_argument("--output", type=Path, help="JSON lines, one a result; what is there is not computed again")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    shop, results = Shop.read(arguments.shop), ResultFile(arguments.output, arguments.shop)
    peers = arguments.peers.split(",")
    computed = [
        result
        for cutoff in arguments.cutoffs.split(",")
        for result in compute_results(shop, cutoff, [DEFAULT_MODEL, *peers], results)
    ]
    parts = [summarize_part(computed, DEFAULT_MODEL, part) for part in computed[0].ndcg]
    if arguments.json:
        print(json.dumps(parts, indent=1))
        return
    for part in parts:
        print_part(part)
    for model in (DEFAULT_MODEL, *peers):
        seconds = [result.fit_seconds + result.lists_seconds for result in computed if result.model == model]
        print(f"{model}: fit and lists {min(seconds):.1f} to {max(seconds):.1f} s of CPU a cutoff")


if __name__ == "__main__":
    main()
