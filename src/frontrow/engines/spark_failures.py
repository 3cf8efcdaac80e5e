"""What a person is told when Spark fails: what happened and what to do, instead of a page of Java."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from frontrow.errors import EngineError

ADVICE: Final[Mapping[str, str]] = {
    r"No module named '(frontrow|polars|lightgbm|pyarrow|numpy)[\w.]*'": (
        "A worker has no {0}. Install frontrow[spark] in the Python of every worker, in the same version as here, and "
        "say with PYSPARK_PYTHON which Python that is."
    ),
    r"PYTHON_VERSION_MISMATCH": (
        "The workers have another version of Python than this machine. Install the same one on all machines, and say "
        "with PYSPARK_PYTHON where it is."
    ),
    r"JAVA_GATEWAY_EXITED": (
        "Java did not start on this machine. Install Java 17 or newer, and say with JAVA_HOME where it is."
    ),
    r'Cannot run program "([^"]+)"': (
        "A worker has no program {0}. Say with PYSPARK_PYTHON where Python is on the workers."
    ),
    r"No such file or directory[^\n]*?(?:: |\()([^\n:()]+\.parquet)": (
        "A worker cannot read {0}. Publish the shop in an object store, or keep it in a folder that every machine can "
        "reach under the same path."
    ),
    r"object-store error[^\n]*\b(?:401|403)\b|AccessDenied|Missing [^\n]*(?:[Kk]ey|[Cc]redential)": (
        "A worker may not read the published shop. Workers use the variables and the role of their own machine, and no "
        "key is sent to them: docs/running.md has the least rights."
    ),
    r"object-store error[^\n]*not found": (
        "A worker does not find a table of the published shop. Was the shop published again meanwhile? Then run the "
        "command again."
    ),
    r"object-store error": (
        "A worker cannot reach the object store of the published shop. Set region and endpoint on the workers as here: "
        "docs/running.md has the variables."
    ),
    r"spark\.driver\.maxResultSize": (
        "The results are larger than Spark lets this machine receive. Raise spark.driver.maxResultSize, or ask about "
        "fewer products at a time."
    ),
    r"OutOfMemoryError|MemoryError|Container killed": (
        "A worker ran out of memory. Give the executors more, or fewer tasks at a time."
    ),
    r"ExecutorLostFailure|executor lost": "The same task lost its executor too often. See the logs of the workers.",
}
"""What to do, by a pattern of Spark's own message; the first that matches counts."""


@contextmanager
def describe_failures(name: str) -> Iterator[None]:
    """Say what went wrong on a cluster, where it is not a defect of frontrow.

    Args:
        name: Of the engine.

    Raises:
        EngineError: Spark failed.
    """
    from pyspark.errors import PySparkException, PythonException

    try:
        yield
    except Exception as error:
        # by name: a client of Spark Connect comes without py4j, and with gRPC
        is_of_spark = type(error).__module__.split(".")[0] in ("py4j", "grpc")
        if not (is_of_spark or isinstance(error, (PySparkException, ConnectionError))):
            raise
        text = str(error)
        advice = find_advice(text)
        if advice is None and isinstance(error, PythonException):
            raise  # the step itself is wrong
        first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
        raise EngineError(f"{name} could not finish. {advice or f'Spark says: {first[:300]}'}") from error


def find_advice(text: str) -> str | None:
    """What to do about a message of Spark; None if it is not one of those that are expected.

    Args:
        text: The whole message, with the traceback of the worker.

    Example:
        >>> find_advice("ModuleNotFoundError: No module named 'frontrow'").split(".")[0]
        'A worker has no frontrow'
    """
    for pattern, advice in ADVICE.items():
        if match := re.search(pattern, text):
            return advice.format(*match.groups())
    return None
