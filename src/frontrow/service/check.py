"""Check a shop: compare every file with its checksum and what it says with what a shop can have; repair what can be."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.campaign.record.contact_log import rebuild_logs
from frontrow.campaign.record.register import complete_campaigns
from frontrow.errors import FrontrowError, SettingError, ShopError
from frontrow.launch.model.calibrated_model import FOLDER
from frontrow.masking import describe_value
from frontrow.present.section import Section, Sentence, Table
from frontrow.recommend.trained_register import TRAINING, finish_training
from frontrow.service.unfinished import finish_forgetting
from frontrow.shop.check import Finding, TableCheck, check_schemas, check_tables
from frontrow.shop.config import ShopConfig
from frontrow.shop.erase import UNFINISHED
from frontrow.shop.product_rules import RULES, ProductRules
from frontrow.shop.settings import ShopSettings
from frontrow.sources.checks import complete_source
from frontrow.sources.connector import get_connector
from frontrow.sources.sync_record import SECTION as SOURCES_SECTION
from frontrow.sources.sync_record import read_records
from frontrow.storage.commit import commit, sweep_shop
from frontrow.storage.folder import RECOMMENDERS, write_text
from frontrow.storage.inspection import Inspection, inspect_shop, is_whole_model
from frontrow.storage.pointer import CONTACT_LOG, HELD_OUT_LOG, ORDERS, POINTER, STAGED, UNSUBSCRIBED, Pointer
from frontrow.storage.shop_lock import lock_shop
from frontrow.storage.shop_tables import ShopTables
from frontrow.storage.waiting import DEFAULT_WAIT

LOGS = (CONTACT_LOG, HELD_OUT_LOG, UNSUBSCRIBED)


@dataclass(frozen=True)
class CheckResult:
    """What was found, and what was repaired.

    Attributes:
        folder: The shop's folder.
        tables: Number of tables that were compared with their checksum.
        rows: Number of their rows.
        findings: What is wrong, or was.
        repaired: Whether what can be repaired was.
        removed_lines: Order lines that were removed by request.
        notices: Sentences about what this run does differently from what was asked or stated.
    """

    folder: Path
    tables: int
    rows: int
    findings: tuple[Finding, ...]
    repaired: bool
    removed_lines: int = 0
    notices: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong now."""
        return all(self.repaired and finding.repair is not None for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "sound": self.sound,
            "tables": self.tables,
            "rows": self.rows,
            "repaired": self.repaired,
            "removed_order_lines": self.removed_lines,
            "findings": [asdict(finding) for finding in self.findings],
        }

    def sections(self) -> list[Section]:
        """What is wrong, and what was done or is to do."""
        blocks: list[Sentence | Table] = []
        if self.removed_lines:
            removed = f"{self.removed_lines:,} order lines removed. An export that has them brings them again."
            blocks.append(Sentence(removed))
        if not self.findings:
            sentence = f"{self.folder} is sound: {self.tables} tables with {self.rows:,} rows are what was written."
            return [Section("check", "", (*blocks, Sentence(sentence)))]
        rows = [(finding.problem, self._say(finding), finding.advice) for finding in self.findings]
        blocks.append(Table(f"What is wrong in {self.folder}", ("what", "repair", "to do"), rows))
        if not self.repaired and any(finding.repair for finding in self.findings):
            blocks.append(Sentence(f"Repair it with: frontrow check {self.folder} --repair"))
        return [Section("check", "", tuple(blocks))]

    def _say(self, finding: Finding) -> str:
        if finding.repair is None:
            return "cannot be repaired"
        return f"done: {finding.repair}" if self.repaired else finding.repair


def check_shop(
    folder: Path, *, repair: bool = False, remove_orders: Sequence[str] = (), wait: float = DEFAULT_WAIT
) -> CheckResult:
    """Look at everything a shop keeps; say what is wrong, and repair what can be repaired.

    Args:
        folder: The shop's folder.
        repair: Repair what can be repaired.
        remove_orders: Ids of orders to remove.
        wait: Seconds to wait for another command that is changing the shop.

    Raises:
        ShopError: The folder holds no shop, nothing is left that says what it was, or there is no such order.
        ShopLockedError: Another command did not finish in time.
    """
    # what an interrupted command left is to be counted before it goes
    with lock_shop(folder, "check", wait=wait, sweep=False):
        inspection = inspect_shop(folder)
        findings = [
            *_check_files(inspection),
            *_check_texts(folder),
            *_check_sources(folder, inspection, repair=repair),
            *_check_caches(folder, repair=repair),
        ]
        if repair:
            _repair_files(folder, inspection)
        table_check = _check_rows(folder, inspection)
        findings += table_check.findings
        if repair and table_check.repaired:
            commit(folder, {name: rows.lazy() for name, rows in table_check.repaired.items()}, {})
        findings += _check_unfinished(folder, inspection.pointer, repair=repair)
        removed = _remove_orders(folder, remove_orders) if remove_orders else 0
        tables = inspection.pointer.tables.values()
        rows = sum(table.rows for table in tables)
        return CheckResult(folder, len(tables), rows, tuple(findings), repair, removed)


def _check_files(inspection: Inspection) -> Iterator[Finding]:
    if not inspection.sealed:
        whole = not inspection.lost
        yield Finding(
            f"{POINTER} is not as it was written.",
            "it is taken as it is" if whole else None,
            "Compare time zone, currency and grain with: frontrow config SHOP",
        )
    for name in inspection.lost:
        state = "is gone" if name in inspection.missing else "is not what was written"
        file = inspection.pointer.tables[name].file
        if name in LOGS:
            repair = "it is made again from the campaigns' folders"
            yield Finding(f"{file} {state}.", repair, "Days given with --on are lost.")
        else:
            advice = "Put the file back from a copy, or the whole folder, or import the exports into a new folder."
            yield Finding(f"{file} {state}.", None, advice)
    if inspection.leftovers:
        number = len(inspection.leftovers)
        yield Finding(f"An interrupted command left {number} files or folders.", "they are removed")


def _check_texts(folder: Path) -> Iterator[Finding]:
    """The files that a person may edit."""
    for read in (lambda: ShopConfig.read(folder), lambda: ProductRules.read(folder / RULES)):
        try:
            read()
        except FrontrowError as error:
            yield Finding(str(error), None, "Correct the file, or delete it.")


def _check_sources(folder: Path, inspection: Inspection, *, repair: bool) -> Iterator[Finding]:
    """Records of syncs, and what each source states; a record that cannot be read costs a sync from the start."""
    try:
        read_records(folder)
    except ShopError:
        if inspection.sealed:
            if repair:
                commit(folder, {}, {SOURCES_SECTION: {}})
            yield Finding("The record of the last syncs is not what was written.", "the next sync fetches everything")
    try:
        sources = ShopConfig.read(folder).sources.values()
    except ShopError:
        return  # said already
    for source in sources:
        try:
            complete_source(source, get_connector(source.kind).settings)
        except SettingError as error:
            advice = f"State it again with: frontrow source add SHOP {source.kind} --source {source.name} --replace"
            yield Finding(f'The source "{source.name}" cannot be used. {error}', None, advice)


def _check_caches(folder: Path, *, repair: bool) -> Iterator[Finding]:
    """Fitted models that cannot be read: they are fitted again."""
    models = [*(folder / FOLDER).glob("[!.]*"), *(folder / RECOMMENDERS).glob("*/[!.]*")]
    for path in sorted(path for path in models if not is_whole_model(path)):
        if repair:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield Finding(f"The fitted model {path.relative_to(folder)} is damaged.", "it is removed and fitted again")


def _repair_files(folder: Path, inspection: Inspection) -> None:
    if not inspection.sealed and not inspection.lost:
        write_text(inspection.pointer.to_text(), folder / POINTER)
    lost_logs = [name for name in inspection.lost if name in LOGS]
    if lost_logs and set(lost_logs) == set(inspection.lost):
        logs = rebuild_logs(folder)
        commit(folder, {name: logs[name] for name in lost_logs}, {})
    sweep_shop(folder)


def _check_rows(folder: Path, inspection: Inspection) -> TableCheck:
    """What the tables say; nothing where one of them is lost."""
    try:
        tables = ShopTables.open(folder, inspection.pointer.tables)
        settings = ShopSettings.read(folder)
    except ShopError:
        return TableCheck()
    frames = {name: tables.read(name) for name in inspection.pointer.tables}
    wrong = tuple(check_schemas(frames, settings.time_zone))
    return TableCheck(wrong) if wrong else check_tables(frames, dt.datetime.now(dt.UTC).date())


def _check_unfinished(folder: Path, pointer: Pointer, *, repair: bool) -> Iterator[Finding]:
    """What an interrupted command began outside the tables."""
    waiting = pointer.sections.get(STAGED, [])
    if waiting:
        left = complete_campaigns(folder) if repair else []
        state = f"{len(waiting)} campaigns are recorded, and their files are not written yet."
        yield Finding(state, None if left else "they are written", f"Allow writing to {left[0]}." if left else "")
    if pointer.sections.get(TRAINING):
        if repair:
            finish_training(folder)
        yield Finding("A recommender was being saved.", "it is registered, or what is left of it is removed")
    if pointer.sections.get(UNFINISHED):
        _, problems = finish_forgetting(folder) if repair else ([], [])
        state = "The erasure of a person is not finished."
        yield Finding(state, None if problems else "it is finished", " ".join(problems))


def _remove_orders(folder: Path, order_ids: Sequence[str]) -> int:
    """Remove orders from every table that has order ids; return the number of lines."""
    tables = ShopTables.open(folder, Pointer.read(folder).tables)
    frames = {name: tables.read(name) for name in tables.pointer.tables}
    is_removed = pl.col("order_id").is_in(list(order_ids)).fill_null(False)
    orders = frames[ORDERS]
    missing = set(order_ids) - set(orders["order_id"])
    if missing:
        order = describe_value(sorted(missing)[0])
        raise ShopError(f'{folder} has no order {order}. Give the id as in the source, such as "#1001".')
    changed = {name: rows.filter(~is_removed).lazy() for name, rows in frames.items() if "order_id" in rows.columns}
    commit(folder, changed, {})
    return int(orders.select(is_removed.sum()).item())
