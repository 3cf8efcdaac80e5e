"""A sample template for lists: HTML that a platform fills in, laid out in tables as programs for e-mail read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

Tag = Callable[[str], str]
"""From the name of a column to the words by which a platform fills it in."""

Condition = Callable[[str, str], str]
"""From the name of a column and some HTML to that HTML where the column has a value, and nothing where it has none."""

PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chosen for you</title>
</head>
<body style="margin:0; padding:24px; font-family:Arial, Helvetica, sans-serif; color:#222222;">
<!-- A sample: change words, colours and order as you like. What stands in signs like these is filled in by the
platform: leave the names of the columns as they are. -->
<table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" style="max-width:600px;">
<tr><td style="padding-bottom:16px;"><h1 style="font-size:22px; margin:0;">Chosen for you</h1></td></tr>
{products}
<tr><td style="padding-top:24px; font-size:12px; color:#666666;">{footer}</td></tr>
</table>
</body>
</html>
"""

ROW: Final = (
    '<tr><td style="padding:12px 0; border-top:1px solid #dddddd;">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>'
)
ROW_END: Final = "</tr></table></td></tr>"


def build_template(columns: Sequence[dict[str, str]], tag: Tag, condition: Condition, *, footer: str) -> str:
    """The template of a platform. No condition stands inside another one, as not every platform understands that.

    Args:
        columns: One dictionary a product: the column of each field that the file has.
        tag: How a value is filled in.
        condition: How a part is left out where a value is empty.
        footer: The platform's own words to unsubscribe, which every message needs.
    """
    products = [_build_product(names, tag, condition) for names in columns]
    return PAGE.format(products="\n".join(products), footer=footer)


def _build_product(names: dict[str, str], tag: Tag, condition: Condition) -> str:
    title = names["title"]
    link, link_end = "", ""
    if "url" in names:
        link = condition(names["url"], f'<a href="{tag(names["url"])}" style="color:#222222;">')
        link_end = condition(names["url"], "</a>")
    parts = [condition(title, ROW)]
    if "image_url" in names:
        image = f'<img src="{tag(names["image_url"])}" alt="{tag(title)}" width="180" style="display:block; border:0;">'
        parts += [condition(title, '<td width="200">'), link, condition(names["image_url"], image), link_end]
        parts.append(condition(title, "</td>"))
    parts += [condition(title, '<td valign="middle" style="font-size:16px;">'), link]
    parts += [condition(title, f"<strong>{tag(title)}</strong>"), link_end]
    if "price" in names:
        parts.append(condition(names["price"], f"<br>{tag(names['price'])}"))
    parts.append(condition(title, f"</td>{ROW_END}"))
    return "\n".join(part for part in parts if part)
