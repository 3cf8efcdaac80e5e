"""How often somebody may try to sign in."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

ATTEMPTS_OF_ADDRESS: Final = 10
ATTEMPTS_OF_ALL: Final = 100
WINDOW_SECONDS: Final = 300.0
ADDRESSES: Final = 10_000
"""So many addresses are remembered; tokens cannot be guessed anyway, so that the oldest may be forgotten."""


class Attempts:
    """Failed logins of the last minutes, by address and of all; in memory, so that a restart forgets them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none.

        Args:
            clock: Seconds from any start.
        """
        self._clock = clock
        self._of_all: deque[float] = deque(maxlen=ATTEMPTS_OF_ALL)
        self._of_address: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, address: str) -> int:
        """Seconds until an address may try again; 0 where it may now.

        Args:
            address: Of the client.
        """
        of_address = self._of_address.get(_network(address), deque())
        waits = [
            attempts[0] + WINDOW_SECONDS - self._clock()
            for attempts, most in ((of_address, ATTEMPTS_OF_ADDRESS), (self._of_all, ATTEMPTS_OF_ALL))
            if len(attempts) == most
        ]
        return max(0, *map(math.ceil, waits)) if waits else 0

    def record_failure(self, address: str) -> None:
        """Count a failed login.

        Args:
            address: Of the client.
        """
        network = _network(address)
        of_address = self._of_address.setdefault(network, deque(maxlen=ATTEMPTS_OF_ADDRESS))
        self._of_address.move_to_end(network)
        of_address.append(self._clock())
        self._of_all.append(self._clock())
        if len(self._of_address) > ADDRESSES:
            self._of_address.popitem(last=False)


def _network(address: str) -> str:
    """An IPv4 address, or the 64 bits of an IPv6 address that one customer of a provider has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
