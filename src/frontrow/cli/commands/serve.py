"""frontrow serve: pages in a browser for a folder of shops, and the same over HTTP for programs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from frontrow.cli import options, terminal
from frontrow.cli.command import OUTPUT, SAFETY, SERVER
from frontrow.errors import require

PACKAGES = ("fastapi", "uvicorn", "python_multipart")


def command(
    shops: options.ShopsFolder,
    host: Annotated[
        str, typer.Option(help="Address to listen on; with another one, people sign in.", rich_help_panel=SERVER)
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 for any that is free.", rich_help_panel=SERVER)
    ] = 8480,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser.", rich_help_panel=SERVER)
    ] = True,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name that browsers call the server by; repeat it.", rich_help_panel=SAFETY
        ),
    ] = None,
    tokens_only: Annotated[
        bool,
        typer.Option(
            "--tokens-only",
            help="Let people in with a token alone, and print no address that lets in whoever opens it.",
            rich_help_panel=SAFETY,
        ),
    ] = False,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of a proxy that says for whom it asks; repeat it [default: this machine].",
            rich_help_panel=SAFETY,
        ),
    ] = None,
    upload_megabytes: Annotated[
        int, typer.Option(min=1, help="Largest file that is taken.", rich_help_panel=SAFETY)
    ] = 2_000,
    running_jobs: Annotated[int, typer.Option(min=1, help="Most jobs at one time.", rich_help_panel=SERVER)] = 1,
    waiting_jobs: Annotated[int, typer.Option(min=1, help="Most jobs that wait.", rich_help_panel=SERVER)] = 100,
    job_megabytes: Annotated[
        int, typer.Option(min=500, help="Most memory of one job; one that needs more is ended.", rich_help_panel=SERVER)
    ] = 8_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the address as JSON for a program.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Open pages in a browser that do the whole job for the shops of a folder; programs use the same over HTTP.

    The address it prints lets in whoever opens it, until the server ends. Ctrl-C ends it; jobs that run go on, and are
    found again at the next start.
    """
    for package in PACKAGES:
        require(package, extra="web")
    from frontrow.web.opening import open_browser, opening_page
    from frontrow.web.security.hosts import is_loopback
    from frontrow.web.server import serve
    from frontrow.web.settings import ServeSettings

    settings = ServeSettings(
        folder=shops,
        host=host,
        port=port,
        allowed_hosts=tuple(allowed_host or ()),
        running_jobs=running_jobs,
        waiting_jobs=waiting_jobs,
        job_megabytes=job_megabytes,
        upload_megabytes=upload_megabytes,
        tokens_only=tokens_only or not is_loopback(host),
        trusted_proxies=tuple(trusted_proxy or ServeSettings.trusted_proxies),
    )

    def when_ready(address: str, opening: str) -> None:
        if as_json:
            terminal.print_json({"address": address, "opening": opening or None})
        else:
            terminal.text(f"frontrow is at {opening or address}")
            terminal.text("Ctrl-C ends it.")
        sys.stdout.flush()
        if not is_loopback(host):
            terminal.notice(
                "Other machines can reach this server, and what they send can be read on the way. Put a proxy with "
                "https before it."
            )
        if browser and not open_browser(opening or address, page):
            terminal.notice("There is no browser to open here. Open the address yourself.")

    with opening_page(shops) as page:
        serve(settings, when_ready=when_ready)
    if not as_json:
        terminal.text("Stopped. Jobs that run go on, and are found again at the next start.")
