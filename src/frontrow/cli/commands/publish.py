"""frontrow publish: a shop in an object store, where other machines and the workers of a cluster read it."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.storage.waiting import DEFAULT_WAIT


def command(
    shop: options.ShopFolder,
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="[ADDRESS]",
            help="s3://BUCKET/PATH, gs://BUCKET/PATH, az://CONTAINER/PATH or "
            "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH [default: where the shop was published before].",
        ),
    ] = None,
    wait: options.Wait = DEFAULT_WAIT,
    as_json: options.AsJson = False,
) -> None:
    """Publish a shop to an object store, where other machines read it: tables first, then the pointer in one step.

    Publish again after each import and after frontrow forget: only what has changed is sent, and what the shop has no
    more is removed there.
    """
    from frontrow.service.publishing import publish

    terminal.show(publish(shop, address, wait=wait), as_json=as_json)
