"""The sequence models fulfil the contract of recommenders."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.errors import ArtifactError
from frontrow.models.neural.settings import SequenceSettings
from frontrow.models.recommenders.sequences import SequenceRecommender
from frontrow.testing.recommenders import RecommenderContract, planted


def small(network: str) -> SequenceSettings:
    return SequenceSettings(
        network, embedding_size=16, heads=2, batch_events=256, epochs=8, dropout=0.2, learning_rate=0.01,
        negatives=20, validation_days=20,
    )  # fmt: skip


class TestSasRec(RecommenderContract):
    recommender = SequenceRecommender(small("sasrec"))
    floor = 0.28
    floor_new = 0.2


class TestGru4Rec(RecommenderContract):
    recommender = SequenceRecommender(small("gru4rec"))
    floor = 0.28
    floor_new = 0.2


class TestBert4Rec(RecommenderContract):
    recommender = SequenceRecommender(small("bert4rec"))
    floor = 0.28
    floor_new = 0.2


def test_another_network_is_refused(tmp_path: Path) -> None:
    _, interactions = planted()
    tiny = SequenceSettings("sasrec", embedding_size=8, epochs=1)
    SequenceRecommender(tiny).fit(interactions, seed=0).save(tmp_path)
    with pytest.raises(ArtifactError, match="sasrec model; expected gru4rec"):
        SequenceRecommender(small("gru4rec")).load(tmp_path)
