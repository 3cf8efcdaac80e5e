"""The page as one file: complete, safe, free of personal data, the same every time."""

import math
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from frontrow.launch.calibration.calibration import TooFewLaunches
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.present.report_content import ReportContent
from frontrow.present.wording import count
from frontrow.report.page import write_report

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Tags(HTMLParser):
    """Checks that every tag is closed in order, and keeps the text outside style."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.met[tag] += 1
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.met[tag] += 1
        self.attributes += attrs

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    return tags


def visible_text(page: str) -> str:
    return " ".join(parsed(page).text.split())


def test_it_is_one_file_without_network_access(page):
    tags = parsed(page)
    names = {name for name, _ in tags.attributes}
    assert not names & {"src", "srcset", "xlink:href", "action", "data", "poster"}
    assert {value for name, value in tags.attributes if name == "href"} <= {"#why"}
    assert not {"script", "link", "img", "iframe", "object", "image", "foreignobject"} & set(tags.met)
    assert "://" not in page
    assert "@import" not in page
    assert "@font-face" not in page
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", page))
    assert "default-src 'none'" in page


def test_every_drawing_scales_and_has_distinct_ids(page):
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert max(ids.values()) == 1
    assert set(re.findall(r"url\(#([^)]*)\)", page)) <= set(ids)
    drawings = re.findall(r"<svg[^>]*>", page)
    assert len(drawings) == 2 + 2 + 2 + 2
    assert all("viewBox" in drawing and "width" not in drawing for drawing in drawings)


def test_the_answer_states_the_sums_of_the_probabilities(inputs, page):
    product = inputs.audience.expected_buyers().row(0, named=True)
    probabilities = inputs.audience.rows.filter(pl.col("product_id") == product["product_id"]).sort("rank")[
        "probability"
    ]
    first = -(-inputs.audience.customers // 100)
    text = visible_text(page).replace("\u202f", " ")
    assert f"of {inputs.audience.customers:,} customers are expected to buy {product['title']} within 30 days" in text
    assert f"the first {first} on the list (1 %) hold about" in text
    assert f"<strong>{count(product['expected_buyers'])}</strong>" in page
    assert f"<strong>{count(probabilities.head(first).sum())}</strong>" in page
    predicted, actual = inputs.backtest.buyers()
    assert f"predictions added up to {predicted / actual:.2f} times the buyers that came" in visible_text(page)


def test_the_answer_states_the_interval(inputs, page):
    row = inputs.audience.expected_buyers().row(0, named=True)
    # whole buyers within the interval, as frontrow audience prints them
    low, high = math.ceil(row["low"]), math.floor(row["high"])
    assert f"eight in ten find {count(low)} to {count(high)} buyers" in visible_text(page)


def test_those_considered_and_the_others_are_everyone_who_ordered(inputs, page):
    ordered = inputs.history.lines.select(pl.col("customer_id").drop_nulls().n_unique()).collect().item()
    others = ordered - inputs.audience.customers
    assert f"{count(others)} others ordered longer ago, or own the product, and are left out" in visible_text(page)


def test_all_first_sales_are_counted(inputs, page):
    cycles = compute_life_cycles(inputs.history, inputs.model.settings)
    parts = visible_text(page).split("first sales count as launches")
    numbers = [parts[0].split()[-1], *re.findall(r"(\d+) (?:products were|had fewer|came back)", parts[1])]
    numbers += re.findall(r"for (\d+) those days", parts[1])
    assert sum(map(int, numbers)) == cycles.height


def test_every_launch_forecast_is_a_point(inputs, page):
    assert f"one of the {inputs.backtest.forecasts.launches.height} launches forecast" in visible_text(page)
    nobody = (inputs.backtest.forecasts.launches["actual_buyers"] == 0).any()
    assert ("Where nobody came, the point stands at a half" in visible_text(page)) == nobody


def test_without_probabilities_there_are_ranks_and_a_reason(inputs, tmp_path):
    file, too_few = tmp_path / "report.html", TooFewLaunches(3, 10)
    rows = inputs.audience.rows.with_columns(pl.lit(None, pl.Float64).alias("probability"))
    no_forecasts = replace(inputs.backtest.forecasts, launches=inputs.backtest.forecasts.launches.clear())
    write_report(
        file,
        ReportContent(
            inputs.history,
            audience=replace(inputs.audience, rows=rows, calibration=too_few),
            backtest=replace(inputs.backtest, forecasts=no_forecasts),
            model=inputs.model,
        ),
    )
    page = file.read_text("utf-8")
    parsed(page)
    assert too_few.message in visible_text(page)
    assert "are expected to buy" not in page
    assert "nan" not in visible_text(page).lower().split()


def test_no_customer_can_be_recognised(inputs, page):
    customers = inputs.history.customers.collect()
    assert not [name for name in customers["source_id"].drop_nulls() if name in page]
    assert not re.search(r"[\w.]+@[\w.]+", page)


def test_a_title_is_always_shown_as_text(inputs, tmp_path):
    markup = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"
    title = pl.lit(markup).alias("title")
    audience = replace(inputs.audience, rows=inputs.audience.rows.with_columns(title))
    tested = replace(inputs.backtest, values=inputs.backtest.values.with_columns(title))
    file = tmp_path / "report.html"
    write_report(file, ReportContent(inputs.history, audience=audience, backtest=tested, model=inputs.model))
    page = file.read_text("utf-8")
    tags = parsed(page)
    assert tags.met["script"] == tags.met["img"] == 0
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert markup in tags.text


def test_the_same_figures_give_the_same_bytes(inputs, page, tmp_path):
    write_report(
        tmp_path / "again.html",
        ReportContent(inputs.history, backtest=inputs.backtest, audience=inputs.audience, model=inputs.model),
    )
    assert (tmp_path / "again.html").read_text("utf-8") == page


@pytest.mark.parametrize(
    ("parts", "headings"),
    [
        ((), ["asked", "time", "not say"]),
        (("audience",), ["asked", "The list", "do next", "time", "not say"]),
        (("backtest",), ["asked", "How good the numbers were", "Why believe it", "time", "not say"]),
        (("model",), ["asked", "time", "not say"]),
        (
            ("audience", "backtest", "model"),
            ["asked", "How good the numbers were", "Why believe it", "The list", "do next", "time", "not say"],
        ),
    ],
)
def test_an_empty_section_is_left_out(inputs, tmp_path, parts, headings):
    file = tmp_path / "new folder" / "report.html"
    write_report(file, ReportContent(inputs.history, **{part: getattr(inputs, part) for part in parts}))
    page = file.read_text("utf-8")
    parsed(page)
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert len(titles) == len(headings)
    assert all(heading in title for heading, title in zip(headings, titles, strict=True))
    assert ("past launches, with" in page) == ("model" in parts)


def test_a_report_that_fails_leaves_the_old_one(inputs, tmp_path):
    file = tmp_path / "report.html"
    file.write_text("old")
    broken = replace(inputs.audience, rows=inputs.audience.rows.drop("similar_lines"))
    with pytest.raises(KeyError):
        write_report(file, ReportContent(inputs.history, audience=broken))
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("days", [0, 30])
def test_a_shop_without_a_launch_has_a_page_too(inputs, tmp_path, days):
    start = inputs.history.lines.select(pl.col("day").min()).collect().item()
    history = inputs.history.as_of(start + days)
    write_report(tmp_path / "report.html", ReportContent(history))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "0 first sales count as launches" in visible_text(page)
    assert "<svg" not in page
    assert ("No order line." in page) == (days == 0)
