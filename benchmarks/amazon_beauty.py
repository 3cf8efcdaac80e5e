"""Sequence networks on Amazon Beauty: quality against time, and the test once at the end.

    python benchmarks/amazon_beauty.py [--models sasrec,gru4rec,bert4rec] [--threads 2] [--profile]

22,363 customers, 12,101 products. The last product of each customer is the test, the one before it the validation,
and the networks are trained on the rest, as in the published tables; the validation product is part of the history when
the last one is predicted. Every product except those of the history is ranked. The number of epochs is chosen on the
validation, and the test is evaluated once. Seconds are wall and CPU time of training, without validation.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from measure import REAL_DATA
from numpy.typing import NDArray

from frontrow.models.neural.sequences.batches import TrainingSequences
from frontrow.models.neural.sequences.events import Events
from frontrow.models.neural.sequences.model import fit_network, predict_next, step_loss
from frontrow.models.neural.sequences.networks import SequenceNetwork
from frontrow.models.neural.settings import SequenceSettings

DATA = REAL_DATA / "amazon_beauty_sequences.txt"
CUT = 10
MATRIX_PRODUCTS = {"aten::mm", "aten::addmm", "aten::addmm_", "aten::bmm", "aten::baddbmm"}
SETTINGS = {
    "sasrec": SequenceSettings("sasrec", layers=1, dropout=0.5, batch_events=1024, epochs=80, patience=6),
    "gru4rec": SequenceSettings("gru4rec", layers=1, dropout=0.5, batch_events=1024, epochs=80, patience=6),
    "bert4rec": SequenceSettings("bert4rec", layers=1, dropout=0.4, batch_events=1024, epochs=120, patience=8),
}
BARS = {"item-KNN, TF-IDF": (0.061, 0.035), "published SASRec, sampled softmax": (0.0921, 0.0531)}


def sequences() -> tuple[list[list[int]], int]:
    """The products of each customer by time, from 0, and how many products there are."""
    with DATA.open(encoding="utf-8") as lines:
        products = [[int(item) - 1 for item in line.split()[1:]] for line in lines]
    return products, max(max(sequence) for sequence in products) + 1


def measured(
    network: SequenceNetwork, sequences_by_customer: Sequence[Sequence[int]], settings: SequenceSettings, held_out: int
) -> tuple[float, float]:
    """Recall@10 and NDCG@10 of the product `held_out` from the end, predicted from all before it."""
    histories = [sequence[:-held_out] for sequence in sequences_by_customer]
    events = Events.from_sequences(histories, network.products.shape[0])
    target = np.array([sequence[-held_out] for sequence in sequences_by_customer])
    products = network.products.detach()
    ranks = np.empty(len(sequences_by_customer))
    vectors = predict_next(network, events, np.arange(len(sequences_by_customer)), settings)
    for start in range(0, len(sequences_by_customer), 1024):
        scores = (torch.from_numpy(vectors[start : start + 1024]) @ products.T).numpy()
        targets = target[start : start + 1024]
        best = scores[np.arange(len(targets)), targets]
        for row, history in enumerate(histories[start : start + 1024]):
            scores[row, history] = -np.inf
        ranks[start : start + 1024] = (scores > best[:, None]).sum(axis=1)
    return _recall_and_ndcg(ranks)


def _recall_and_ndcg(ranks: NDArray[np.float64]) -> tuple[float, float]:
    hit = ranks < CUT
    return float(hit.mean()), float((hit / np.log2(ranks + 2)).mean())


@dataclass
class Curve:
    """Prints validation metrics after each epoch; the clock is stopped meanwhile."""

    sequences_by_customer: Sequence[Sequence[int]]
    settings: SequenceSettings
    started: float = field(default_factory=time.perf_counter)
    busy_from: float = field(default_factory=time.process_time)
    passes: int = 0

    def __call__(self, network: SequenceNetwork) -> float:
        """NDCG@10 on validation."""
        now, busy = time.perf_counter(), time.process_time()
        recall, ndcg = measured(network, self.kept, self.settings, held_out=2)
        self.passes += 1
        print(
            f"  pass {self.passes:3}  {now - self.started:6.0f} s, {busy - self.busy_from:6.0f} s CPU  "
            f"validation Recall@10 {recall:.4f} NDCG@10 {ndcg:.4f}",
            flush=True,
        )
        self.started += time.perf_counter() - now
        self.busy_from += time.process_time() - busy
        return ndcg


def profile(sequences_by_customer: Sequence[Sequence[int]], products: int, settings: SequenceSettings) -> None:
    """Profile of some training steps."""
    events = Events.from_sequences([sequence[:-2] for sequence in sequences_by_customer], products)
    network = SequenceNetwork(products, settings).train()
    steps = TrainingSequences(events, settings).batches(np.random.default_rng(0))
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    torch.set_num_threads(1)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        for _ in range(10):
            optimizer.zero_grad()
            step_loss(network, next(steps), settings).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    parts = sorted(profiler.key_averages(), key=lambda part: -part.self_cpu_time_total)
    total = sum(part.self_cpu_time_total for part in parts)
    matrix = sum(part.self_cpu_time_total for part in parts if part.key in MATRIX_PRODUCTS)
    print(f"  {matrix / total:.0%} of the time in matrix products; the most costly:")
    for part in parts[:8]:
        print(f"    {part.key:40} {part.self_cpu_time_total / total:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(SETTINGS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--no-test", action="store_true", help="skip the test while settings are being chosen")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="change a setting")
    arguments = parser.parse_args()
    sequences_by_customer, products = sequences()
    for name in arguments.models.split(","):
        settings = replace(
            SETTINGS[name],
            **{name: json.loads(value) for name, value in (text.split("=") for text in arguments.set)},
        )
        print(f"{name}: {settings}")
        if arguments.profile:
            profile(sequences_by_customer, products, settings)
            continue
        curve = Curve(sequences_by_customer, settings)
        events = Events.from_sequences([sequence[:-2] for sequence in sequences_by_customer], products)
        network, training = fit_network(
            events, settings, seed=arguments.seed, validate=curve, threads=arguments.threads
        )
        print(f"  best pass {training.epochs}, validation NDCG@10 {max(training.validations):.4f}")
        if not arguments.no_test:
            recall, ndcg = measured(network, sequences_by_customer, settings, held_out=1)
            print(f"  TEST Recall@10 {recall:.4f} NDCG@10 {ndcg:.4f}", flush=True)
    for name, (recall, ndcg) in BARS.items():
        print(f"{name}: test Recall@10 {recall} NDCG@10 {ndcg}")


if __name__ == "__main__":
    main()
