"""The names that a server may be called by: a foreign name that points to this machine gets no answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from frontrow.web.security.refusal import refuse

LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")


def strip_port(host: str) -> str:
    """The name in a `Host` header, without port and brackets, in small letters; empty where it is none.

    Example:
        >>> strip_port("LOCALHOST:8480"), strip_port("[::1]:8480"), strip_port("127.0.0.1")
        ('localhost', '::1', '127.0.0.1')
        >>> strip_port("localhost:8480@evil.example"), strip_port("::1")
        ('', '')
    """
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        port = port.removeprefix(":") if port.startswith(":") else port and "x"
        if not bracket or not _is_ip(name):
            return ""
    else:
        name, _, port = host.partition(":")
    return name.lower() if not port or (port.isascii() and port.isdigit()) else ""


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, True, False)
    """
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def allowed_names(host: str, allowed_hosts: Collection[str]) -> frozenset[str]:
    """The names that a server may be called by.

    Args:
        host: The address it listens on.
        allowed_hosts: Further names; brackets around an IPv6 address are taken off.

    Example:
        >>> sorted(allowed_names("0.0.0.0", ["shop.example"]))
        ['127.0.0.1', '::1', 'localhost', 'shop.example']
    """
    own = () if _is_ip(host) and ipaddress.ip_address(host).is_unspecified else (host,)
    names = (*LOCAL_NAMES, *own, *allowed_hosts)
    return frozenset(name.strip("[]").lower() for name in names if name)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class HostList:
    """ASGI middleware that answers only requests which call the server by a name that it knows.

    Otherwise a foreign page could let its own name point to this machine, and a browser would take the server for a
    part of that page (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        """Put it around an application.

        Args:
            app: Answers what is let through.
            names: As `allowed_names` gives them.
        """
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            hosts = Headers(scope=scope).getlist("host")
            if len(hosts) != 1 or strip_port(hosts[0]) not in self._names:
                detail = (
                    "This server is not called by that name. Use the address that it printed when it started, or "
                    "start it with --allowed-host NAME."
                )
                await refuse(scope, 421, "unknown-host", detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)
