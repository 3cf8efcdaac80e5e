"""Files that tables of results are written to, in the format that a person chose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.errors import InputError
from frontrow.storage.folder import replace_file
from frontrow.tables.csv_output import write_csv

FORMATS: Final = {"csv": ".csv", "parquet": ".parquet", "jsonl": ".jsonl"}
"""The suffix of each format."""


@dataclass(frozen=True)
class TableFile:
    """A file that a table is written to, checked before any work is done.

    Attributes:
        path: Where it is written.
        format: One of `FORMATS`.
    """

    path: Path
    format: str

    @classmethod
    def choose(cls, file: str | Path, format: str | None = None) -> TableFile:
        """Return a file with its format: the given one, else that of its suffix.

        Args:
            file: Where to write.
            format: One of `FORMATS`, or None for that of the suffix.

        Raises:
            InputError: The file is a folder, or neither the format nor the suffix is one of `FORMATS`.

        Example:
            >>> TableFile.choose("lists.csv").format, TableFile.choose("lists.txt", "jsonl").format
            ('csv', 'jsonl')
        """
        file = Path(file)
        if file.is_dir():
            raise InputError("is a folder", file=file, advice="Choose another name.")
        by_suffix = {suffix: name for name, suffix in FORMATS.items()}
        chosen = format if format is not None else by_suffix.get(file.suffix.lower())
        if chosen not in FORMATS:
            problem = (
                f'"{format}" is not a format of tables' if format is not None else "the suffix is not that of a table"
            )
            advice = f"Choose one of {', '.join(FORMATS.values())}, or give --format {'|'.join(FORMATS)}."
            raise InputError(problem, file=file, advice=advice)
        return cls(file, chosen)

    def write(self, rows: pl.DataFrame) -> None:
        """Write a table in one step; CSV as `tables.csv_output.write_csv` does."""
        with replace_file(self.path) as staged:
            if self.format == "parquet":
                rows.write_parquet(staged)
            elif self.format == "jsonl":
                rows.write_ndjson(staged)
            else:
                write_csv(rows, staged)

    def write_streamed(self, rows: pl.LazyFrame) -> None:
        """Write a table that may be larger than the memory in one step, a part at a time, in its order.

        Args:
            rows: The table, not read yet.
        """
        with replace_file(self.path) as staged:
            if self.format == "parquet":
                rows.sink_parquet(staged)
                return
            with staged.open("wb") as file:
                if self.format == "csv":
                    # here, because a table without rows comes in no batch
                    write_csv(pl.DataFrame(schema=rows.collect_schema()), file)
                for batch in rows.collect_batches(maintain_order=True):
                    if self.format == "jsonl":
                        batch.write_ndjson(file)
                    else:
                        write_csv(batch, file, header=False)
