"""A fitted ranking network: scores for any candidates, saved and read back whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from frontrow.errors import ArtifactError
from frontrow.models.neural.ranking.crossing import CrossNetwork
from frontrow.models.neural.ranking.inputs import Inputs
from frontrow.models.neural.ranking.interest import InterestNetwork
from frontrow.models.neural.ranking.plain import PlainNetwork
from frontrow.models.neural.ranking.settings import NetworkName, NetworkSettings
from frontrow.models.neural.ranking.wide import WideAndDeep
from frontrow.models.neural.training import threads
from frontrow.models.ranker import Candidates
from frontrow.storage.artifact import ArrayModel

BLOCK_ROWS = 32_768
"""Candidates scored at a time."""


@dataclass(frozen=True)
class RankingNetwork(ArrayModel):
    """A network with what is needed to use it.

    Attributes:
        settings: Which network, and its sizes.
        inputs: How candidates are read.
        weights: All of the network's, end to end; float32 (weights,).
    """

    settings: NetworkSettings
    inputs: Inputs
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, network: nn.Module, inputs: Inputs, settings: NetworkSettings) -> RankingNetwork:
        """Keep a network."""
        return cls(settings, inputs, parameters_to_vector(network.parameters()).detach().numpy())

    @cached_property
    def network(self) -> nn.Module:
        """The network with its weights, in evaluation mode."""
        network = unfitted(self.inputs, self.settings).eval()
        vector_to_parameters(torch.from_numpy(self.weights.copy()), network.parameters())
        return network

    def scores(self, candidates: Candidates) -> NDArray[np.float32]:
        """See `rankers.base.FittedRanker.scores`."""
        rows = self.inputs.read(candidates)
        found = np.empty(len(rows), dtype=np.float32)
        with torch.inference_mode(), threads(1):
            for start in range(0, len(rows), BLOCK_ROWS):
                block = slice(start, start + BLOCK_ROWS)
                found[block] = self.network(rows.batch(block)).numpy()
        return found


def unfitted(inputs: Inputs, settings: NetworkSettings, first_chance: float = 0.5) -> nn.Module:
    """The network that the settings name, its weights drawn from torch's own source of chance.

    Args:
        inputs: How its candidates are read.
        settings: Which network, and its sizes.
        first_chance: About what it gives every candidate before it has learned.
    """
    network = _named(inputs, settings)
    nn.init.constant_(network.last.bias, float(np.log(first_chance / (1 - first_chance))))
    return network


def _named(inputs: Inputs, settings: NetworkSettings) -> PlainNetwork | WideAndDeep | CrossNetwork | InterestNetwork:
    dense, sizes = inputs.scaling.width, inputs.categories.sizes
    match settings.network:
        case "dnn":
            return PlainNetwork(dense, sizes, settings)
        case "wide_and_deep":
            return WideAndDeep(dense, sizes, len(inputs.categories.keys), settings)
        case "dcn":
            return CrossNetwork(dense, sizes, settings)
        case "din":
            return InterestNetwork(dense, sizes, settings)


def load(folder: Path, network: NetworkName) -> RankingNetwork:
    """Read a saved network back.

    Raises:
        ArtifactError: The folder holds none, a damaged one, or another.
    """
    fitted = RankingNetwork.load(folder)
    if fitted.settings.network != network:
        raise ArtifactError(f"{folder} holds a {fitted.settings.network} ranker; expected {network}. Fit it again.")
    return fitted
