"""CPU seconds of one `frontrow audience` by part, in a process of its own; `audience_speed.py` runs it.

    python benchmarks/audience_parts.py SHOP --products FILE --output FILE

The arguments are those of `frontrow audience`. The last line printed is JSON: seconds of the processor by part, all
threads together, and the peak of memory in megabytes.
"""

from __future__ import annotations

import functools
import importlib
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from frontrow.cli.tree_import import import_trees_alone

REST: Final = "start, imports, tables on the screen"

PARTS: Final = (
    ("frontrow.launch.life_cycle", "compute_life_cycles", "life cycles"),
    ("frontrow.models.gradient_boosting", "GradientBoosting.fit_binned", "trees"),
    ("frontrow.models.gradient_boosting", "GradientBoosting.load", "reading the fitted model"),
    ("frontrow.models.gradient_boosting", "GradientBoosting.probability", "scores"),
    ("frontrow.launch.calibration.calibration", "Calibration.fit", "calibration"),
    ("frontrow.launch.model.scoring_set", "build_scoring_set", "neighbours"),
    ("frontrow.launch.model.episodes", "build_block_purchases", "purchases"),
    ("frontrow.launch.model.episodes", "select_scored_customers", "features"),
    ("frontrow.launch.model.episodes", "build_features", "features"),
    ("frontrow.launch.model.episodes", "build_episodes", "features"),
    ("frontrow.launch.model.walk_forward", "fit_folds", "trees of the walk forward"),
    ("frontrow.launch.model.walk_forward", "score_past_launches", "calibration"),
    ("frontrow.launch.audience.reasons", "add_reasons", "reasons"),
    ("frontrow.launch.audience.audience", "_rank", "ranks"),
    ("frontrow.launch.audience.similar_launches", "find_similar_launches", "similar launches"),
    ("frontrow.storage.table_output", "TableFile.write", "writing the table"),
    ("frontrow.service.opening", "open_shop", "reading the shop"),
)
"""Module, function and part, the modules that others import first: who imports a function then gets the timed one."""

INSIDE: Final = {("trees of the walk forward", "trees"): "trees of the walk forward"}
"""A part inside another that counts as the outer one; all others count as themselves, and their outer one pauses."""


class PartTimes:
    """Adds up the processor's seconds of whatever part runs at the moment."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = [REST]
        self._since = 0.0

    def enter(self, part: str) -> None:
        """A part begins; the one around it pauses."""
        self._add()
        self._running.append(INSIDE.get((self._running[-1], part), part))

    def leave(self) -> None:
        """The part that runs ends; the one around it goes on."""
        self._add()
        self._running.pop()

    def finish(self) -> dict[str, float]:
        """The seconds of all parts so far."""
        self._add()
        return dict(self.seconds)

    def _add(self) -> None:
        now = time.process_time()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now


def time_parts(times: PartTimes) -> None:
    """Replace every function of `PARTS` by one that says when it begins and ends."""
    for module_name, path, part in PARTS:
        *owner, name = path.split(".")
        module = importlib.import_module(module_name)
        holder = getattr(module, owner[0]) if owner else module
        function = getattr(holder, name)
        if isinstance(vars(holder)[name], classmethod):
            setattr(holder, name, staticmethod(_timed(function, part, times)))
        else:
            setattr(holder, name, _timed(function, part, times))


def _timed(function: Callable[..., Any], part: str, times: PartTimes) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        times.enter(part)
        try:
            return function(*arguments, **options)
        finally:
            times.leave()

    return call


def main() -> None:
    times = PartTimes()
    import_trees_alone()
    times.enter("importing LightGBM")
    importlib.import_module("lightgbm")
    times.leave()
    time_parts(times)
    from frontrow.cli.application import main as run_application

    sys.argv[1:1] = ["audience"]
    try:
        run_application()
    except SystemExit as end:
        if end.code:
            raise
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    print("\n" + json.dumps({"parts": times.finish(), "peak_megabytes": peak}))


if __name__ == "__main__":
    main()
