"""What a store is opened with: what a source states, else what the environment of the process says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from frontrow.errors import SettingError
from frontrow.remote.addresses import ServiceAddress
from frontrow.remote.secrets import Secret
from frontrow.storage.address import ENDPOINTS

SECRETS: Final = {
    "s3": ("access_key_id", "secret_access_key", "session_token"),
    "gs": (),
    "az": ("account_key", "sas_token"),
}
"""Secrets of each scheme, by the names that the stores give them."""

SETTINGS: Final = {"s3": ("region", "endpoint"), "gs": ("key_file",), "az": ("account_name", "endpoint")}

STORE_NAMES: Final = {"key_file": "service_account", "sas_token": "sas_key"}
"""Where the library's name is another one."""


@dataclass(frozen=True)
class StoreSettings:
    """What a store is opened with.

    Attributes:
        settings: By name, such as region and endpoint.
        secrets: By name.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    def to_config(self, scheme: str) -> dict[str, Any]:
        """The values of a scheme as the library takes them; they hold secrets.

        Raises:
            SettingError: A setting or secret is of another scheme, or an address is not encrypted.
        """
        strange = ({*self.settings} - {*SETTINGS[scheme]}) | ({*self.secrets} - {*SECRETS[scheme]})
        if strange:
            raise SettingError(sorted(strange)[0], f"{sorted(strange)[0]} is of no use with {scheme}://.")
        if endpoint := self._endpoint(scheme):
            ServiceAddress.parse(endpoint)
        values = {**self.settings, **{name: secret.reveal() for name, secret in self.secrets.items()}}
        return {STORE_NAMES.get(name, name): value for name, value in values.items()}

    def is_loopback(self, scheme: str) -> bool:
        """Whether the store is on this machine, as in tests: only then may the connection be plain."""
        endpoint = self._endpoint(scheme)
        return bool(endpoint) and ServiceAddress.parse(endpoint).is_loopback

    def _endpoint(self, scheme: str) -> str:
        """The store's address, where it is not the usual one; empty where it is."""
        stated = (self.settings.get("endpoint"), *(os.environ.get(name) for name in ENDPOINTS[scheme]))
        return next(filter(None, stated), "")
