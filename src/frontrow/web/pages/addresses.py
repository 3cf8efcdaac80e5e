"""Addresses of pages: every part is quoted, since a shop is called what its folder is called."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def address(*parts: str, **query: str | int) -> str:
    """The address of a page.

    Args:
        parts: The parts of its path, as they are.
        query: What stands behind the question mark; empty values are left out.

    Example:
        >>> address("shops", "a & b", "launches"), address(), address("jobs", state="done", note="")
        ('/shops/a%20%26%20b/launches', '/', '/jobs?state=done')
    """
    stated = {name: value for name, value in query.items() if value != ""}
    return "/" + "/".join(quote(part, safe="") for part in parts) + (f"?{urlencode(stated)}" if stated else "")
