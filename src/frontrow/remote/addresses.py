"""Addresses of services: encrypted ones, and plain ones only on this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from frontrow.errors import RemoteError, SettingError


@dataclass(frozen=True)
class ServiceAddress:
    """Where a service is.

    Attributes:
        origin: Scheme, host and port, such as https://shop.example.
        base: The path that all its paths lie below; empty for none.
        is_loopback: It is on this machine, as in tests.

    Example:
        >>> ServiceAddress.parse("https://shop.example/garden/")
        ServiceAddress(origin='https://shop.example', base='/garden', is_loopback=False)
    """

    origin: str
    base: str
    is_loopback: bool

    @classmethod
    def parse(cls, url: str) -> ServiceAddress:
        """Check an address.

        Args:
            url: Begins with https://; http:// only for this machine.

        Raises:
            SettingError: It is not the address of a service, or its connection would not be encrypted.
        """
        parts = _split(url)
        if parts is None or parts.scheme not in ("http", "https"):
            raise SettingError(
                "url", "The address of the service is no web address. Give one such as https://shop.example."
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise SettingError(
                "url",
                "The address of the service holds a user, a password or a query. Give the address alone, such as "
                "https://shop.example, and secrets by env:NAME or file:/PATH.",
            )
        loopback = is_loopback(parts.hostname or "")
        if parts.scheme == "http" and not loopback:
            raise SettingError(
                "url", f"http://{parts.netloc} would send secrets unencrypted. Give the address with https://."
            )
        return cls(f"{parts.scheme}://{parts.netloc.lower()}", parts.path.rstrip("/"), loopback)


def check_download(url: str, service: ServiceAddress) -> None:
    """Refuse to download from an address that a service has no reason to name.

    Args:
        url: As the service gave it; it may be signed, so no message shows it.
        service: The service.

    Raises:
        RemoteError: It is not encrypted, or leads to a machine by its number.
    """
    parts = _split(url)
    if parts is None or parts.username or parts.password:
        raise RemoteError("The service named a download that is no web address. Nothing was downloaded; try again.")
    host = parts.hostname or ""
    if service.is_loopback and is_loopback(host):
        return
    if parts.scheme != "https" or is_loopback(host) or _is_number(host):
        raise RemoteError(
            "The service named a download at an address that frontrow does not follow: only https:// and a host's "
            "name. Nothing was downloaded; check the address of the service."
        )


def follow(target: str, service: ServiceAddress, call: str, name: str) -> str:
    """The path below a service's address that it sends a request on to.

    Args:
        target: Where it sends it.
        service: Its address.
        call: Method and listed path, for messages.
        name: What messages call the service.

    Raises:
        RemoteError: The target is not below the service's address.

    Example:
        >>> address = ServiceAddress.parse("https://shop.example/garden")
        >>> follow("https://shop.example/garden/orders/?page=2", address, "GET /orders", "The shop")
        '/orders/'
    """
    parts = urlsplit(target)
    if f"{parts.scheme}://{parts.netloc.lower()}" != service.origin:
        place = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another place"
        raise RemoteError(
            f"{name} sends {call} on to {place}, where no secret of {service.origin} is sent. If that is the right "
            "address, state it for this source or destination."
        )
    if not parts.path.startswith(service.base):
        raise RemoteError(f"{name} sends {call} on to another path. Check the address of the service.")
    return parts.path.removeprefix(service.base)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("localhost.example")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.replace(".", "").isdigit()
    return True


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where the port is no number
    except ValueError:
        return None
    return parts if parts.hostname and url.isprintable() and " " not in url else None
