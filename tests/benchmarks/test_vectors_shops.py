"""The planted shops of the benchmark of vectors: what is hidden from titles is in images and vectors, and sells."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from vectors_shops import ImageShop, make_image_shop, make_style_shop

from frontrow.embed.images.decoding import decode_image
from frontrow.embed.images.features import compute_image_vector
from frontrow.launch.life_cycle import closed_launches, compute_life_cycles
from frontrow.launch.model.episodes import build_episodes
from frontrow.launch.model.scoring_set import build_scoring_set
from frontrow.launch.settings import LaunchSettings
from frontrow.metrics.classification import average_precision
from frontrow.shop.product_vectors import ProductVectors


@cache
def _plant() -> tuple[ImageShop, ProductVectors]:
    plant = make_image_shop(3, customers=400, products=120, launches=40)
    images = plant.draw()
    values = np.array([compute_image_vector(decode_image(content)) for content in images.values()])
    return plant, ProductVectors(list(images), [None] * len(images), values)


def test_images_show_the_look_and_titles_do_not() -> None:
    plant, vectors = _plant()
    centred = vectors.values - vectors.values.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    closest = (unit @ unit.T - 2 * np.eye(len(unit))).argmax(axis=1)
    same_look = (plant.shapes[closest] == plant.shapes) & (plant.palettes[closest] == plant.palettes)
    assert same_look.mean() > 0.75
    assert plant.shop.products["title"].str.contains(r"^No\. \d{4}$").all()


def test_the_same_seed_draws_the_same_shop() -> None:
    first, second = (make_image_shop(5, customers=50, products=20, launches=5) for _ in range(2))
    assert first.draw() == second.draw()
    assert first.shop.orders.collect().equals(second.shop.orders.collect())
    shop, vectors = make_style_shop(5, customers=50)
    assert np.isfinite(vectors.of(shop.products)).all()


def test_who_likes_the_look_buys_the_launch() -> None:
    plant, vectors = _plant()
    history, settings = plant.shop.with_vectors(vectors).as_of(), LaunchSettings()
    cycles = compute_life_cycles(history, settings)
    past = closed_launches(cycles).with_columns(cutoff_day=pl.col("launch_day"))
    scoring_set = build_scoring_set(past, cycles, settings.horizon_days, vectors)
    rows = build_episodes(history, scoring_set, settings, launches=scoring_set.launches, negative_rate=1.0)
    means = {
        name: np.mean([average_precision(part["bought"].to_numpy(), part[name].to_numpy()) for part in parts])
        for parts in [rows.partition_by("launch")]
        for name in ("vector_demand", "vector_affinity", "lines_180d", "affinity_characters")
    }
    assert means["vector_demand"] > 1.5 * max(means["lines_180d"], means["affinity_characters"])
    assert means["vector_affinity"] > 1.3 * means["lines_180d"]
