"""One case: a file is changed, a command's function runs on it, and what came of it is judged."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from mutated_content import (
    ADDRESSES,
    PERSONS,
    TEXTS,
    change_array,
    change_bytes,
    change_cells,
    change_columns,
    change_json,
    flip_bit,
    write_cells,
)
from mutated_persons import persons_in
from mutated_world import models, read_records

from frontrow.errors import FrontrowError, ShopError
from frontrow.storage.artifact import MANIFEST

FINE, REFUSED, SILENT, PERSON, TRACEBACK = "fine", "frontrow error", "other data", "person shown", "TRACEBACK"
CHANGED = "re-signed, other values"


@dataclass(frozen=True)
class Case:
    """What is changed, and with which random numbers.

    Attributes:
        kind: A name of `INPUTS` or `OWN`.
        seed: Of all draws.
    """

    kind: str
    seed: str


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Attributes:
        verdict: One of the constants above.
        message: What was said; of a traceback, its end.
    """

    verdict: str
    message: str = ""


OF_PRODUCTS = ("products.csv", "launch_dates.csv", "stock.csv")

Run = Callable[[Path, Path, random.Random], str | None]
"""Given the world, a new folder and the draws: changes a file, runs the command, returns what it says to a person."""


def run_case(world: Path, folder: Path, case: Case) -> Outcome:
    """Run one case in a folder of its own, which is removed afterwards."""
    folder.mkdir(parents=True)
    try:
        text = {**INPUTS, **OWN}[case.kind](world, folder, random.Random(f"{case.kind}-{case.seed}"))
        outcome = Outcome(text) if text in (SILENT, CHANGED) else Outcome(FINE, text or "")
    except FrontrowError as error:
        outcome = Outcome(REFUSED, str(error))
    # a panic of Polars is no Exception
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        outcome = Outcome(TRACEBACK, "".join(traceback.format_exception(error))[-2500:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    shown = persons_in(outcome.message.replace(str(folder), "")) if outcome.verdict in (FINE, REFUSED) else []
    return Outcome(PERSON, f"{shown}: {outcome.message[-1500:]}") if shown else outcome


def _import(change: Callable[[list[list[str]], random.Random], bytes], suffix: str, sample: str) -> Run:
    def run(world: Path, folder: Path, draws: random.Random) -> str:
        from frontrow.service.launches import list_launches
        from frontrow.service.opening import RunSettings
        from frontrow.service.shop_data import import_exports
        from frontrow.shop.import_settings import ImportSettings
        from frontrow.shop.shop import Shop

        file = folder / f"export{suffix}"
        file.write_bytes(change(read_records(world / "samples" / sample), draws))
        mapping = {"price": draws.choice([*TEXTS, *PERSONS, "Total"])} if draws.random() < 0.05 else {}
        result = import_exports(folder / "shop", [file], ImportSettings(mapping=mapping))
        for counted in result.data_report.files:
            assert counted.rows == counted.kept + sum(counted.dropped.values()), "rows without an account"
        # an import that went well leaves a shop that answers
        try:
            if result.data_report.written and Shop.read(folder / "shop").orders.collect().height:
                list_launches(folder / "shop", RunSettings())
        except ShopError as error:
            raise AssertionError("the import made a shop that cannot be read") from error
        return json.dumps([result.to_dict(), str(result.sections())], default=str)

    return run


def _change_text(records: list[list[str]], draws: random.Random, persons: Sequence[str] = PERSONS) -> bytes:
    content = write_cells(change_cells(records, draws, persons), draws)
    return change_bytes(content, draws) if draws.random() < 0.3 else content


def _change_workbook(records: list[list[str]], draws: random.Random) -> bytes:
    import io

    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": draws.random() < 0.5}) as book:
        for name in ("Orders", draws.choice(["Orders 2026", *PERSONS[1:2]]))[: draws.randint(1, 2)]:
            sheet = book.add_worksheet(name)
            for number, record in enumerate(change_cells(records, draws)):
                for column, cell in enumerate(record):
                    sheet.write(number, column, cell[:3000].replace("\x00", ""))
    content = buffer.getvalue()
    return change_bytes(content, draws) if draws.random() < 0.3 else content


def _input(name: str, use: Callable[[Path, Path, Path], str | None]) -> Run:
    """A file that a person writes is changed in a folder beside the others."""

    def run(world: Path, folder: Path, draws: random.Random) -> str | None:
        inputs = Path(shutil.copytree(world / "inputs", folder / "inputs"))
        file = inputs / name
        if file.suffix == ".csv" and draws.random() < 0.8:
            persons = ADDRESSES if name in OF_PRODUCTS else PERSONS
            file.write_bytes(_change_text(read_records(file), draws, persons))
        else:
            file.write_bytes(change_bytes(file.read_bytes(), draws))
        return use(world, inputs, file)

    return run


def _say(result: Any) -> str:
    return json.dumps([getattr(result, "notices", ()), [str(item) for item in getattr(result, "findings", ())]])


def _use_products(world: Path, inputs: Path, file: Path) -> str:
    from frontrow.service.audience import AudienceSettings, rank_audience
    from frontrow.service.opening import RunSettings

    output = _table_file(inputs / "audience.csv")
    settings = AudienceSettings(file, model="text_similarity", reasons=0, output=output)
    return _say(rank_audience(world / "shop", settings, RunSettings()))


def _use_launch_dates(world: Path, inputs: Path, file: Path) -> str:
    from frontrow.service.launches import list_launches
    from frontrow.service.opening import RunSettings

    return _say(list_launches(world / "shop", RunSettings(launch_dates=file), output=_table_file(inputs / "l.csv")))


def _use_suppression(world: Path, inputs: Path, file: Path) -> None:  # noqa: ARG001
    from frontrow.campaign.eligibility.suppression import SuppressionList

    listed = SuppressionList.read([file], default_region="GB")
    listed.has_email("a@example.com")
    listed.has_phone("07700 900000", None)


def _use_lists(option: str) -> Callable[[Path, Path, Path], str]:
    def use(world: Path, inputs: Path, file: Path) -> str:
        from frontrow.recommend.settings import RecommendSettings
        from frontrow.service.opening import RunSettings
        from frontrow.service.recommendations import recommend

        settings = {
            "customers": RecommendSettings(customers=str(file)),
            "contexts": RecommendSettings(customers="new", contexts=file),
            "rules": RecommendSettings(rules=inputs / "rules.toml"),
        }[option]
        model = str(world / "models" / "popular_in_country")
        output = _table_file(inputs / "lists.csv")
        return _say(recommend(world / "shop", settings, RunSettings(), model=model, output=output))

    return use


def _table_file(file: Path) -> Any:
    from frontrow.storage.table_output import TableFile

    return TableFile.choose(file)


def _basket(world: Path, folder: Path, draws: random.Random) -> str:  # noqa: ARG001
    from frontrow.recommend.settings import RecommendSettings
    from frontrow.service.opening import RunSettings
    from frontrow.service.recommendations import recommend

    basket = tuple(draws.choice([*TEXTS, *PERSONS[2:3], "pot"]) for _ in range(draws.randint(1, 4)))
    settings = RecommendSettings(customers="new", basket=basket)
    model = str(world / "models" / "item_to_item")
    return _say(recommend(world / "shop", settings, RunSettings(), model=model))


def _edited(name: str) -> Run:
    """A file of the shop that a person may edit, or that frontrow writes as JSON."""

    def run(world: Path, folder: Path, draws: random.Random) -> str:
        shop = Path(shutil.copytree(world / "shop", folder / "shop"))
        campaign = Path(shutil.copytree(world / "campaign", folder / "campaign"))
        file = (campaign if name.startswith("campaign") else shop) / name
        file.write_bytes(change_json(file.read_bytes(), draws))
        if name in ("shop.json", "campaign.json") and draws.random() < 0.7:
            _seal(file)
        return _use_shop(shop, campaign, world / "inputs" / "products.csv")

    return run


def _use_shop(shop: Path, campaign: Path, products: Path) -> str:
    """Read everything that the shop's folder holds; the first error ends it."""
    from frontrow.campaign.experiment.holdout import GlobalControlGroup
    from frontrow.service.audience import AudienceSettings, rank_audience
    from frontrow.service.config import configure
    from frontrow.service.contacts import record_contacts
    from frontrow.service.launches import list_launches
    from frontrow.service.opening import RunSettings
    from frontrow.service.status import StatusSettings, read_status

    said = [_say(read_status(shop, StatusSettings(outputs=campaign.parent)))]
    said.append(_say(list_launches(shop, RunSettings())))
    said.append(_say(configure(shop, "contact_cost", "0.5")))
    group = GlobalControlGroup.read(shop)
    if group is not None:
        group.contains(pl.Series([1, 2]))
    said.append(_say(record_contacts(shop, campaign)))
    settings = AudienceSettings(products, model="text_similarity", reasons=0)
    said.append(_say(rank_audience(shop, settings, RunSettings())))
    return json.dumps(said)


def _seal(file: Path) -> None:
    """Write the SHA-256 of a pointer's text at its end anew, as a stranger would."""
    from frontrow.storage.pointer import seal

    try:
        values = json.loads(file.read_bytes())
        values.pop("sha256", None)
        file.write_bytes(seal(json.dumps(values, indent=2).encode() + b"\n"))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return


def _table(world: Path, folder: Path, draws: random.Random) -> str:
    """A table of the shop: bits flipped, cut, exchanged or doubled; some are signed anew."""
    shop = Path(shutil.copytree(world / "shop", folder / "shop"))
    campaign = Path(shutil.copytree(world / "campaign", folder / "campaign"))
    tables = sorted([*(shop / "tables").glob("*.parquet"), *campaign.glob("*.parquet")])
    file = draws.choice(tables)
    kind = draws.randrange(6)
    if kind == 0:
        file.write_bytes(change_bytes(file.read_bytes(), draws))
    elif kind == 1:
        file.write_bytes(draws.choice(tables).read_bytes())
    elif kind == 2:
        file.write_bytes(_change_table(pl.read_parquet(file), draws))
    else:
        file.write_bytes(flip_bit(file.read_bytes(), draws))
    is_signed = file.parent.name == "tables" and kind < 3 and draws.random() < 0.7
    if is_signed:
        _sign_tables(shop)
    same = _digest_tables(shop, campaign) == _tables_of_world(world)
    _use_shop(shop, campaign, world / "inputs" / "products.csv")
    return FINE if same else CHANGED if is_signed else SILENT


def _change_table(rows: pl.DataFrame, draws: random.Random) -> bytes:
    """A table of a stranger: a column missing, of another type, null, repeated or with values at the limits."""
    import io

    name = draws.choice([name for name, dtype in rows.schema.items() if not dtype.is_nested()])
    kind = draws.randrange(6)
    if kind == 0:
        rows = rows.drop(name)
    elif kind == 1:
        rows = rows.with_columns(pl.lit(None, rows.schema[name]).alias(name))
    elif kind == 2:
        rows = rows.with_columns(pl.col(name).cast(draws.choice([pl.String, pl.Int64, pl.Float64]), strict=False))
    elif kind == 3:
        rows = pl.concat([rows, rows])
    elif kind == 4:
        number = draws.choice([2**31 - 1, -(2**31), 2**62, -1, 0])
        rows = rows.with_columns(pl.lit(number, pl.Int64).cast(rows.schema[name], strict=False).alias(name))
    else:
        rows = rows.sample(fraction=1, shuffle=True, seed=draws.randrange(2**31)).head(draws.randrange(rows.height + 1))
    buffer = io.BytesIO()
    rows.write_parquet(buffer)
    return buffer.getvalue()


def _sign_tables(shop: Path) -> None:
    file = shop / "shop.json"
    values = json.loads(file.read_bytes())
    for table in values["tables"].values():
        content = (shop / table["file"]).read_bytes()
        table |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        with suppress(pl.exceptions.PolarsError, pl.exceptions.PanicException):
            table["rows"] = pl.read_parquet(content).height
    file.write_text(json.dumps(values))
    _seal(file)


@cache
def _tables_of_world(world: Path) -> str:
    return _digest_tables(world / "shop", world / "campaign")


def _digest_tables(shop: Path, campaign: Path) -> str:
    """Everything that the tables of a shop and a campaign say, read as the commands read them."""
    from frontrow.campaign.record.campaign import Campaign
    from frontrow.campaign.record.contact_log import ContactLog, HeldOutLog
    from frontrow.shop.shop import Shop

    opened = Shop.read(shop)
    frames = [opened.orders.collect(), opened.products, opened.customers.collect(), Campaign.read(campaign).assignment]
    frames += [ContactLog.read(shop).rows, HeldOutLog.read(shop).rows]
    return hashlib.sha256("".join(frame.write_json() for frame in frames).encode()).hexdigest()


def _model(name: str) -> Run:
    """A file of a trained recommender: bits flipped, or arrays, trees and values changed and signed anew."""

    def run(world: Path, folder: Path, draws: random.Random) -> str:
        model = Path(shutil.copytree(world / "models" / name, folder / "model"))
        is_signed = _change_model(model, draws)
        lists = _lists(model)
        return FINE if lists == _lists_of_world(world / "models" / name) else CHANGED if is_signed else SILENT

    return run


def _change_model(model: Path, draws: random.Random) -> bool:
    """Change a file of a saved model; return whether it was signed anew."""
    files = sorted(path for path in model.rglob("*") if path.is_file())
    file = draws.choice(files)
    kind = draws.randrange(5)
    if kind == 0:
        file.write_bytes(flip_bit(file.read_bytes(), draws))
        return False
    if kind == 1:
        file.write_bytes(draws.choice([path for path in files if path.suffix == file.suffix]).read_bytes())
    elif file.suffix == ".safetensors":
        _change_arrays(file, draws)
    elif file.suffix == ".json":
        file.write_bytes(change_json(file.read_bytes(), draws))
    elif file.suffix == ".txt":
        file.write_bytes(_change_trees(file.read_bytes(), draws))
    elif file.suffix == ".parquet":
        file.write_bytes(_change_table(pl.read_parquet(file), draws))
    else:
        file.write_bytes(change_bytes(file.read_bytes(), draws))
    sign_model(model)
    return True


def _change_arrays(file: Path, draws: random.Random) -> None:
    from safetensors.numpy import load, save

    if draws.random() < 0.2:
        file.write_bytes(change_bytes(file.read_bytes(), draws))
        return
    arrays = load(file.read_bytes())
    if arrays:
        name = draws.choice(sorted(arrays))
        arrays[name] = np.ascontiguousarray(change_array(arrays[name], draws))
        if draws.random() < 0.1:
            del arrays[name]
    file.write_bytes(save(arrays))


def _change_trees(content: bytes, draws: random.Random) -> bytes:
    """Exchange numbers of a text of trees for others, or its bytes."""
    if draws.random() < 0.3:
        return change_bytes(content, draws)
    lines = content.decode().split("\n")
    for _ in range(draws.randint(1, 3)):
        number = draws.randrange(len(lines))
        key, sign, values = lines[number].partition("=")
        words = values.split(" ")
        words[draws.randrange(len(words))] = draws.choice(
            ["-1", "0", "1", "99999", "-99999", "nan", "inf", "1e300", "", "x"]
        )
        lines[number] = f"{key}{sign}{' '.join(words)}"
    return "\n".join(lines).encode()


def sign_model(model: Path) -> None:
    """Write the SHA-256 of every file into the manifests anew, as a stranger would."""
    for manifest in sorted(model.rglob(MANIFEST), key=lambda path: -len(path.parts)):
        try:
            values = json.loads(manifest.read_bytes())
            for name in values["files"]:
                values["files"][name] = hashlib.sha256((manifest.parent / name).read_bytes()).hexdigest()
            if "parts" in values:
                from frontrow.recommend.trained_parts import digest_parts

                values["parts"] = digest_parts(manifest.parent / values["folder"])
            manifest.write_text(json.dumps(values))
            _seal(manifest)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue


@cache
def _lists_of_world(model: Path) -> str:
    return _lists(model)


def _lists(model: Path) -> str:
    """The lists that a trained recommender gives, as text."""
    from frontrow.recommend.trained import TrainedRecommender

    trained = TrainedRecommender.load(model)
    queries = trained.queries(np.array([*trained.customer_ids[:6].tolist(), 10**9]))
    lists = trained.recommend(queries, k=5)
    scores = trained.fitted.scores(queries)
    similar = trained.similarity.similar(np.array([0, 1]))
    return f"{lists.columns.tolist()} {scores.tolist()} {similar.tolist()} {trained.items.write_json()}"


def _launch_model(world: Path, folder: Path, draws: random.Random) -> str:
    """A saved launch model."""
    from frontrow.launch.model.launch_model import LaunchModel

    (saved,) = [path for path in (world / "shop" / "models").iterdir() if path.is_dir()]
    model = Path(shutil.copytree(saved, folder / "model"))
    is_signed = _change_model(model, draws)
    scores = _scores(LaunchModel.load(model))
    return FINE if scores == _scores_of_world(saved) else CHANGED if is_signed else SILENT


@cache
def _scores_of_world(model: Path) -> str:
    from frontrow.launch.model.launch_model import LaunchModel

    return _scores(LaunchModel.load(model))


def _scores(model: Any) -> str:
    rows = np.random.default_rng(0).normal(size=(30, len(model.boosting.features))).astype(np.float32)
    said = [model.boosting.probability(rows).tolist(), model.boosting.contributions(rows[:5]).tolist()]
    return f"{said} {model.settings} {model.calibration} {model.cutoff} {model.launches} {model.buyers}"


ORDER_SAMPLES = ("shopify_orders.csv", "order_lines.csv", "online_retail.csv", "cleaned_table.csv")
OTHER_SAMPLES = (
    *("shopify_customers_current.csv", "shopify_customers_older.csv"),
    *("shopify_products_2025.csv", "shopify_products_classic.csv"),
)
INPUTS: dict[str, Run] = {
    **{f"CSV {sample}": _import(_change_text, ".csv", sample) for sample in (*ORDER_SAMPLES, *OTHER_SAMPLES)},
    **{f"Parquet {sample}": _import(change_columns, ".parquet", sample) for sample in (*ORDER_SAMPLES, *OTHER_SAMPLES)},
    **{f"Excel {sample}": _import(_change_workbook, ".xlsx", sample) for sample in ORDER_SAMPLES},
    "new products": _input("products.csv", _use_products),
    "launch dates": _input("launch_dates.csv", _use_launch_dates),
    "suppression list": _input("suppress.csv", _use_suppression),
    "customer numbers": _input("customers.csv", _use_lists("customers")),
    "customers by id": _input("source_ids.csv", _use_lists("customers")),
    "first orders": _input("contexts.csv", _use_lists("contexts")),
    "rules": _input("rules.toml", _use_lists("rules")),
    "stock": _input("stock.csv", _use_lists("rules")),
    "basket": _basket,
    **{name: _edited(name) for name in ("config.json", "product_rules.json")},
}
"""By name, what changes an input and runs a command on it."""

OWN: dict[str, Run] = {
    "tables": _table,
    **{name: _edited(name) for name in ("shop.json", "campaign.json")},
    "launch model": _launch_model,
    **{f"model {name}": _model(name) for name in models(small=False)},
}
"""The same of the shop's own files and models."""
