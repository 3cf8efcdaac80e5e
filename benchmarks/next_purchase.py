"""Quality of the default recommender relative to its candidate sources, and its cost for all customers of a shop.

At each cutoff: NDCG@10 of the two-stage recommender and of others, with the paired difference and its 95 % interval;
then processor seconds of the fit and of lists for every customer.

Usage: python benchmarks/next_purchase.py SHOP [--cutoffs 2011-05-01,2011-07-01] [--models tifu_knn,bm25]
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

from frontrow import Shop
from frontrow.models.interactions.interactions import build_interactions
from frontrow.recommend.candidates import is_on_sale
from frontrow.recommend.evaluate.evaluation import evaluate
from frontrow.recommend.index import top_k
from frontrow.recommend.registry import DEFAULT_MODEL, get_recommender

OTHERS = "tifu_knn,bm25,similar_customers,popular_first_purchases,own_repeats,als,two_tower,popular_in_country"


def main() -> None:
    """Print quality and cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("--cutoffs", default="2011-05-01,2011-07-01")
    parser.add_argument("--models", default=OTHERS, help="what to compare with")
    arguments = parser.parse_args()
    shop = Shop.read(arguments.shop)
    for cutoff in arguments.cutoffs.split(","):
        compare(shop, dt.date.fromisoformat(cutoff), arguments.models.split(","))
        measure_shop(shop, dt.date.fromisoformat(cutoff))


def compare(shop: Shop, cutoff: dt.date, models: list[str]) -> None:
    """Print the NDCG of the default and of the others for each part of the customers and products."""
    evaluation = evaluate(shop, cutoff, models=[DEFAULT_MODEL, *models], only=True)
    differences = evaluation.compare_with(DEFAULT_MODEL)
    for customers, products in evaluation.counts.select("customers", "products").rows():
        print(f"{cutoff}, {customers} customers, {products} products: NDCG@10, {DEFAULT_MODEL} above it by")
        for model in [DEFAULT_MODEL, *models]:
            part = {"model": model, "customers": customers, "products": products}
            value = evaluation.values.filter(**part, metric="ndcg")["value"][0]
            line = f"  {model:26s} {value:.4f}"
            for row in differences.filter(**part).iter_rows(named=True):
                line += f"   {-row['difference']:+.4f} [{-row['high']:+.4f}, {-row['low']:+.4f}]"
            print(line)


def measure_shop(shop: Shop, cutoff: dt.date) -> None:
    """Print the CPU seconds of the fit and of lists of ten for every customer."""
    interactions = build_interactions(shop.as_of(cutoff))
    started = time.process_time()
    fitted = get_recommender(DEFAULT_MODEL).fit(interactions, seed=0)
    fitted_at = time.process_time()
    top_k(fitted, interactions.queries(), k=10, candidates=is_on_sale(interactions))
    listed_at = time.process_time()
    customers, products = interactions.shape
    print(
        f"{cutoff}: {customers:,} customers, {products:,} products: fit {fitted_at - started:.1f} s, "
        f"lists {listed_at - fitted_at:.1f} s, together {listed_at - started:.1f} s of CPU"
    )


if __name__ == "__main__":
    main()
