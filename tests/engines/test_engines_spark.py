"""Steps on Spark: life cycles, training rows, models and scores as on one machine, to the last bit."""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from spark_sessions import executor_processes

from frontrow.engines.blocks import Block
from frontrow.engines.choice import choose_engine
from frontrow.engines.engine import Engine
from frontrow.engines.local import LOCAL
from frontrow.engines.spark import SparkEngine
from frontrow.engines.spark_failures import find_advice
from frontrow.engines.spark_session import PACKAGES, compare_versions
from frontrow.engines.worker import PIECE_BYTES, BlockTask, OneThread, cut_result
from frontrow.errors import EngineError, InputError, SettingError, ShopError
from frontrow.launch.audience.audience import score_audience
from frontrow.launch.backtest.backtest import BacktestSettings, backtest
from frontrow.launch.calibration.calibration import CalibrationSettings
from frontrow.launch.life_cycle import compute_life_cycles
from frontrow.launch.model.launch_model import LaunchModel
from frontrow.launch.settings import LaunchSettings
from frontrow.models.gradient_boosting import BoostingSettings
from frontrow.shop.config import ShopConfig
from frontrow.shop.shop import Shop
from frontrow.synthetic import SyntheticShop
from frontrow.testing.loopback.s3 import Bucket
from frontrow.testing.loopback.server import LoopbackServer

# Spark's client leaves sockets open and calls deprecated functions of its dependencies.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def spark(local_cluster: Any) -> SparkEngine:
    """The engine on a cluster of two workers."""
    return SparkEngine("local-cluster", local_cluster)


@dataclass(frozen=True)
class KindsOfColumns:
    """A step whose result has columns of many types, and more than one piece of an answer."""

    rows: int

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Make a table of some lines."""
        return lines.select(
            pl.col("customer_id").cast(pl.Int32),
            label=pl.col("day").cast(pl.String).cast(pl.Categorical),
            third=pl.col("day") / 3,
            days=pl.col("day").implode().over("customer_id", mapping_strategy="join"),
        ).head(self.rows)


@dataclass(frozen=True)
class ReportThreads:
    """A step that says how many threads Polars has where it runs."""

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Count threads."""
        return lines.select(pl.lit(pl.thread_pool_size()).alias("threads")).head(1)


@dataclass(frozen=True)
class ReportProcess:
    """A step that says in which process it runs."""

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Name the process, and take a while, so that one executor does not do it all."""
        time.sleep(0.5)
        return lines.select(pl.lit(os.getppid()).alias("process")).head(1)


@dataclass(frozen=True)
class Refuse:
    """A step that finds a fault in a file."""

    def __call__(self, _: pl.DataFrame) -> pl.DataFrame:
        """Raise an error of frontrow."""
        raise InputError("is not a date", file="orders.csv", row=7, column="Created at", advice="Export it again.")


@dataclass(frozen=True)
class WaitOnce:
    """A step that takes long in the block of day 20, the first time, and says so."""

    folder: str

    def __call__(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Add up days."""
        started = Path(self.folder) / "started"
        if 20 in lines["day"] and not started.exists():
            started.write_text(str(os.getpid()))
            time.sleep(30)
        return lines.group_by("customer_id").agg(pl.col("day").sum()).sort("customer_id")


@dataclass(frozen=True)
class BlockOfWorker(Block):
    """A block that is read on a worker whose own variables say how a store is opened."""

    variables: Mapping[str, str] = field(default_factory=dict)

    def read(self) -> pl.DataFrame:
        """Read the block there."""
        os.environ.update(self.variables)
        return super().read()


@pytest.fixture
def blocks(tmp_path: Path) -> list[Block]:
    """Four blocks of a file."""
    file = tmp_path / "lines.parquet"
    pl.DataFrame({"customer_id": [1, 2, None, 3] * 10, "day": range(40)}).write_parquet(file)
    return [Block(pl.scan_parquet(file), first_row=start, height=10) for start in range(0, 40, 10)]


def test_results_keep_their_types_and_come_in_the_order_of_blocks(spark: SparkEngine, blocks: list[Block]) -> None:
    step = KindsOfColumns(7)
    expected = list(LOCAL.map_blocks(blocks, step))
    actual = list(spark.map_blocks(blocks, step))
    assert len(expected) == len(actual) == 4
    for frame, other in zip(expected, actual, strict=True):
        assert_frame_equal(frame, other, check_exact=True)


def test_parts_are_written_by_the_workers(spark: SparkEngine, blocks: list[Block], tmp_path: Path) -> None:
    step = KindsOfColumns(7)
    expected = LOCAL.write_blocks(blocks, step, tmp_path / "here").collect()
    for _ in range(2):
        parts = spark.write_blocks(blocks, step, tmp_path / "there")
        assert_frame_equal(expected, parts.collect(), check_exact=True)
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == sorted(
        path.name for path in (tmp_path / "here").iterdir()
    )


def test_a_worker_that_does_not_reach_the_folder_writes_nothing(blocks: list[Block], tmp_path: Path) -> None:
    task = BlockTask(OneThread(), blocks, KindsOfColumns(7), str(tmp_path / "elsewhere" / "parts"))
    batch = pytest.importorskip("pyarrow", reason="needs frontrow[spark]").RecordBatch.from_pydict({"id": [0]})
    (answer,) = task(iter([batch]))
    assert "is not there on the machine that was to write to it" in answer["problem"][0].as_py()
    assert not (tmp_path / "elsewhere").exists()


def test_workers_read_a_store_and_send_what_they_would_write(
    spark: SparkEngine, blocks: list[Block], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that reads a published shop shares no disk with this machine."""
    bucket = Bucket(name="workers")
    bucket.objects["shop/lines.parquet"] = (tmp_path / "lines.parquet").read_bytes()
    expected = LOCAL.write_blocks(blocks, KindsOfColumns(7), tmp_path / "here").collect()
    with LoopbackServer() as server:
        bucket.add_routes(server)
        variables = bucket.variables(server)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        rows = pl.scan_parquet("s3://workers/shop/lines.parquet", glob=False, credential_provider=None)
        there: list[Block] = [
            BlockOfWorker(rows, first_row=block.first_row, height=block.height, variables=variables) for block in blocks
        ]
        monkeypatch.setattr("frontrow.engines.spark.FIRST_ROUND", 3)
        done: list[tuple[int, int]] = []
        parts = spark.write_blocks(there, KindsOfColumns(7), tmp_path / "there", lambda *at: done.append(at))
        assert_frame_equal(parts.collect(), expected, check_exact=True)
        assert done == [(number, 4) for number in range(1, 5)]
        bucket.objects.clear()
        with pytest.raises(EngineError, match="Was the shop published again meanwhile"):
            list(spark.map_blocks(there[:1], KindsOfColumns(7)))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("OSError: object-store error: Server returned 403 Forbidden", "may not read the published shop"),
        ("OSError: object-store error: error sending request", "cannot reach the object store"),
    ],
)
def test_what_a_store_refuses_a_worker_is_explained(text: str, advice: str) -> None:
    assert advice in str(find_advice(text))


def test_what_a_step_refuses_is_said_once(spark: SparkEngine, blocks: list[Block]) -> None:
    message = 'orders.csv, row 7, column "Created at": is not a date. Export it again.'
    with pytest.raises(InputError, match=f"^{re.escape(message)}$") as refusal:
        list(spark.map_blocks(blocks, Refuse()))
    assert (refusal.value.file.name, refusal.value.row, refusal.value.column) == ("orders.csv", 7, "Created at")


def test_settings_of_a_session_are_what_they_were(spark: SparkEngine, blocks: list[Block]) -> None:
    spark.session.conf.set("spark.sql.shuffle.partitions", "5")
    list(spark.map_blocks(blocks[:1], KindsOfColumns(1)))
    assert spark.session.conf.get("spark.sql.shuffle.partitions") == "5"


def test_workers_use_one_thread(spark: SparkEngine, blocks: list[Block]) -> None:
    results = spark.map_blocks(blocks, ReportThreads())
    assert {result.item() for result in results} == {1}


def test_blocks_are_worked_on_in_two_executors(spark: SparkEngine, blocks: list[Block]) -> None:
    assert len(executor_processes(spark.session)) == 2
    processes = {result.item() for result in spark.map_blocks(blocks, ReportProcess())}
    assert len(processes) == 2
    assert os.getpid() not in processes


def test_an_executor_is_lost_in_the_middle(local_cluster: Any, blocks: list[Block], tmp_path: Path) -> None:
    step, results = WaitOnce(str(tmp_path)), list[pl.DataFrame]()
    engine = SparkEngine("local-cluster", local_cluster)
    job = threading.Thread(target=lambda: results.extend(engine.map_blocks(blocks, step)))
    job.start()
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    worker = int((tmp_path / "started").read_text())
    lost = next(number for number in _ancestors(worker) if number in executor_processes(local_cluster))
    os.kill(lost, signal.SIGKILL)
    job.join(60)
    assert lost not in executor_processes(local_cluster)
    expected = list(LOCAL.map_blocks(blocks, step))
    assert len(results) == 4
    for frame, other in zip(expected, results, strict=True):
        assert_frame_equal(frame, other, check_exact=True)


def _ancestors(process: int) -> Iterator[int]:
    while process > 1:
        process = int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])
        yield process


def test_a_result_that_is_too_large_is_an_error_and_a_large_one_comes_in_pieces() -> None:
    large = pl.DataFrame({"number": pl.int_range(0, 3_000_000, eager=True).hash(1)})
    pieces = cut_result(large)
    assert [len(piece) for piece in pieces[:-1]] == [PIECE_BYTES] * (len(pieces) - 1)
    assert len(pieces) > 1
    assert_frame_equal(pl.read_ipc_stream(b"".join(pieces)), large)
    with pytest.raises(EngineError, match=r"3,000,000 rows and .* up to 1 MB can be sent. Ask about fewer products"):
        cut_result(large, 2**20)


def test_lines_in_memory_are_an_error(blocks: list[Block]) -> None:
    in_memory = [replace(block, rows=block.rows.collect().lazy()) for block in blocks]
    with pytest.raises(EngineError, match=r"in the memory of this process.*Write the shop to a folder"):
        list(SparkEngine("spark://nowhere:1").map_blocks(in_memory, Refuse()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop on disk, in the order of its blocks."""
    folder = tmp_path_factory.mktemp("shops") / "garden"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("frontrow.shop.order_blocks.BLOCK_LINES", 0)
        patch.setattr("frontrow.shop.order_blocks.STORED_LINES", 200)
        SyntheticShop(customers=500, seed=1, days=500).shop().write(folder)
    return folder


def _answer(folder: Path, engine: Engine) -> tuple[pl.DataFrame, tuple[str, ...], pl.DataFrame]:
    """Life cycles, texts of the fitted model, and the audience of a new product."""
    settings = LaunchSettings(boosting=BoostingSettings(trees=30))
    history = Shop.read(folder).with_engine(engine).as_of()
    cycles = compute_life_cycles(history)
    model = LaunchModel.fit(history, settings)
    products = pl.DataFrame({"title": ["Terracotta pot"], "price": [19.5]})
    return cycles, model.boosting.ensembles, score_audience(history, products, model).rows


def test_launches_model_and_audience_are_those_of_one_machine(
    spark: SparkEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _answer(folder, LOCAL)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", 450)
    assert len(Shop.read(folder).as_of().order_blocks.split()) >= 3
    actual = _answer(folder, spark)
    assert_frame_equal(expected[0], actual[0], check_exact=True)
    assert expected[1] == actual[1]
    assert_frame_equal(expected[2], actual[2], check_exact=True)


def test_a_back_test_is_that_of_one_machine(spark: SparkEngine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = LaunchSettings(boosting=BoostingSettings(trees=3, seeds=1))
    tested = BacktestSettings(60, refit_days=60, min_buyers=1, calibration=CalibrationSettings(lookback_days=60))
    expected = backtest(Shop.read(folder).as_of(), settings, tested)
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", 1_000)
    actual = backtest(Shop.read(folder).with_engine(spark).as_of(), settings, tested)
    assert_frame_equal(expected.values, actual.values, check_exact=True)
    assert_frame_equal(expected.forecasts.launches, actual.forecasts.launches, check_exact=True)
    assert not list(folder.glob("frontrow-*"))


def test_life_cycles_are_the_same_in_more_blocks(
    spark: SparkEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = compute_life_cycles(Shop.read(folder).as_of())
    monkeypatch.setattr("frontrow.engines.blocks.BLOCK_LINES", 300)
    actual = compute_life_cycles(Shop.read(folder).with_engine(spark).as_of())
    assert_frame_equal(expected, actual, check_exact=True)


def test_workers_of_other_versions_are_an_error() -> None:
    compare_versions({name: version(name) for name in PACKAGES}, "Spark")
    with pytest.raises(EngineError, match=r"have no frontrow, and this machine has .*PYSPARK_PYTHON"):
        compare_versions({"frontrow": None, "polars": version("polars")}, "Spark")
    with pytest.raises(EngineError, match=r"have polars 1\.0, and this machine has .*results could differ"):
        compare_versions({"frontrow": version("frontrow"), "polars": "1.0"}, "Spark")


def test_nothing_answers(blocks: list[Block]) -> None:
    with pytest.raises(EngineError, match=r"^Nothing answers at spark://127\.0\.0\.1:1\. Is Spark running there"):
        list(SparkEngine("spark://127.0.0.1:1").map_blocks(blocks, Refuse()))


def test_an_engine_is_chosen_by_its_address(tmp_path: Path) -> None:
    assert choose_engine("local") is choose_engine(None) is LOCAL
    assert choose_engine("sc://cluster:15002") == SparkEngine("sc://cluster:15002")
    for wrong in ("spark", "spark://", "http://cluster", "local-cluster[2]"):
        with pytest.raises(SettingError, match=r"is no engine\. Write local, spark://HOST:PORT"):
            choose_engine(wrong)
        with pytest.raises(ShopError, match=r"engine: .* is no engine"):
            ShopConfig().with_value("engine", wrong)
    for secret in ("sc://cluster:443/;token=SECRET", "sc://cluster/;use_ssl=true;Token=SECRET", "spark://me:SECRET@h"):
        with pytest.raises(SettingError, match="SPARK_CONNECT_AUTHENTICATE_TOKEN") as raised:
            choose_engine(secret)
        assert "SECRET" not in str(raised.value)
    ShopConfig().with_value("engine", "sc://cluster").write(tmp_path)
    assert ShopConfig.read(tmp_path).engine == "sc://cluster"
