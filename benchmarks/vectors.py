"""What product vectors are worth: average precision of the launch model with and without them.

    python benchmarks/vectors.py [--shops image,style,codes,online_retail] [--seeds 10,11,12] [--customers 2000]

* image: taste lies in images alone, and vectors are what `frontrow embed` makes of them.
* style: titles are codes, customers like two traits of a style, and vectors carry these traits, with noise.
* codes: the garden shop with codes for titles, and vectors carry what the products truly are, with noise.
* online_retail: titles that say a lot; vectors of TF-IDF and SVD of the same titles, which add nothing new. That the
  model without vectors is the same as ever, a test of the launch model says.

Seeds 0 to 9 are for choosing settings, those from 10 on for figures. The interval is over seeds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from few_launches_shops import NoDataError, make_online_retail
from scipy.sparse.linalg import svds
from vectors_shops import make_code_shop, make_image_shop, make_style_shop

from frontrow.embed.images.decoding import decode_image
from frontrow.embed.images.features import compute_image_vector
from frontrow.features.text import words
from frontrow.launch.backtest.backtest import BacktestSettings, backtest
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.shop import Shop

REPORTED = (10, 11, 12, 13, 14)
MODEL = "launch model"


def image_shop(seed: int, customers: int) -> tuple[Shop, ProductVectors]:
    plant = make_image_shop(seed, customers=customers)
    images = plant.draw()
    values = np.array([compute_image_vector(decode_image(content)) for content in images.values()])
    return plant.shop, ProductVectors(list(images), [None] * len(images), values)


def style_shop(seed: int, customers: int) -> tuple[Shop, ProductVectors]:
    return make_style_shop(seed, customers=customers)


def code_shop(seed: int, customers: int) -> tuple[Shop, ProductVectors]:
    return make_code_shop(seed, customers=customers)


def online_retail(_seed: int, _customers: int) -> tuple[Shop, ProductVectors]:
    """Of all titles at once; that is more than was known at a launch, and still nothing that the titles do not say."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    shop = make_online_retail(0)
    titles = shop.products["title"].fill_null("")
    counts = TfidfVectorizer(analyzer=words, dtype=np.float64).fit_transform(titles.to_list())
    left, strength, _ = svds(counts, k=64, random_state=0)
    values = (left * strength).astype(np.float32)
    return shop, ProductVectors(shop.products["product_id"].to_list(), titles.to_list(), values)


SHOPS: dict[str, Callable[[int, int], tuple[Shop, ProductVectors]]] = {
    "image": image_shop,
    "style": style_shop,
    "codes": code_shop,
    "online_retail": online_retail,
}


def measure(shop: Shop) -> tuple[pl.DataFrame, float]:
    """Average precision of each model and launch, and seconds of CPU."""
    start = time.process_time()
    result = backtest(shop.as_of(), LaunchSettings(), BacktestSettings(), seed=0)
    values = result.values.filter(pl.col("metric") == "average_precision")
    return values.select("product_id", "model", "value"), time.process_time() - start


def compare(name: str, seed: int, customers: int) -> tuple[float, float]:
    """Mean average precision without and with vectors."""
    shop, vectors = SHOPS[name](seed, customers)
    (plain, seconds), (seen, more) = measure(shop), measure(shop.with_vectors(vectors))
    means = plain.group_by("model").agg(pl.col("value").mean()).sort("value", descending=True)
    best = means.filter(pl.col("model") != MODEL).row(0)
    without, with_vectors = (float(table.filter(pl.col("model") == MODEL)["value"].mean()) for table in (plain, seen))
    launches = seen["product_id"].n_unique()
    print(
        f"{name:14} seed {seed:2}  {launches:3} launches  without {without:.4f}  with {with_vectors:.4f}  "
        f"ratio {with_vectors / without:.2f}  best baseline {best[1]:.4f} ({best[0]})  {seconds:.1f} s, {more:.1f} s",
        flush=True,
    )
    return without, with_vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", default="image,style,codes,online_retail")
    parser.add_argument("--seeds", default=",".join(map(str, REPORTED)))
    parser.add_argument("--customers", type=int, default=2_000)
    arguments = parser.parse_args()
    for name in arguments.shops.split(","):
        seeds = [0] if name == "online_retail" else [int(seed) for seed in arguments.seeds.split(",")]
        try:
            figures = np.array([compare(name, seed, arguments.customers) for seed in seeds])
        except NoDataError as error:
            print(f"{name}: {error}")
            continue
        logs = np.log(figures[:, 1] / figures[:, 0])
        half = 1.96 * logs.std(ddof=1) / np.sqrt(len(logs)) if len(logs) > 1 else float("nan")
        low, middle, high = np.exp([logs.mean() - half, logs.mean(), logs.mean() + half])
        without, with_vectors = figures.mean(axis=0)
        print(
            f"{name}: {without:.4f} without, {with_vectors:.4f} with; ratio of the means {with_vectors / without:.2f}, "
            f"mean ratio {middle:.2f} [{low:.2f}, {high:.2f}]"
        )


if __name__ == "__main__":
    main()
