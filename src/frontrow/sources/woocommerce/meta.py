"""Consent, which WooCommerce itself does not keep: plug-ins do, in a field of a customer or an order."""

from __future__ import annotations

from typing import Any, Final

from frontrow.errors import SettingError
from frontrow.sources.woocommerce.pages import Record

CONSENT: Final = "Accepts Marketing"
MOST_KEYS: Final = 10
KNOWN_KEYS: Final = {
    "mailchimp": ("mailchimp_woocommerce_is_subscribed",),
    "klaviyo": ("kl_newsletter_checkbox", "_kl_newsletter_checkbox"),
}
"""The names of two common plug-ins."""


def read_consent_keys(text: str) -> tuple[str, ...]:
    """The names in a setting: those of a known plug-in, or names with commas between them.

    Raises:
        SettingError: There are too many, or one is no name.

    Example:
        >>> read_consent_keys("mailchimp"), read_consent_keys("newsletter, optin"), read_consent_keys("")
        (('mailchimp_woocommerce_is_subscribed',), ('newsletter', 'optin'), ())
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) == 1 and names[0].lower() in KNOWN_KEYS:
        return KNOWN_KEYS[names[0].lower()]
    if len(names) > MOST_KEYS or not all(name.isprintable() and len(name) <= 255 for name in names):
        raise SettingError("consent", f"consent takes mailchimp, klaviyo, or at most {MOST_KEYS} names of meta fields.")
    return tuple(names)


def find_consent(record: Record, keys: tuple[str, ...]) -> str | None:
    """What a record says under the first of some names that it has, as text; None where it has none.

    Args:
        record: An order or a customer.
        keys: The names.

    Example:
        >>> find_consent({"meta_data": [{"key": "optin", "value": True}]}, ("newsletter", "optin"))
        'yes'
    """
    values = {meta.get("key"): meta.get("value") for meta in record.get("meta_data") or ()} if keys else {}
    return next((_as_text(values[key]) for key in keys if key in values), None)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""
