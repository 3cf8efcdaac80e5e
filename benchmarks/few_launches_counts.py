"""How many buyers are expected while launches are few: what other shops lend, and whether intervals hold.

    python benchmarks/few_launches_counts.py [--shops demo,codes] [--seeds 0,1,2] [--output ROWS.parquet] [--json]

Walks through every launch of a shop, those with few buyers too. Each is scored by a model of its time, and its count is
calibrated on the launches that had closed before. Launches are grouped by how many these were, and those at a turn of
the season by whether the history held the peak of an earlier year (`few_launches_season.py`).

The last line is what `launch/calibration/parameters.py` lends to a shop with few launches, of launches with fewer than
ten before them: actual buyers for each one expected by the raw model (BORROWED_FACTOR), and the mean (BORROWED_CENTER,
less that of the factor) and the standard deviation (BORROWED_SPREAD) of the logarithm of that ratio. The constants
come from `--shops demo,few_products,codes,strong_season --seeds 3,4`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from few_launches_season import TURNS, name_turn
from few_launches_shops import SHOPS, WITHOUT_SEED, NoDataError

from frontrow.errors import LaunchError
from frontrow.launch.calibration.calibration import Calibration, CalibrationSettings
from frontrow.launch.calibration.season import OrderShares
from frontrow.launch.model.walk_forward import run_walk_forward, score_past_launches
from frontrow.launch.settings import LaunchSettings
from frontrow.shop.shop import Shop

WALK_DAYS = 600
FEW = 10
GROUPS = {"0 to 4": (0, 4), "5 to 9": (5, 9), "10 to 19": (10, 19), "20 and more": (20, 10**9)}
SCHEMA = {
    "shop": pl.String(),
    "turn": pl.String(),
    "earlier": pl.Int64(),
    "raw": pl.Float64(),
    "expected": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "buyers": pl.Float64(),
}


def walk_shop(name: str, shop: Shop) -> pl.DataFrame:
    """One row of `SCHEMA` for each launch that a model of its time has scored."""
    history, settings = shop.as_of(), LaunchSettings()
    walk = run_walk_forward(history, settings, CalibrationSettings(lookback_days=WALK_DAYS))
    scores = score_past_launches(walk.scoring_set, walk.rows, walk.fitted)
    shares = OrderShares.measure(history, settings.horizon_days, settings.active_days)
    first_day = shop.orders.select(pl.col("day").min()).collect().item()
    rows = []
    for launch_day, forecast, buyers in scores.select("launch_day", "forecast", "buyers").iter_rows():
        calibration = Calibration.fit(scores, launch_day, settings.horizon_days, days_on_sale=[], order_shares=shares)
        assert isinstance(calibration, Calibration)
        expected = calibration.in_the_large.buyers(forecast)
        turn = name_turn(launch_day, first_day)
        rows.append((name, turn, calibration.launches, forecast, expected, *calibration.interval(expected), buyers))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def summarize_group(rows: pl.DataFrame) -> dict[str, Any]:
    """Share of the intervals that held, and buyers expected for each one that came."""
    held = (rows["low"] <= rows["buyers"]) & (rows["buyers"] <= rows["high"])
    return {
        "launches": rows.height,
        "coverage": held.mean(),
        "expected_of_actual": rows["expected"].sum() / max(rows["buyers"].sum(), 1.0),
        "median_width": ((rows["high"] + 0.5) / (rows["low"] + 0.5)).median(),
    }


def lent(rows: pl.DataFrame) -> dict[str, float]:
    """Factor and spread of launches with few before them."""
    few = rows.filter(pl.col("earlier") < FEW)
    ratios = np.log((few["buyers"].to_numpy() + 0.5) / (few["raw"].to_numpy() + 0.5))
    factor = float(few["buyers"].sum() / few["raw"].sum())
    return {
        "launches": few.height,
        "factor": factor,
        "center": float(ratios.mean() - np.log(factor)),
        "spread": float(ratios.std()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", default=",".join(SHOPS), help="comma-separated; default: all")
    parser.add_argument("--seeds", default="0,1,2", help="of the made-up shops; default: 0,1,2")
    parser.add_argument("--output", type=Path, help="one row a launch, as Parquet")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    parts = [pl.DataFrame(schema=SCHEMA)]
    for name in arguments.shops.split(","):
        for seed in arguments.seeds.split(",")[: 1 if name in WITHOUT_SEED else None]:
            try:
                parts.append(walk_shop(name, SHOPS[name](int(seed))))
            except (NoDataError, LaunchError) as error:
                print(f"{name}, seed {seed}: skipped, because {error}")
    rows = pl.concat(parts)
    if arguments.output is not None:
        rows.write_parquet(arguments.output)
    conditions = {label: pl.col("earlier").is_between(*bounds) for label, bounds in GROUPS.items()}
    conditions |= {turn: pl.col("turn") == turn for turn in TURNS}
    groups = {
        (shop, label): summarize_group(group)
        for shop, of_shop in [("all", rows), *((name, part) for (name,), part in rows.group_by("shop"))]
        for label, condition in conditions.items()
        if (group := of_shop.filter(condition)).height
    }
    if arguments.json:
        named = [{"shop": shop, "group": label, **values} for (shop, label), values in groups.items()]
        print(json.dumps({"groups": named, "lent": lent(rows)}, indent=1))
        return
    print(
        f"{'shop':16} {'earlier launches, or turn':32} launches  intervals held  expected / actual  high / low, median"
    )
    for (shop, label), values in sorted(groups.items()):
        print(
            f"{shop:16} {label:32} {values['launches']:8,} {values['coverage']:15.2f} "
            f"{values['expected_of_actual']:18.2f} {values['median_width']:19.1f}"
        )
    print(
        "lent: factor {factor:.2f}, center {center:.2f}, spread {spread:.2f}, of {launches:,} launches".format(
            **lent(rows)
        )
    )


if __name__ == "__main__":
    main()
