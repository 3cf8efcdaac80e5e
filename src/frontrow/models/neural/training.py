"""The training loop of all networks: passes over batches, early stopping on a validation window, exact repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from frontrow.progress import Progress

Batch = TypeVar("Batch")
Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of the training loop.

    Attributes:
        epochs: Maximum number of passes over the data.
        patience: Number of passes without a better validation before training stops.
        optimizer: Adagrad (Duchi et al., 2011) or Adam (Kingma and Ba, 2015).
        learning_rate: Learning rate of the optimizer.
        weight_decay: Penalty on the weights; not applied to sparse gradients.
        threads: Number of CPU threads. Steps are small, and where other work shares the cores, several threads mostly
            wait. The result repeats to the bit with the same number of threads.
    """

    epochs: int
    patience: int
    optimizer: Literal["adagrad", "adam"]
    learning_rate: float
    weight_decay: float = 0.0
    threads: int = 1


@dataclass(frozen=True)
class TrainingResult:
    """What `train` did.

    Attributes:
        epochs: Number of passes behind the final weights.
        losses: Mean loss of each pass made.
        validations: Validation metric of each pass made, higher is better; empty without validation.
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
) -> TrainingResult:
    """Fit networks in place; with `validate`, they end with the weights of the best pass.

    Args:
        networks: The networks; in training mode during a pass, in evaluation mode otherwise.
        batches: Returns the batches of a pass, given its number.
        loss: Returns the loss of a batch.
        settings: Passes, optimizer, threads.
        seed: Seed of dropout; torch's own random state does not change.
        validate: Returns a metric on held-out data after each pass, higher is better.
        after_step: Called after each step.
        progress: Called with (passes done, maximum number of passes).
    """
    optimizers = _build_optimizers(networks, settings)
    losses: list[float] = []
    validations: list[float] = []
    best_epoch, best_weights = 0, _copy_weights(networks)
    with seeded(seed), use_threads(settings.threads):
        for epoch in range(settings.epochs):
            losses.append(_run_pass(networks, batches(epoch), loss, optimizers, after_step))
            if validate is not None:
                validations.append(validate())
                if validations[-1] > max(validations[:-1], default=-float("inf")):
                    best_epoch, best_weights = epoch + 1, _copy_weights(networks)
                elif epoch + 1 - best_epoch >= settings.patience:
                    break
            if progress is not None:
                progress(epoch + 1, settings.epochs)
    if validate is not None:
        for network, weights in zip(networks, best_weights, strict=True):
            network.load_state_dict(weights)
    return TrainingResult(best_epoch if validate is not None else settings.epochs, tuple(losses), tuple(validations))


def shuffled_batches(rows: int, batch_rows: int, *, seed: Sequence[int]) -> Iterator[torch.Tensor]:
    """Yield the row numbers 0 to `rows` - 1 in a random order, int64, one batch at a time.

    Args:
        rows: Number of rows.
        batch_rows: Rows per batch; the last batch may be shorter.
        seed: Seed of the order.

    Example:
        >>> [sorted(batch.tolist()) for batch in shuffled_batches(3, 3, seed=[0, 1])]
        [[0, 1, 2]]
    """
    order = torch.from_numpy(np.random.default_rng(seed).permutation(rows))
    for start in range(0, rows, batch_rows):
        yield order[start : start + batch_rows]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's random draws inside the block, and restore its random state afterwards."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        # Torch asks for an explicit choice whether sparse gradients are checked at every step; torch itself makes them.
        with torch.sparse.check_sparse_tensor_invariants(enable=False):  # type: ignore[no-untyped-call]
            yield


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Let torch use `count` CPU threads inside the block, and restore the number afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def get_weights(network: nn.Module) -> NDArray[np.float32]:
    """Return all weights of a network, end to end; float32 (weights,)."""
    return np.asarray(parameters_to_vector(network.parameters()).detach().cpu().numpy())


def require_weights(build: Callable[[], nn.Module], weights: NDArray[np.float32]) -> None:
    """Make sure that a network has as many weights as were saved, before memory is taken for it.

    Args:
        build: Makes the network.
        weights: What was saved.

    Raises:
        ValueError: It has another number, or cannot be made.
    """
    try:
        # on this device tensors have shapes and no numbers
        with torch.device("meta"):
            count = sum(parameter.numel() for parameter in build().parameters())
    except (AssertionError, RuntimeError, TypeError, ZeroDivisionError) as error:
        raise ValueError("there is no such network") from error
    if count != weights.size:
        raise ValueError(f"the network has {count} weights; {weights.size} were saved")


def set_weights(network: Network, weights: NDArray[np.float32]) -> Network:
    """Give a network a copy of the weights that `get_weights` returned, and return it in evaluation mode.

    Args:
        network: Of the same shape as the network that the weights are from.
        weights: All weights, end to end; float32 (weights,).
    """
    vector_to_parameters(torch.tensor(weights), network.parameters())
    return network.eval()


def _run_pass(
    networks: Sequence[nn.Module],
    batches: Iterable[Batch],
    loss: Callable[[Batch], torch.Tensor],
    optimizers: Sequence[torch.optim.Optimizer],
    after_step: Callable[[Batch], None] | None,
) -> float:
    """Make one pass and return its mean loss."""
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


def _build_optimizers(networks: Sequence[nn.Module], settings: TrainingSettings) -> list[torch.optim.Optimizer]:
    """Return an optimizer of the dense parameters and another one of the sparse parameters, where there are any."""
    sparse_modules = [m for network in networks for m in network.modules() if getattr(m, "sparse", False)]
    sparse = [parameter for module in sparse_modules for parameter in module.parameters()]
    sparse_ids = {id(parameter) for parameter in sparse}
    dense = [p for network in networks for p in network.parameters() if id(p) not in sparse_ids]
    rate, decay = settings.learning_rate, settings.weight_decay
    # The fused form makes one pass over the weights instead of several; it does not exist for sparse gradients.
    fused = all(parameter.device.type == "cpu" for parameter in dense)
    optimizers: list[torch.optim.Optimizer] = []
    if settings.optimizer == "adagrad":
        if dense:
            optimizers.append(torch.optim.Adagrad(dense, lr=rate, weight_decay=decay, fused=fused))
        return [*optimizers, torch.optim.Adagrad(sparse, lr=rate)] if sparse else optimizers
    if dense:
        optimizers.append(torch.optim.Adam(dense, lr=rate, weight_decay=decay, fused=fused))
    return [*optimizers, torch.optim.SparseAdam(sparse, lr=rate)] if sparse else optimizers


def _copy_weights(networks: Sequence[nn.Module]) -> list[dict[str, torch.Tensor]]:
    return [{name: value.detach().clone() for name, value in network.state_dict().items()} for network in networks]
