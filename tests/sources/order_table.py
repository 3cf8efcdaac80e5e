"""One table of order lines for every database, with what tables of shops hold: nulls, decimals, odd text."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

COLUMNS = (
    *("receipt", "line", "client", "email", "placed_at", "placed_on", "article", "name", "units", "each_price", "off"),
    *("given_back", "country", "newsletter", "notes", "changed_at"),
)
MAP = (
    "order_id=receipt, customer_id=client, email=email, ordered_at=placed_at, sku=article, title=name, quantity=units, "
    "price=each_price, discount=off, refunded=given_back, accepts_marketing=newsletter, description=notes"
)
QUERY = "SELECT * FROM order_lines ORDER BY receipt, line"
TITLES = ("Terracotta Pot", 'Pot, 12" wide', "Vase \n of glass", "Töpfchen – groß", "=1+1", "  Herbs ", "'Tis a pot")
START = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
Row = dict[str, object]


def make_rows(orders: int = 45, seed: int = 3) -> list[Row]:
    """Order lines; the last column says when a row changed."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for number in range(orders):
        # through the nights in which clocks change in Europe
        placed_at = START + dt.timedelta(hours=29 * number, seconds=chance.randrange(3_600))
        client = None if number % 9 == 0 else f"C{number % 23:04d}"
        for line in range(1, chance.randrange(2, 5)):
            title = chance.choice(TITLES)
            rows.append(
                {
                    "receipt": f"R-{number:05d}",
                    "line": line,
                    "client": client,
                    "email": client and f"{client.lower()}@example.com",
                    "placed_at": placed_at,
                    "placed_on": placed_at.date(),
                    "article": None if title == "=1+1" else f"A-{TITLES.index(title)}",
                    "name": title,
                    "units": chance.randrange(1, 4) if chance.random() > 0.05 else -1,
                    "each_price": Decimal(chance.randrange(1, 100_000)) / 100,
                    "off": None if chance.random() < 0.5 else Decimal(chance.randrange(50)) / 100,
                    "given_back": Decimal("0.10") if chance.random() < 0.1 else None,
                    "country": chance.choice(("DE", "GB", None)),
                    "newsletter": chance.choice((True, False, None)),
                    "notes": "x" * 300_000 if (number, line) == (7, 1) else None,
                    "changed_at": placed_at + dt.timedelta(minutes=5),
                }
            )
    return rows


def literal(value: object) -> str:
    """A value as SQL; a timestamp is written in UTC."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | Decimal):
        return str(value).upper()
    if isinstance(value, dt.datetime):
        return f"'{value:%Y-%m-%d %H:%M:%S}+00'"
    return "'" + str(value).replace("'", "''") + "'"


def insert(rows: list[Row]) -> str:
    """The statement that adds rows to the table."""
    values = ",\n".join(f"({', '.join(literal(row[column]) for column in COLUMNS)})" for row in rows)
    return f"INSERT INTO order_lines ({', '.join(COLUMNS)}) VALUES {values}"


CREATE = """CREATE TABLE order_lines (receipt varchar(20), line integer, client text, email text,
placed_at timestamptz, placed_on date, article text, name text, units smallint, each_price numeric(12, 2), off numeric,
given_back real, country char(2), newsletter boolean, notes text, changed_at timestamptz)"""
CREATE_DUCKDB = CREATE.replace("numeric,", "decimal(10, 2),")
CREATE_SQLITE = CREATE.replace("timestamptz", "text").replace("boolean", "integer").replace("numeric(12, 2)", "real")
