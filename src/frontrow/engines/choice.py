"""Which engine a name or an address means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from frontrow.errors import SettingError

if TYPE_CHECKING:
    from frontrow.engines.engine import Engine

LOCAL_NAME: Final = "local"
_SPARK = re.compile(r"(spark|sc)://[^\s/]\S*|local-cluster\[\d+,\d+,\d+\]|local\[(\d+|\*)\]")
_SECRET = re.compile(r"token\s*=|//[^/]*@", re.IGNORECASE)


def check_engine(engine: object) -> str:
    """The name or the address of an engine, if it is one.

    Args:
        engine: As a person typed it.

    Raises:
        SettingError: There is no such engine, or the address holds a secret; the message does not show one.

    Example:
        >>> check_engine("spark://master:7077")
        'spark://master:7077'
    """
    # an address is in messages, in logs and in the configuration
    if isinstance(engine, str) and _SECRET.search(engine):
        raise SettingError(
            "engine",
            "An address does not hold a token or a password. Write sc://HOST:PORT, and put the token into the variable "
            "SPARK_CONNECT_AUTHENTICATE_TOKEN.",
        )
    if not isinstance(engine, str) or not (engine == LOCAL_NAME or _SPARK.fullmatch(engine)):
        raise SettingError(
            "engine",
            f'"{engine}" is no engine. Write local, spark://HOST:PORT, sc://HOST:PORT, or to try Spark on this machine '
            "local-cluster[2,1,1024].",
        )
    return engine


def choose_engine(engine: str | None) -> Engine:
    """The engine of a name or an address.

    Args:
        engine: `local` or None for this machine; `spark://HOST:PORT` for the master of a Spark cluster, `sc://HOST:PORT`
            for a Spark Connect server, `local-cluster[WORKERS,CORES,MEGABYTES]` or `local[CORES]` to try Spark here.

    Raises:
        SettingError: There is no such engine.

    Example:
        >>> choose_engine(None).name
        'local'
    """
    from frontrow.engines.local import LOCAL
    from frontrow.engines.spark import SparkEngine

    checked = check_engine(engine or LOCAL_NAME)
    return LOCAL if checked == LOCAL_NAME else SparkEngine(checked)
