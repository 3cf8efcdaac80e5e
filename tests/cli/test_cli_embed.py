"""frontrow embed and --vectors: from images to an audience, on the command line as a person types it."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from frontrow.cli.application import build
from frontrow.embed.texts.embedding import TEXT_COLUMNS
from frontrow.errors import FrontrowError
from frontrow.service import embed
from frontrow.service.campaign_identity import identify_campaign
from frontrow.service.opening import RunSettings
from frontrow.shop.product_vectors import ProductVectors
from frontrow.shop.shop import Shop
from frontrow.shop.vector_file import read_vector_file

RUNNER = CliRunner()


def run(*arguments: object) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def refuse(*arguments: object) -> str:
    """What is said of a command that is refused, on one line."""
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments])
    assert result.exit_code != 0
    if isinstance(result.exception, FrontrowError):
        return str(result.exception)
    return " ".join(result.output.replace("│", " ").split())


@pytest.fixture
def shop(shop_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_folder, tmp_path / "shop"))


@pytest.fixture
def images(shop: Path, tmp_path: Path) -> Path:
    """An image of every product but the first ten, one of a new product, and a broken one."""
    folder = tmp_path / "images"
    folder.mkdir()
    sold = Shop.read(shop).as_of().first_days()["product_id"].sort().to_list()
    names = [*sold[10:], "new-pot"]
    for number, name in enumerate(names):
        image = Image.new("RGB", (40, 40), "white")
        colour = ("red", "green", "blue")[number % 3]
        ImageDraw.Draw(image).rectangle((8, 8, 20 + number % 15, 30), fill=colour)
        file = io.BytesIO()
        image.save(file, "PNG")
        (folder / f"{name}.png").write_bytes(file.getvalue())
    (folder / f"{names[0]}.png").write_bytes(b"nothing")
    return folder


def test_images_become_vectors_and_vectors_an_audience(shop: Path, images: Path, tmp_path: Path) -> None:
    vectors, new = tmp_path / "looks.parquet", tmp_path / "new.csv"
    embedded = json.loads(run("embed", shop, "--images", images, "--output", vectors, "--json"))
    assert embedded["unusable_images"] == {"not a PNG, JPEG or WebP image": 1}
    assert embedded["vectors"] == pl.read_parquet(vectors).height
    # a product that came back under another id has the vector of its title
    assert embedded["products_with_vector"] >= embedded["vectors"] - 1
    new.write_text("title\nNew pot\nOld jug\n", "utf-8")
    options = ("--products", new, "--json", "--top", 3)
    plain = json.loads(run("audience", shop, *options))
    seen = json.loads(run("audience", shop, *options, "--vectors", vectors))
    assert json.loads(run("audience", shop, *options, "--vectors", vectors)) == seen
    assert json.loads(run("audience", shop, *options)) == plain
    assert seen["top"] != plain["top"]
    counted, missing = seen["notices"][:2]
    assert f"products sold have a vector in {vectors}; the other" in counted
    assert missing == '"Old jug" has no vector, and is compared by its texts alone.'
    assert not any("vector" in notice for notice in plain["notices"])


def test_csv_and_parquet_hold_the_same(shop: Path, images: Path, tmp_path: Path) -> None:
    files = [tmp_path / "looks.csv", tmp_path / "looks.parquet"]
    for file in files:
        run("embed", shop, "--images", images, "--output", file)
    as_csv, as_parquet = map(read_vector_file, files)
    assert list(as_csv.titles) == list(as_parquet.titles)
    np.testing.assert_allclose(as_csv.values, as_parquet.values, atol=1e-6)


def test_texts_become_vectors(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def embed_lengths(products: pl.DataFrame) -> ProductVectors:
        lengths = products.select(pl.col(TEXT_COLUMNS).str.len_chars().fill_null(0)).to_numpy().astype(np.float32)
        return ProductVectors(products["product_id"].to_list(), products["title"].to_list(), lengths)

    monkeypatch.setattr(embed, "embed_texts", embed_lengths)
    new, output = tmp_path / "new.csv", tmp_path / "texts.parquet"
    new.write_text("title,description\nNew pot,Blue\n", "utf-8")
    embedded = json.loads(run("embed", shop, "--from", "texts", "--products", new, "--output", output, "--json"))
    assert embedded["products_with_vector"] == embedded["products"] == embedded["vectors"] - 1
    vectors = read_vector_file(output)
    assert (vectors.titles[-1], vectors.values[-1].tolist()) == ("New pot", [7.0, 0.0, 0.0, 4.0])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--from", "texts", "--images", "photos"), "--from images"),
        (("--from", "texts", "--downloads", "photos"), "--from images"),
        (("--products", "new.csv"), "found by their images"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(shop: Path, tmp_path: Path, options, problem: str) -> None:
    assert problem in refuse("embed", shop, *options, "--output", tmp_path / "vectors.csv")


def test_a_shop_without_image_addresses_says_what_to_give(shop: Path, tmp_path: Path) -> None:
    assert "--images" in refuse("embed", shop, "--output", tmp_path / "looks.csv")
    assert not (tmp_path / "looks.csv").exists()


def test_images_that_cannot_be_used_are_an_error_that_counts_them(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name in "ab":
        (tmp_path / "photos" / f"{name}.png").write_bytes(b"")
    problem = refuse("embed", shop, "--images", tmp_path / "photos", "--output", tmp_path / "looks.csv")
    assert "none of 2 images could be used: not a PNG, JPEG or WebP image (2)" in problem


def test_vectors_of_another_shop_are_refused(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "vectors.csv"
    file.write_text("product_id,x\nelsewhere,1\n", "utf-8")
    assert "none of its 1 products was sold by this shop" in refuse("backtest", shop, "--vectors", file)


def test_vectors_are_part_of_what_a_campaign_is(shop: Path, tmp_path: Path) -> None:
    from frontrow.service.plan_settings import PlanSettings

    new, vectors = tmp_path / "new.csv", tmp_path / "vectors.csv"
    new.write_text("title\nNew pot\n", "utf-8")
    vectors.write_text("product_id,x\na,1\n", "utf-8")
    settings = PlanSettings(new, tmp_path / "campaign")
    ids = [identify_campaign(shop, settings, RunSettings(vectors=file)) for file in (None, vectors)]
    vectors.write_text("product_id,x\na,2\n", "utf-8")
    ids.append(identify_campaign(shop, settings, RunSettings(vectors=vectors)))
    assert len(set(ids)) == 3
