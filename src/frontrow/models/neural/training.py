"""The one torch loop: passes over batches, early stopping on a later window, exact repeat.

Needs the extra `neural`; whoever imports this first calls `errors.require`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import torch
from torch import nn

from frontrow.progress import Progress

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        epochs: Most passes over the data.
        patience: Passes without a better validation before training stops.
        optimizer: Adagrad (Duchi et al., 2011), or Adam (Kingma and Ba, 2015).
        learning_rate: Of the optimiser.
        weight_decay: Penalty on the weights; not with sparse gradients.
        threads: CPU threads; steps are small, and where other work shares the cores, more than one mostly wait. The
            result repeats to the bit on the same number.
    """

    epochs: int
    patience: int
    optimizer: Literal["adagrad", "adam"]
    learning_rate: float
    weight_decay: float = 0.0
    threads: int = 1


@dataclass(frozen=True)
class Trained:
    """What came of it.

    Attributes:
        epochs: Passes of the weights that were kept.
        losses: Mean loss of each pass made.
        validations: Measure of each pass made, higher meaning better; empty where nothing was validated.
    """

    epochs: int
    losses: tuple[float, ...]
    validations: tuple[float, ...]


def train(
    networks: Sequence[nn.Module],
    batches: Callable[[int], Iterable[Batch]],
    loss: Callable[[Batch], torch.Tensor],
    settings: TrainingSettings,
    *,
    seed: int,
    validate: Callable[[], float] | None = None,
    after_step: Callable[[Batch], None] | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Fit networks in place; with `validate`, the weights of the best pass are kept.

    Args:
        networks: What is trained; in training mode during a pass, in evaluation mode otherwise.
        batches: The batches of a pass, given its number.
        loss: Of one batch, to be made smaller.
        settings: Passes, optimiser.
        seed: For dropout; torch's own random state is left as it was.
        validate: Measured after each pass on data that was held back, higher meaning better.
        after_step: Called after each step.
        progress: Called with (passes done, passes at most).
    """
    optimizers = _optimizers(networks, settings)
    losses: list[float] = []
    validations: list[float] = []
    best, kept = 0, _weights(networks)
    with seeded(seed), threads(settings.threads):
        for epoch in range(settings.epochs):
            losses.append(_pass(networks, batches(epoch), loss, optimizers, after_step))
            if validate is not None:
                validations.append(validate())
                if validations[-1] > max(validations[:-1], default=-float("inf")):
                    best, kept = epoch + 1, _weights(networks)
                elif epoch + 1 - best >= settings.patience:
                    break
            if progress is not None:
                progress(epoch + 1, settings.epochs)
    if validate is not None:
        for network, weights in zip(networks, kept, strict=True):
            network.load_state_dict(weights)
    return Trained(best if validate is not None else settings.epochs, tuple(losses), tuple(validations))


def shuffled_batches(rows: int, batch: int, *, seed: Sequence[int]) -> Iterator[torch.Tensor]:
    """Numbers of rows, each once, in an order drawn anew; int64, `batch` at a time and in the end what is left.

    Example:
        >>> [sorted(batch.tolist()) for batch in shuffled_batches(3, 3, seed=[0, 1])]
        [[0, 1, 2]]
    """
    order = torch.from_numpy(np.random.default_rng(seed).permutation(rows))
    for start in range(0, rows, batch):
        yield order[start : start + batch]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draws of torch inside repeat with the seed; outside, its random state is as if nothing had been drawn."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        # Torch asks that one says whether sparse gradients are checked at every step; they are made by torch itself.
        with torch.sparse.check_sparse_tensor_invariants(enable=False):  # type: ignore[no-untyped-call]
            yield


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Torch computes on so many CPU threads inside, and on as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _pass(
    networks: Sequence[nn.Module],
    batches: Iterable[Batch],
    loss: Callable[[Batch], torch.Tensor],
    optimizers: Sequence[torch.optim.Optimizer],
    after_step: Callable[[Batch], None] | None,
) -> float:
    for network in networks:
        network.train()
    total, steps = 0.0, 0
    for batch in batches:
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        value = loss(batch)
        value.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
        total, steps = total + float(value.detach()), steps + 1
        if after_step is not None:
            after_step(batch)
    for network in networks:
        network.eval()
    return total / max(steps, 1)


def _optimizers(networks: Sequence[nn.Module], settings: TrainingSettings) -> list[torch.optim.Optimizer]:
    """One optimiser, or two where Adam needs another for sparse gradients."""
    sparse_modules = [m for network in networks for m in network.modules() if getattr(m, "sparse", False)]
    sparse = [parameter for module in sparse_modules for parameter in module.parameters()]
    known = {id(parameter) for parameter in sparse}
    dense = [p for network in networks for p in network.parameters() if id(p) not in known]
    rate, decay = settings.learning_rate, settings.weight_decay
    # Fused, one pass over the weights instead of several; there is no such form for sparse gradients.
    if settings.optimizer == "adagrad":
        found: list[torch.optim.Optimizer] = []
        if dense:
            found.append(torch.optim.Adagrad(dense, lr=rate, weight_decay=decay, fused=_on_cpu(dense)))
        return [*found, torch.optim.Adagrad(sparse, lr=rate)] if sparse else found
    found = [torch.optim.Adam(dense, lr=rate, weight_decay=decay, fused=_on_cpu(dense))] if dense else []
    return [*found, torch.optim.SparseAdam(sparse, lr=rate)] if sparse else found


def _on_cpu(parameters: Sequence[nn.Parameter]) -> bool:
    return all(parameter.device.type == "cpu" for parameter in parameters)


def _weights(networks: Sequence[nn.Module]) -> list[dict[str, torch.Tensor]]:
    return [{name: value.detach().clone() for name, value in network.state_dict().items()} for network in networks]
