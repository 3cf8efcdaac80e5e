"""The training loop learns, stops early, restores the best epoch and is repeatable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from frontrow.models.neural.training import TrainingResult, TrainingSettings, train

X = torch.linspace(-1, 1, 32).reshape(-1, 1)


def fit(
    *, epochs: int = 20, patience: int = 2, optimizer: str = "adam", validations: list[float] | None = None
) -> tuple[nn.Linear, TrainingResult, list[float]]:
    network = nn.Linear(1, 1)
    with torch.no_grad():
        network.weight.fill_(0.0)
        network.bias.fill_(0.0)
    weights: list[float] = []

    def batches(_: int) -> Iterator[torch.Tensor]:
        yield from X.split(8)

    def validate() -> float:
        weights.append(float(network.weight.detach()))
        assert validations is not None
        return validations[len(weights) - 1]

    result = train(
        [network],
        batches,
        lambda x: ((network(x) - 3 * x) ** 2).mean(),
        TrainingSettings(epochs, patience, optimizer, 0.1),
        seed=0,
        validate=None if validations is None else validate,
    )
    return network, result, weights


@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
def test_it_learns(optimizer: str) -> None:
    _, result, _ = fit(optimizer=optimizer)
    assert result.losses[-1] < 0.5 * result.losses[0]
    assert result.epochs == 20
    assert result.validations == ()


def test_it_stops_when_validation_gets_worse_and_keeps_the_best_pass() -> None:
    network, result, weights = fit(validations=[0.1, 0.3, 0.2, 0.25, 0.9])
    assert result.epochs == 2
    assert result.validations == (0.1, 0.3, 0.2, 0.25)
    assert float(network.weight.detach()) == weights[1]
    assert not network.training


def test_it_repeats() -> None:
    assert fit()[1] == fit()[1]
