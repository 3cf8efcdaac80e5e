"""How the products of a shop are told apart: as parents or as variants, by a code in the SKU or not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from frontrow.errors import ShopError
from frontrow.schema import Grain


@dataclass(frozen=True)
class IdentitySettings:
    """How the products of a shop are told apart.

    Attributes:
        grain: The parent product, or each variant.
        parent_sku: A regular expression whose first group is the parent's code in a SKU; a SKU it does not
            match is a parent's own.
    """

    grain: Grain = "product"
    parent_sku: str | None = None

    def __post_init__(self) -> None:
        try:
            groups = re.compile(self.parent_sku or "()").groups
        except re.error as error:
            raise ShopError(f"--parent-sku {self.parent_sku} is not a regular expression: {error}.") from error
        if not groups:
            raise ShopError(rf"--parent-sku {self.parent_sku} has no group. Example: '^(\d+)-\w+$'.")

    def parent_code(self, sku: str | None) -> str:
        """Return the parent's code in a SKU; empty when SKUs do not contain it.

        Example:
            >>> IdentitySettings(parent_sku=r"^([0-9]{5})[A-Z]$").parent_code("85123A")
            '85123'
        """
        if self.parent_sku is None or sku is None:
            return ""
        match = re.search(self.parent_sku, sku)
        return (match.group(1) if match else None) or sku
