"""Is the default recommender above each of its own candidates' sources, and what does a whole shop cost it?

At each cutoff: NDCG@10 of the two-stage recommender and of others, with the paired difference and its 95 % interval;
then processor seconds of the fit and of lists for every customer known.

Usage: python benchmarks/next_purchase.py SHOP [--cutoffs 2011-05-01,2011-07-01] [--models tifu_knn,bm25]
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

from frontrow import Shop
from frontrow.models.interactions.interactions import build_interactions
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.registry import DEFAULT_MODEL, recommender_named
from frontrow.recommend.retrieve.candidates import on_sale
from frontrow.recommend.retrieve.index import top_k

BESIDE = "tifu_knn,bm25,similar_customers,popular_first_purchases,own_repeats,als,two_tower,popular_in_country"


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("--cutoffs", default="2011-05-01,2011-07-01")
    parser.add_argument("--models", default=BESIDE, help="what to compare with")
    asked = parser.parse_args()
    shop = Shop.read(asked.shop)
    for cutoff in asked.cutoffs.split(","):
        compare(shop, dt.date.fromisoformat(cutoff), asked.models.split(","))
        whole_shop(shop, dt.date.fromisoformat(cutoff))


def compare(shop: Shop, cutoff: dt.date, models: list[str]) -> None:
    """The default beside others, three questions."""
    found = evaluate(shop, cutoff, models=[DEFAULT_MODEL, *models], only=True)
    less = found.against(DEFAULT_MODEL)
    for customers, products in found.counts.select("customers", "products").rows():
        print(f"{cutoff}, {customers} customers, {products} products: NDCG@10, {DEFAULT_MODEL} above it by")
        for model in [DEFAULT_MODEL, *models]:
            part = {"model": model, "customers": customers, "products": products}
            value = found.values.filter(**part, metric="ndcg")["value"][0]
            line = f"  {model:26s} {value:.4f}"
            for row in less.filter(**part).iter_rows(named=True):
                line += f"   {-row['difference']:+.4f} [{-row['high']:+.4f}, {-row['low']:+.4f}]"
            print(line)


def whole_shop(shop: Shop, cutoff: dt.date) -> None:
    """Fit, and lists of ten for every customer known."""
    known = build_interactions(shop.as_of(cutoff))
    began = time.process_time()
    fitted = recommender_named(DEFAULT_MODEL).fit(known, seed=0)
    learned = time.process_time()
    top_k(fitted, known.queries(), k=10, candidates=on_sale(known))
    listed = time.process_time()
    print(
        f"{cutoff}: {known.shape[0]:,} customers, {known.shape[1]:,} products: fit {learned - began:.1f} s, lists "
        f"{listed - learned:.1f} s, together {listed - began:.1f} s of CPU"
    )


if __name__ == "__main__":
    main()
