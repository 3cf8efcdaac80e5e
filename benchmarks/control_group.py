"""How often the interval of the global control group's effect holds zero where no campaign was ever sent.

    python benchmarks/control_group.py "$FRONTROW_REAL_DATA/data/online_retail_ii_to_2011-07.parquet"

Online Retail II (UCI): customers with an order in 2010, and what they spent from January to July 2011. The group is
drawn again and again with another salt; nothing sets it apart, so 95 of 100 intervals of 95 % should hold zero.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl

from frontrow.campaign.experiment.holdout import GlobalControlGroup
from frontrow.campaign.uplift.uplift import UpliftSettings, estimate_uplift

DRAWN = dt.date(2011, 1, 1)
ACTIVE_DAYS = 365
SHARES = (0.05, 0.1, 0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--draws", type=int, default=400)
    arguments = parser.parse_args()
    customers = read_customers(arguments.file)
    print(f"{customers.height:,} customers; {arguments.draws} draws; per cent of intervals that hold zero")
    for share in SHARES:
        covered = draw_groups(customers, share, arguments.draws)
        print(
            f"{share:.0%} in the group: "
            + ", ".join(f"{name} {100 * np.mean(hits):.1f}" for name, hits in covered.items())
        )


def read_customers(file: Path) -> pl.DataFrame:
    """Revenue and orders of each customer since the draw and before it."""
    lines = pl.read_parquet(file).filter(
        pl.col("Customer ID").is_not_null(), ~pl.col("Invoice").cast(pl.String).str.starts_with("C")
    )
    day = pl.col("InvoiceDate").cast(pl.Datetime).dt.date()
    since, before = day >= DRAWN, day.is_between(DRAWN - dt.timedelta(days=ACTIVE_DAYS), DRAWN, closed="left")
    revenue, orders = pl.col("Quantity") * pl.col("Price"), pl.col("Invoice")
    return (
        lines.group_by(pl.col("Customer ID").cast(pl.Int64).alias("customer_id"))
        .agg(
            is_eligible=before.any(),
            revenue=revenue.filter(since).sum(),
            orders=orders.filter(since).n_unique().cast(pl.Float64),
            revenue_before=revenue.filter(before).sum(),
            orders_before=orders.filter(before).n_unique().cast(pl.Float64),
        )
        .filter("is_eligible")
        .sort("customer_id")
    )


def draw_groups(customers: pl.DataFrame, share: float, draws: int) -> dict[str, list[bool]]:
    """Whether each interval held zero, by outcome and interval."""
    covered: dict[str, list[bool]] = defaultdict(list)
    for number in range(draws):
        is_member = GlobalControlGroup(f"salt {number}", share).contains(customers["customer_id"])
        for name in ("revenue", "orders"):
            uplift = estimate_uplift(
                customers[name],
                ~is_member,
                covariate=customers[f"{name}_before"],
                binary=False,
                settings=UpliftSettings(draws=2),
            )
            assert uplift.adjusted is not None
            covered[f"{name}, plain"].append(uplift.welch.contains(0.0))
            covered[f"{name}, less what was before"].append(uplift.adjusted.interval.contains(0.0))
    return covered


if __name__ == "__main__":
    main()
