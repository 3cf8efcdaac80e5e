"""Parts of a page that tests read."""

import html
import re


def visible_text(page):
    """The visible text of a page without its drawings, with plain spaces."""
    without_drawings = re.sub(r"<(style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]*>", " ", without_drawings)).replace("\u202f", " ")
    return re.sub(r" ([.,;:)])", r"\1", " ".join(text.split()))


def headings(page):
    """The titles of the sections of a page."""
    return re.findall(r"<h2>(.*?)</h2>", page)


def section(page, heading):
    """The section under a heading, as HTML."""
    part = next(part for part in page.split("<section") if f"<h2>{heading}" in part)
    return part.partition("</section>")[0]
