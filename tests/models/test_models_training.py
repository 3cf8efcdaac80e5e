"""The torch loop: it learns, stops early, keeps the best pass and repeats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from frontrow.models.neural.training import Trained, TrainingSettings, train

X = torch.linspace(-1, 1, 32).reshape(-1, 1)


def fit(
    *, epochs: int = 20, patience: int = 2, optimizer: str = "adam", validations: list[float] | None = None
) -> tuple[nn.Linear, Trained, list[float]]:
    network = nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(0.0)
        network.bias.fill_(0.0)
    seen: list[float] = []

    def batches(_: int) -> Iterator[torch.Tensor]:
        yield from X.split(8)

    def validate() -> float:
        seen.append(float(network.weight.detach()))
        assert validations is not None
        return validations[len(seen) - 1]

    trained = train(
        [network],
        batches,
        lambda x: ((network(x) - 3 * x) ** 2).mean(),
        TrainingSettings(epochs, patience, optimizer, 0.1),
        seed=0,
        validate=None if validations is None else validate,
    )
    return network, trained, seen


@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
def test_it_learns(optimizer: str) -> None:
    _, trained, _ = fit(optimizer=optimizer)
    assert trained.losses[-1] < 0.5 * trained.losses[0]
    assert trained.epochs == 20
    assert trained.validations == ()


def test_it_stops_when_the_window_gets_worse_and_keeps_the_best_pass() -> None:
    network, trained, seen = fit(validations=[0.1, 0.3, 0.2, 0.25, 0.9])
    assert trained.epochs == 2
    assert trained.validations == (0.1, 0.3, 0.2, 0.25)
    assert float(network.weight.detach()) == seen[1]
    assert not network.training


def test_it_repeats() -> None:
    assert fit()[1] == fit()[1]
