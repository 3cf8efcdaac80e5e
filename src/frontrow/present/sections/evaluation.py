"""How good recommenders were: a table for each group of customers, accuracy by list length, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from frontrow.present.section import Block, Section, Sentence, Table
from frontrow.present.wording import counted
from frontrow.recommend.evaluate.results import Evaluation

METRICS: Final[Mapping[str, str]] = {
    "hit_rate": "hit rate",
    "recall": "recall",
    "map": "MAP",
    "mrr": "MRR",
    "coverage": "coverage",
    "novelty": "novelty",
}
"""Shown beside the NDCG, which has its interval."""

HEADINGS: Final = {
    ("returning", "all"): "Returning customers, all products",
    ("returning", "never bought"): "Returning customers, products they never bought",
    ("new", "all"): "New customers, known by their order's time and place alone",
}


def build_sections(evaluation: Evaluation, *, first: Sequence[str] = ()) -> list[Section]:
    """The evaluation in tables.

    Args:
        evaluation: What was measured.
        first: Names of the recommenders at the top of each table, in this order.
    """
    tested = evaluation.costs["model"].to_list()
    models = [*(name for name in first if name in tested), *(name for name in tested if name not in first)]
    blocks: list[Block] = [_part_table(evaluation, models, part, k) for part in HEADINGS for k in evaluation.settings.k]
    blocks += [_accuracy_table(evaluation, models), _cost_table(evaluation, models), _explanation(evaluation)]
    blocks += [Sentence(f"{name} was left out: {reason}") for name, reason in evaluation.skipped.items()]
    return [Section("evaluation", "", tuple(blocks))]


def _explanation(evaluation: Evaluation) -> Sentence:
    settings = evaluation.settings
    return Sentence(
        f"As of {evaluation.cutoff.date()}; bought within {_days(settings.horizon_days)}; {evaluation.candidates:,} "
        f"products sold in the {_days(settings.on_sale_days)} before. NDCG and its difference to "
        f"{evaluation.reference}, customer by customer, with 95 % intervals over customers; coverage: share of the "
        "products in anyone's list; novelty: how rare what is listed is, in bits (one more is half as many buyers)."
    )


def _days(number: int) -> str:
    return counted(number, "day", "days")


def _part_table(evaluation: Evaluation, models: Sequence[str], part: tuple[str, str], k: int) -> Table:
    customers, products = part
    count = evaluation.counts.filter(customers=customers, products=products).row(0, named=True)
    differences = evaluation.compare_with(evaluation.reference).filter(customers=customers, products=products)
    gains = {row["model"]: row for row in differences.iter_rows(named=True)} if k == evaluation.settings.k[0] else {}
    rows = []
    for model in models:
        values = evaluation.values.filter(model=model, customers=customers, products=products, k=k)
        by_metric = {row["metric"]: row for row in values.iter_rows(named=True)}
        ndcg, gain = by_metric["ndcg"], gains.get(model)
        rows.append(
            (
                model,
                f"{ndcg['value']:.3f} [{ndcg['low']:.3f}, {ndcg['high']:.3f}]",
                "" if gain is None else f"{gain['difference']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]",
                *[f"{by_metric[metric]['value']:.{1 if metric == 'novelty' else 3}f}" for metric in METRICS],
            )
        )
    names = ("NDCG", f"against {evaluation.reference}", *METRICS.values())
    size = f"{count['tested']:,} customers, {count['targets']:,} purchases to find"
    return Table(f"{HEADINGS[part]}, list of {k} ({size})", ("model", *names), rows, numeric=names)


def _accuracy_table(evaluation: Evaluation, models: Sequence[str]) -> Table:
    accuracy = evaluation.values.filter(metric="accuracy", customers="returning", products="all")
    lengths = accuracy["k"].unique().sort().to_list()
    columns = tuple(f"top {length}" for length in lengths)
    rows = []
    for model in models:
        values = dict(accuracy.filter(model=model).select("k", "value").iter_rows())
        rows.append((model, *[f"{values[length]:.3f}" for length in lengths]))
    title = "Share of returning customers' purchases in their list"
    return Table(title, ("model", *columns), rows, numeric=columns)


def _cost_table(evaluation: Evaluation, models: Sequence[str]) -> Table:
    columns = ("fit, s", "lists, s", "fit, CPU s", "lists, CPU s", "memory, MB")
    rows = []
    for model in models:
        _, *costs = evaluation.costs.filter(model=model).row(0)
        cells = ["-" if cost is None else f"{cost:,.{1 if n < 4 else 0}f}" for n, cost in enumerate(costs)]
        rows.append((model, *cells))
    return Table("What they cost", ("model", *columns), rows, numeric=columns)
