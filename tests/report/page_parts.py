"""Parts of a page that tests look at."""

import html
import re


def words(page):
    """What a page says, drawings left aside, with plain spaces."""
    bare = re.sub(r"<(style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    told = html.unescape(re.sub(r"<[^>]*>", " ", bare)).replace("\u202f", " ")
    return re.sub(r" ([.,;:)])", r"\1", " ".join(told.split()))


def headings(page):
    """The titles of its sections."""
    return re.findall(r"<h2>(.*?)</h2>", page)


def section(page, heading):
    """The section under a heading, as HTML."""
    found = next(part for part in page.split("<section") if f"<h2>{heading}" in part)
    return found.partition("</section>")[0]
