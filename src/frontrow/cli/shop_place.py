"""The shop that a person names: a folder, or the address of a published shop."""

from __future__ import annotations

from pathlib import Path

from frontrow.errors import ShopError


def parse_shop(text: str) -> Path | str:
    """A folder as a path; an address stays as it was typed.

    Example:
        >>> parse_shop("demo/shop"), parse_shop("s3://bucket/shop")
        (PosixPath('demo/shop'), 's3://bucket/shop')
    """
    return text if "://" in text else Path(text)


def name_shop(shop: Path | str | None) -> str:
    """The name of a shop for the log; empty without one, and for what is no address: it may hold a secret.

    Example:
        >>> name_shop(Path("/shops/garden")), name_shop("s3://bucket/garden"), name_shop("s3://key:secret@bucket")
        ('garden', 'garden', '')
    """
    if isinstance(shop, str):
        from frontrow.storage.address import ShopAddress

        try:
            return ShopAddress.parse(shop).name
        except ShopError:
            return ""
    return Path(shop).absolute().name if shop else ""


def open_shop_folder(shop: Path | str | None) -> Path | None:
    """The folder that a command reads: of a published shop, its working copy on this machine, brought up to date.

    Args:
        shop: What `parse_shop` made of it.

    Raises:
        ShopError: It is no address of a shop, or nothing is published there.
        RemoteError: The store does not answer.
    """
    if not isinstance(shop, str):
        return shop
    from frontrow.shop.published import open_published
    from frontrow.storage.address import ShopAddress

    return open_published(ShopAddress.parse(shop))
