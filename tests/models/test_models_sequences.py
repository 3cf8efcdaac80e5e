"""The sequence models keep the contract of recommenders, and learn what only a model of order can."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontrow.errors import ArtifactError
from frontrow.models.neural.sequences.settings import SequenceSettings
from frontrow.models.recommenders import bert4rec, gru4rec, sasrec
from frontrow.testing.recommenders import RecommenderContract, planted


def small(network: str) -> SequenceSettings:
    return SequenceSettings(
        network, embedding_size=16, heads=2, batch_events=256, epochs=8, dropout=0.2, learning_rate=0.01,
        negatives=20, validation_days=20,
    )  # fmt: skip


class TestSasRec(RecommenderContract):
    recommender = sasrec.Recommender(small("sasrec"))
    floor = 0.28
    floor_unseen = 0.2


class TestGru4Rec(RecommenderContract):
    recommender = gru4rec.Recommender(small("gru4rec"))
    floor = 0.28
    floor_unseen = 0.2


class TestBert4Rec(RecommenderContract):
    recommender = bert4rec.Recommender(small("bert4rec"))
    floor = 0.28
    floor_unseen = 0.2


def test_another_network_is_refused(tmp_path: Path) -> None:
    """A saved SASRec is no GRU4Rec, although both are read by the same code."""
    _, known = planted()
    small = SequenceSettings("sasrec", embedding_size=8, epochs=1)
    sasrec.Recommender(small).fit(known, seed=0).save(tmp_path)
    with pytest.raises(ArtifactError, match="sasrec model; expected gru4rec"):
        gru4rec.Recommender().load(tmp_path)
