"""Two e-mails against none: frontrow's effects and a plain two-sample computation, CUPED, deciles, Qini.

    python benchmarks/hillstrom.py "$FRONTROW_REAL_DATA/data/hillstrom_email_test.csv"

The file is Kevin Hillstrom's MineThatData e-mail analytics challenge (2008): 64,000 customers, assigned at
random in thirds to an e-mail about men's goods, to one about women's, or to none. The score is a cross-fitted
probability of a visit or a purchase, predicted from the features before the campaign.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
from scipy import stats

from frontrow.campaign.uplift.intervals import Interval
from frontrow.campaign.uplift.targeting import qini, uplift_by_decile
from frontrow.campaign.uplift.uplift import Uplift, estimate_uplift

NONE = "No E-Mail"
OUTCOMES = ("visit", "conversion", "spend")
CATEGORIES = ("zip_code", "channel")
FEATURES = ("recency", "history", "mens", "womens", "newbie", "zip_code", "channel")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    customers = pl.read_csv(parser.parse_args().file, schema_overrides={"spend": pl.Float64})
    for mailing in ("Mens E-Mail", "Womens E-Mail"):
        pair = customers.filter(pl.col("segment").is_in([mailing, NONE]))
        contacted = (pair["segment"] == mailing).to_numpy()
        print(f"\n{mailing}: {contacted.sum():,} contacted, {(~contacted).sum():,} held out")
        for outcome in OUTCOMES:
            print_outcome(pair, contacted, outcome)
        print_by_score(pair, contacted)


def print_outcome(pair: pl.DataFrame, contacted: np.ndarray, outcome: str) -> None:
    y = pair[outcome].to_numpy().astype(np.float64)
    ours = estimate_uplift(y, contacted, name=outcome, covariate=pair["history"].to_numpy())
    reference_test = stats.ttest_ind(y[contacted], y[~contacted], equal_var=False)
    plain = reference_test.confidence_interval(0.95)
    print(f"{outcome:11} {format_interval(ours.difference, ours.welch)} Welch")
    difference = y[contacted].mean() - y[~contacted].mean()
    print(f"{'':11} {difference:+.5f} [{plain.low:+.5f}, {plain.high:+.5f}] scipy, t {reference_test.statistic:.2f}")
    print(f"{'':11} {format_interval(ours.difference, ours.bootstrap)} bootstrap")
    if ours.score is not None and ours.incremental_interval is not None:
        print(f"{'':11} {format_interval(ours.difference, ours.score)} score")
        print(f"{'':11} {format_interval(ours.incremental_share or 0, ours.incremental_interval)} incremental share")
    print(f"{'':11} {format_interval(ours.relative, ours.relative_interval)} relative uplift")
    print_cuped(ours, "history of spending")
    print_cuped(estimate_uplift(y, contacted, covariate=cross_fitted(pair, outcome)), "cross-fitted prediction")


def print_cuped(measured: Uplift, covariate: str) -> None:
    if measured.adjusted is not None:
        text = format_interval(measured.adjusted.difference, measured.adjusted.interval)
        print(f"{'':11} {text} CUPED, {covariate}: variance x {measured.adjusted.variance_ratio:.4f}")


def print_by_score(pair: pl.DataFrame, contacted: np.ndarray) -> None:
    for outcome in ("visit", "conversion"):
        y, score = pair[outcome].to_numpy(), cross_fitted(pair, outcome)
        measured = qini(y, score, contacted)
        print(f"Qini of {outcome}: {format_interval(measured.coefficient, measured.interval)}")
        print(f"{'':11} {reference(y, score, contacted)} scikit-uplift")
    columns = ("decile", "mean_score", "contacted_mean", "held_out_mean", "difference", "low", "high")
    print("visit by decile of its score:")
    with pl.Config(tbl_rows=10, float_precision=4, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(uplift_by_decile(pair["visit"], cross_fitted(pair, "visit"), contacted).select(columns))


def cross_fitted(pair: pl.DataFrame, outcome: str, folds: int = 5) -> np.ndarray:
    """The outcome predicted from the features, each fifth of the customers by a model of the others."""
    codes = [pl.col(name).cast(pl.Enum(pair[name].unique(maintain_order=True))).to_physical() for name in CATEGORIES]
    x = pair.select(pl.col(FEATURES).exclude(pl.String), *codes)
    features, y = x.to_numpy().astype(np.float64), pair[outcome].to_numpy().astype(np.float64)
    fold = np.random.default_rng(0).integers(0, folds, len(y))
    settings = {"objective": "regression", "num_leaves": 7, "learning_rate": 0.05, "min_data_in_leaf": 200}
    settings |= {"num_threads": 1, "seed": 0, "verbose": -1}
    out = np.zeros(len(y))
    for index in range(folds):
        train = lightgbm.Dataset(features[fold != index], y[fold != index])
        out[fold == index] = lightgbm.train(settings, train, 100).predict(features[fold == index])
    return out


def reference(y: np.ndarray, score: np.ndarray, contacted: np.ndarray) -> str:
    try:
        from sklift.metrics import qini_auc_score
    except ImportError:
        return "not installed"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return f"{qini_auc_score(y, score, contacted.astype(int)):+.5f}"


def format_interval(value: float, interval: Interval) -> str:
    return f"{value:+.5f} [{interval.low:+.5f}, {interval.high:+.5f}]"


if __name__ == "__main__":
    main()
