"""The peer of `recommender_speed.py` that needs a separate environment: RecTools' EASE.

    python recommender_speed_peer.py COUNTS.npz

Prints the CPU seconds of fit and lists of ten for every customer; tables and the data set are made before.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import EASEModel


def main() -> None:
    with np.load(sys.argv[1]) as counts:
        columns = {Columns.User: counts["customer"], Columns.Item: counts["product"], Columns.Weight: counts["lines"]}
    table = pd.DataFrame(columns).assign(**{Columns.Datetime: pd.Timestamp(2011, 7, 1)})
    dataset = Dataset.construct(table)
    used = time.process_time()
    model = EASEModel(regularization=500.0)
    model.fit(dataset)
    model.recommend(np.unique(columns[Columns.User]), dataset, k=10, filter_viewed=False)
    print(time.process_time() - used)


if __name__ == "__main__":
    main()
