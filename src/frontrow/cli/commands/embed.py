"""frontrow embed: vectors that say what products are like, made of their images or texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import FILES, LAUNCH, OUTPUT


def command(
    shop: options.ShopFolder,
    *,
    kind: Annotated[
        Literal["images", "texts"],
        typer.Option("--from", help="What the vectors are made of.", rich_help_panel=FILES),
    ] = "images",
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER|FILE",
            help="A folder of images called like the products' ids, SKUs or titles, or a CSV with product_id or title, "
            "and image: a path or an address [default: the addresses of the products export].",
            rich_help_panel=FILES,
        ),
    ] = None,
    products: Annotated[
        Path | None,
        typer.Option(help="Texts: CSV of new products, which get a vector too.", rich_help_panel=LAUNCH),
    ] = None,
    downloads: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where downloaded images are kept [default: images in the shop's folder].",
            rich_help_panel=FILES,
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            help="Write the vectors to this .parquet or .csv file.", show_default=False, rich_help_panel=OUTPUT
        ),
    ],
    as_json: options.AsJson = False,
) -> None:
    """Make product vectors of images or texts, for --vectors of the commands that learn from past launches.

    Images are downloaded once, one after the other, and kept.
    """
    from frontrow.service.embed import EmbedSettings, embed_products
    from frontrow.storage.folder import check_output_file
    from frontrow.storage.table_output import TableFile

    file = TableFile.choose(check_output_file(output, ".parquet", ".csv"))
    settings = EmbedSettings(kind, file, images, products, downloads)
    with terminal.progress(f"Reading {kind}", quiet=as_json) as step:
        result = embed_products(shop, settings, progress=step)
    terminal.show(result, as_json=as_json)
