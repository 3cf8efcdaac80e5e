"""Each command from its arguments to its output, as a user or a program calls it."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow import LaunchModel, Shop, read_new_products, score_audience
from frontrow.cli.application import build, command_names, main
from frontrow.errors import InputError

RUNNER = CliRunner()


def run(*arguments: str | Path) -> str:
    result = RUNNER.invoke(build(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", command_names())
def test_every_command_explains_itself(name: str) -> None:
    assert "Usage" in run(name.rstrip("_"), "--help")


def test_an_audience_holds_every_active_customer_of_each_product(
    shop_folder: Path, new_products: Path, tmp_path: Path
) -> None:
    file = tmp_path / "audience.parquet"
    output = json.loads(
        run("audience", shop_folder, "--products", new_products, "--output", file, "--json", "--top", 3)
    )
    rows = pl.read_parquet(file)
    assert output["customers_scored"] == rows["customer_id"].n_unique()
    assert len(output["top"]) == 3 * len(output["products"])
    for _, product in rows.group_by("product_id"):
        assert product["rank"].to_list() == list(range(1, product.height + 1))
        assert product["probability"].is_sorted(descending=True)
    assert rows["source_id"].null_count() == 0


def test_the_screen_and_json_show_no_personal_data(shop_folder: Path, new_products: Path) -> None:
    for options in ((), ("--json",)):
        assert "@" not in run("audience", shop_folder, "--products", new_products, *options)


def test_csv_and_parquet_say_the_same(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet"):
        run("audience", shop_folder, "--products", new_products, "--output", tmp_path / f"audience.{suffix}")
    comma, parquet = pl.read_csv(tmp_path / "audience.csv"), pl.read_parquet(tmp_path / "audience.parquet")
    assert comma.columns == parquet.columns
    assert comma["customer_id"].to_list() == parquet["customer_id"].to_list()
    assert comma["probability"].to_list() == pytest.approx(parquet["probability"].to_list(), abs=1e-6)


def test_the_command_equals_one_call_of_the_library(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    file = tmp_path / "audience.parquet"
    run("audience", shop_folder, "--products", new_products, "--output", file)
    history = Shop.read(shop_folder).as_of()
    model = LaunchModel.fit(history)
    audience = score_audience(history, read_new_products(new_products, launch_day=history.cutoff_day), model)
    assert pl.read_parquet(file).drop("reasons").equals(audience.rows)


def test_as_of_uses_only_what_came_before(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    """A shop cut at the date gives the audience that the whole shop gives as of that date."""
    shop = Shop.read(shop_folder)
    cutoff = shop.midnight(shop.as_of().cutoff_day - 60)
    earlier = Shop(
        shop.orders.filter(pl.col("ordered_at") < cutoff), shop.products, shop.customers, shop.settings, shop.rules
    )
    earlier.write(tmp_path / "earlier")
    files = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    for folder, file in zip((shop_folder, tmp_path / "earlier"), files, strict=True):
        options = ("--as-of", str(cutoff.date()), "--output", file)
        run("audience", folder, "--products", new_products, *options)
    assert pl.read_parquet(files[0]).equals(pl.read_parquet(files[1]))


def test_launches_show_why_the_others_do_not_count(shop_folder: Path) -> None:
    rows = json.loads(run("launches", shop_folder, "--json"))
    verdicts = {row["verdict"] for row in rows}
    assert {"launch", "catalogue start"} <= verdicts
    assert "What the first sales were" in run("launches", shop_folder, "--all")


@pytest.mark.usefixtures("tested_once")
def test_a_backtest_prints_every_model_and_keeps_every_figure(shop_folder: Path, tmp_path: Path) -> None:
    options = ("--min-buyers", 1, "--test-days", 200, "--refit-days", 200)
    file = tmp_path / "values.parquet"
    output = json.loads(run("backtest", shop_folder, *options, "--output", file, "--json"))
    models = {row["model"] for row in output["summary"]}
    assert {"launch model", "random", "text similarity", "item-to-item", "lines in the category"} <= models
    values = pl.read_parquet(file)
    assert values["product_id"].n_unique() == output["launches"]
    printed = run("backtest", shop_folder, *options, "--report", tmp_path / "report.html")
    assert "times that of the best baseline" in printed
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_an_audience_shows_the_expected_buyers_and_their_interval(shop_folder: Path, new_products: Path) -> None:
    output = json.loads(run("audience", shop_folder, "--products", new_products, "--json"))
    assert output["message"] is None
    for product in output["products"]:
        assert 0 <= product["low"] < product["expected_buyers"] < product["high"]
    printed = " ".join(run("audience", shop_folder, "--products", new_products).split())
    assert "buyers expected within 30 days among" in printed
    assert "80 % interval" in printed


def test_sales_so_far_rank_those_who_have_not_bought(shop_folder: Path, tmp_path: Path) -> None:
    launches = json.loads(run("launches", shop_folder, "--json"))
    launch = max((row for row in launches if row["verdict"] == "launch"), key=lambda row: row["buyers_in_horizon"])
    file, as_of = tmp_path / "on_sale.csv", dt.date.fromisoformat(launch["launch_date"]) + dt.timedelta(days=7)
    pl.DataFrame({"title": [launch["title"]]}).write_csv(file)
    options = ("--products", file, "--as-of", str(as_of), "--sales-so-far")
    (product,) = json.loads(run("audience", shop_folder, *options, "--json"))["products"]
    assert product["product_id"] == launch["product_id"]
    assert product["days_on_sale"] == 7
    assert product["buyers_so_far"] > 0
    printed = " ".join(run("audience", shop_folder, *options).split())
    assert f"{product['buyers_so_far']} of its customers bought in 7 days" in printed
    assert "more buyers expected in the 23 days left" in printed


@pytest.mark.usefixtures("tested_once")
def test_a_backtest_shows_the_value_of_probabilities_and_days_of_sales(shop_folder: Path) -> None:
    options = ("--min-buyers", 1, "--test-days", 200, "--refit-days", 200, "--sales-days", "7,1")
    output = json.loads(run("backtest", shop_folder, *options, "--json"))
    assert output["calibration"]["launches"] == len(output["forecasts"])
    assert [row["days"] for row in output["sales_days"]] == [0, 1, 7]
    assert len(output["reliability"]) == 10
    printed = " ".join(run("backtest", shop_folder, *options).split())
    for sentence in ("The 80 % intervals held", "Expected calibration error", "What each day of sales is worth"):
        assert sentence in printed


@pytest.mark.parametrize("days", ["0", "30", "soon", "1,99"])
def test_days_of_sales_outside_the_window_are_refused(shop_folder: Path, days: str) -> None:
    result = RUNNER.invoke(build(), ["backtest", str(shop_folder), "--sales-days", days])
    assert result.exit_code == 2
    assert "--sales-days" in result.output


def test_errors_are_one_message_and_exit_code_one(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "frontrow.cli", "launches", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "holds no shop" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("audience", "--products", "new.csv", "--output", "list.txt"), "is not that of a table"),
        (("audience", "--products", "new.csv", "--output", "."), "is a folder"),
        (("backtest", "--output", "figures.txt"), "is not that of a table"),
        (("backtest", "--report", "page.pdf"), "is not .html"),
        (("classify", "--all-past-launches", "--report", "page.pdf"), "is not .html"),
        (("report", "--output", "page.pdf"), "is not .html"),
        (("report", "--products", "new.csv", "--output", "."), "is a folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_reported_before_any_computation(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        run(arguments[0], "nowhere", *arguments[1:])


def test_an_interruption_is_reported(shop_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def interrupted(_: Path, **_options: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Shop, "read", interrupted)
    monkeypatch.setattr("sys.argv", ["frontrow", "launches", str(shop_folder)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 130
    assert "Interrupted; no file is half written." in capsys.readouterr().err


def test_an_invalid_date_is_refused(shop_folder: Path) -> None:
    result = RUNNER.invoke(build(), ["launches", str(shop_folder), "--as-of", "yesterday"])
    assert result.exit_code == 2


@pytest.mark.parametrize("command", ["evaluate", "audience", "demo"])
def test_a_seed_below_zero_is_refused(command: str) -> None:
    refused = RUNNER.invoke(build(), [command, "--seed", "-1"])
    assert refused.exit_code == 2
    assert "'--seed'" in refused.output


def test_a_demo_is_not_mixed_with_another_shop(tmp_path: Path) -> None:
    exports = tmp_path / "exports" / "orders_export_1.csv"
    exports.parent.mkdir()
    exports.write_text("mine")
    with pytest.raises(InputError, match="other files"):
        run("demo", "--output", tmp_path, "--customers", 500)
    assert exports.read_text() == "mine"
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "demo.json").write_text('{"customers": 500, "seed": 7}\n')
    with pytest.raises(InputError, match="--output"):
        run("demo", "--output", tmp_path / "demo", "--customers", 500, "--seed", 8)


def test_a_report_shows_who_will_buy_and_the_evidence(shop_folder: Path, new_products: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert str(page.name) in run("report", shop_folder, "--products", new_products, "--output", page).replace("\n", "")
    text = page.read_text("utf-8")
    assert "Why believe it" in text
    assert pl.read_csv(new_products)["title"][0] in text
    assert "@example.com" not in text


def test_the_next_command_on_the_page_repeats_the_options_of_the_report(
    shop_folder: Path, new_products: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    options = ("--horizon", 21, "--seed", 3, "--no-backtest")
    run("report", shop_folder, "--products", new_products, "--output", page, *map(str, options))
    text = " ".join(re.sub("<[^>]+>", "", page.read_text("utf-8")).split())
    assert "--horizon 21 --seed 3 --output spring" in text
    assert "--active-days" not in text


def test_a_date_after_the_orders_is_taken_back_to_their_end(shop_folder: Path) -> None:
    now, later = (
        run("launches", shop_folder, "--json"),
        RUNNER.invoke(build(), ["launches", str(shop_folder), "--json", "--as-of", "2031-01-01"]),
    )
    assert later.stdout == now
    assert "The orders end before" in later.stderr


def test_a_title_is_text_not_markup(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("title\nPot [sale] [/b] x\n")
    assert "Pot [sale] [/b] x" in run("audience", shop_folder, "--products", file, "--top", 1)
