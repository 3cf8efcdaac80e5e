"""What the connectors of databases have in common: a query's rows become one Parquet file of order lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import polars as pl

from frontrow.errors import InputError, SettingError
from frontrow.importing.formats.order_lines import choose_columns
from frontrow.sources.connector import Connector, ConnectorSetting, Fetched, FetchRequest
from frontrow.sources.databases.changes import OVERLAP_DAYS, Begin, find_latest, read_overlap, state_begin
from frontrow.sources.databases.dialect import Column, Dialect
from frontrow.sources.databases.failures import Failures
from frontrow.sources.databases.query import Query
from frontrow.sources.databases.session import DriverSettings, Session, require_drivers
from frontrow.sources.mapping import read_mapping
from frontrow.tables.table_file import Table

FORMAT: Final = "order_lines"
FILE: Final = "order_lines.parquet"

QUERY_SETTINGS: Final = (
    ConnectorSetting("query", "a query that gives one row an order line", required=False),
    ConnectorSetting("query_file", "instead, the whole path of a file that holds the query", required=False),
    ConnectorSetting(
        "map", "field=Column, where a column has another name; several with commas between", required=False
    ),
    ConnectorSetting(
        "changed_column", "the column that says when a row changed, to read only what is new", required=False
    ),
    ConnectorSetting(
        "overlap_days", "how many days before the latest change to begin", required=False, default=str(OVERLAP_DAYS)
    ),
)
"""What every database needs to know beside how it is reached."""


class DatabaseConnector(Connector):
    """Reads a query of one kind of database.

    Attributes:
        dialect: How it writes what is put around a query.
    """

    dialect: ClassVar[Dialect]

    @abstractmethod
    def open_driver(self, request: FetchRequest) -> tuple[DriverSettings, Failures]:
        """How the database is opened, and what its errors mean.

        Raises:
            CredentialError: A secret is not where the source says.
            SettingError: A setting cannot be used.
        """

    def describe_access(self, session: Session) -> tuple[str, ...]:  # noqa: ARG002
        """Sentences about what the user of the database may do that it need not; most have none."""
        return ()

    def fetch(self, request: FetchRequest) -> Fetched:
        """See `Connector.fetch`."""
        query = Query.read(request.source.settings, self.dialect)
        changed_column = request.setting("changed_column")
        with self._open(request) as session:
            columns = session.columns(query)
            chosen = choose_fields(columns, read_mapping(request.setting("map")))
            if changed_column:
                changed_column = _find_column(columns, changed_column)
            begin = _find_begin(request, query, changed_column, chosen["order_id"])
            file = request.folder / FILE
            sql = query.with_rows(columns, begin)
            rows = session.write(sql, file, skipped_rows=int(self.dialect.is_text_only))
        bookmark = {"query": query.digest}
        if changed_column:
            before = str(request.bookmark["changed"]) if begin else ""
            bookmark["changed"] = find_latest(file, changed_column, request.now) or before
        if not rows:
            file.unlink()
        warnings = () if rows or begin else ("The query gave no row. Try it in the database's own console.",)
        return Fetched(
            files=(file,) if rows else (),
            bookmark=bookmark,
            format=FORMAT,
            mapping=chosen,
            counts={"rows": rows},
            warnings=warnings,
        )

    def check_access(self, request: FetchRequest) -> tuple[str, ...]:
        """See `Connector.check_access`."""
        query = Query.read(request.source.settings, self.dialect)
        read_overlap(request.source.settings)
        with self._open(request) as session:
            columns = session.columns(query)
            chosen = choose_fields(columns, read_mapping(request.setting("map")))
            if changed_column := request.setting("changed_column"):
                _find_column(columns, changed_column)
            # only a query that is run shows whether its tables may be read
            session.answer(query.without_rows())
            of_user = self.describe_access(session)
        fields = ", ".join(f"{field}={column}" for field, column in chosen.items())
        return (f"{self.title} answers. The query has {len(columns)} columns: {fields}.", *of_user)

    def _open(self, request: FetchRequest) -> Session:
        require_drivers(self.packages)
        driver, failures = self.open_driver(request)
        return Session(driver, failures)


def choose_fields(columns: Sequence[Column], mapping: Mapping[str, str]) -> dict[str, str]:
    """Which column holds which field: as mapped, of the field's own name, or guessed from its name.

    Args:
        columns: The columns of a query's answer.
        mapping: Field to column, as a person wrote it.

    Raises:
        SettingError: A field that every order line needs has no column.
    """
    names = tuple(column.name for column in columns)
    rows = pl.LazyFrame(schema=dict.fromkeys(names, pl.String))
    try:
        return choose_columns(Table(Path("query"), names, rows), mapping)[0]
    except InputError as error:
        sentence = error.sentence.replace("--map ", "--set map=")
    raise SettingError("map", f"{sentence[0].upper()}{sentence[1:]}")


def _find_column(columns: Sequence[Column], name: str) -> str:
    for column in columns:
        if column.name.casefold() == name.strip().casefold():
            return column.name
    raise SettingError("changed_column", f'The query has no column "{name}". Select it, or leave changed_column out.')


def _find_begin(request: FetchRequest, query: Query, changed_column: str, order_column: str) -> Begin | None:
    """Where this sync begins; None for the whole query: the first time, and where the query is another one."""
    overlap_days = read_overlap(request.source.settings)
    bookmark: Mapping[str, Any] = request.bookmark
    latest = str(bookmark.get("changed") or "")
    if not changed_column or not latest or bookmark.get("query") != query.digest:
        return None
    return Begin(changed_column, order_column, state_begin(latest, overlap_days))
