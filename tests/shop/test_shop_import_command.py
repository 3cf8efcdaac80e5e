"""The commands `frontrow import` and `frontrow forget`: what they print and how they end."""

import json
from pathlib import Path

import pytest

from frontrow.cli.application import main
from frontrow.shop.shop import Shop

SAMPLES = Path(__file__).parent.parent / "importing" / "samples"


def run_command(monkeypatch, capsys, *arguments) -> tuple[int, str, str]:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr("sys.argv", ["frontrow", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_import_prints_every_reason_and_writes_the_shop(monkeypatch, capsys, tmp_path):
    shop = tmp_path / "shop"
    code, out, _ = run_command(monkeypatch, capsys, "import", shop, SAMPLES / "shopify_orders.csv")
    assert code == 0
    for text in (
        "kept",
        "dropped: cancelled",
        "gift card",
        "2026-03-28 to 2026-04-06",
        "product_rules.json",
        "Europe/London, which was taken as the shop's time zone",
    ):
        assert text in out
    assert Shop.read(shop).orders.collect().height == 10
    code, out, _ = run_command(monkeypatch, capsys, "import", shop, SAMPLES / "shopify_orders.csv")
    assert (code, "Nothing new" in out) == (0, True)


def test_import_as_json_and_dry(monkeypatch, capsys, tmp_path):
    arguments = ("import", tmp_path / "shop", SAMPLES / "online_retail.csv", "--json", "--dry-run")
    code, out, _ = run_command(monkeypatch, capsys, *arguments)
    report = json.loads(out)
    assert (code, report["written"], report["files"][0]["dropped"]["cancellation"]) == (0, False, 1)
    assert not (tmp_path / "shop").exists()


def test_guessed_columns_are_shown(monkeypatch, capsys, tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("Order No,Order date,Article,Unit price,Qty\n1,2026-01-01,P,2,3\n")
    arguments = ("import", tmp_path / "shop", path, "--map", "product_id=Article")
    code, out, _ = run_command(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "guessed" in out
    assert "Order date" in out


def test_a_header_without_rows_is_refused_and_creates_no_shop(monkeypatch, capsys, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text((SAMPLES / "shopify_orders.csv").read_text("utf-8-sig").splitlines()[0] + "\n")
    code, out, _ = run_command(monkeypatch, capsys, "import", tmp_path / "shop", path)
    assert (code, (tmp_path / "shop").exists()) == (0, False)
    assert "was not made" in out
    assert "unchanged" not in out


def test_a_currency_is_the_same_in_lower_case(monkeypatch, capsys, tmp_path):
    arguments = ("import", tmp_path / "shop", SAMPLES / "shopify_orders.csv", "--currency", "gbp", "--json")
    report = json.loads(run_command(monkeypatch, capsys, *arguments)[1])
    assert report["currency"] == "GBP"
    assert not any("converted" in note for note in report["warnings"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["import", "shop", "nowhere.csv"], 1, "nowhere.csv: the file does not exist"),
        (["import", "shop", "x.csv", "--map", "price"], 2, "field=Column"),
        (["import", "shop", "x.csv", "--grain", "colour"], 2, "is not one of 'product', 'variant'"),
        (["import", "shop", "."], 1, "is a folder"),
        (
            ["import", "shop", SAMPLES / "order_lines.csv", "--file-format", "shopify_orders", "--map", "price=P"],
            1,
            "order_lines",
        ),
        (["forget", "shop", "a@example.com"], 1, "holds no shop"),
    ],
)
def test_an_error_is_one_message(monkeypatch, capsys, tmp_path, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    ended, _, err = run_command(monkeypatch, capsys, *arguments)
    assert ended == code
    assert message in err
    assert "Traceback" not in err


def test_forget_lists_what_stays(monkeypatch, capsys, tmp_path):
    shop = tmp_path / "shop"
    run_command(monkeypatch, capsys, "import", shop, SAMPLES / "shopify_orders.csv")
    code, out, _ = run_command(monkeypatch, capsys, "forget", shop, "bob@example.com")
    assert code == 0
    assert "3 order lines stay as a guest's" in out
    assert "bob" not in out
