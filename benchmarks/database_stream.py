"""How much memory and time a query of many rows takes: each size in a process of its own, from a PostgreSQL of its own.

Usage: python benchmarks/database_stream.py [ROWS...]. Needs Debian's postgresql.
"""

import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "sources"))

from postgresql_server import reason_to_skip, run_server

from frontrow.remote.secrets import SecretReference
from frontrow.sources.connector import FetchRequest, get_connector
from frontrow.sources.source import Source

VARIABLE = "BENCHMARK_DATABASE"
QUERY = """SELECT 'R-' || number / 3 AS order_id, timestamptz '2026-01-01' + number * interval '1 second' AS ordered_at,
'C' || number % 90000 AS customer_id, md5((number % 5000)::text) AS sku, 'A pot of clay, ' || number % 5000 AS title,
1 + number % 3 AS quantity, (number % 10000)::numeric / 100 AS price, ARRAY['garden', 'clay'] AS tags
FROM generate_series(1, {rows}) AS number"""


def main() -> None:
    """Start the server, and fetch each number of rows in a child."""
    if len(sys.argv) > 2 and sys.argv[1] == "--fetch":
        fetch(int(sys.argv[2]))
        return
    if reason := reason_to_skip():
        sys.exit(reason)
    with run_server() as server:
        environment = {**os.environ, VARIABLE: server.url()}
        for rows in sys.argv[1:] or ("1000", "300000", "3000000"):
            subprocess.run([sys.executable, __file__, "--fetch", rows], env=environment, check=True)


def fetch(rows: int) -> None:
    """Fetch so many rows, and print what it took."""
    source = Source(
        "main", "postgresql", {"query": QUERY.format(rows=rows)}, {"url": SecretReference.parse(f"env:{VARIABLE}")}
    )
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        request = FetchRequest(source, {}, Path(folder), dt.datetime.now(dt.UTC))
        fetched = get_connector("postgresql").fetch(request)
        seconds = time.perf_counter() - start
        size = fetched.files[0].stat().st_size
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{fetched.counts['rows']:>10,} rows: {seconds:6.1f} s, {memory:,} MB of memory, {size / 1e6:,.1f} MB on disk"
    )


if __name__ == "__main__":
    main()
