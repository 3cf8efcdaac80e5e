"""Every classifier fulfils the contract; a new one needs two lines here."""

import sys

import numpy as np
import pytest
import torch

from frontrow.errors import MissingExtraError
from frontrow.models.classifiers import boosted_trees, classifiers, logistic_regression
from frontrow.models.classifiers.mlp import (
    FocalMlp,
    MlpSettings,
    WeightedMlp,
    fit_mlp,
    focal_loss,
    weighted_cross_entropy,
)
from frontrow.testing.classifiers import ClassifierContract, planted_rows


class TestLogisticRegression(ClassifierContract):
    classifier = logistic_regression.Classifier()


class TestWeightedMlp(ClassifierContract):
    classifier = WeightedMlp()


class TestFocalMlp(ClassifierContract):
    classifier = FocalMlp()


class TestBoostedTrees(ClassifierContract):
    classifier = boosted_trees.Classifier()


def test_every_classifier_is_under_contract() -> None:
    tested = {contract.classifier.name for contract in ClassifierContract.__subclasses__()}
    assert tested == {classifier.name for classifier in classifiers().values()}
    assert len(tested) == len(classifiers())


def test_the_network_is_the_notebooks() -> None:
    x, y, _ = planted_rows(0, 100)
    fitted = fit_mlp(x, y, focal_loss(2.0, 0.25), MlpSettings(epochs=1), seed=0)
    shapes = [tuple(weights.shape) for weights in fitted.layers.parameters()]
    assert shapes == [(64, 16), (64,), (32, 64), (32,), (1, 32), (1,)]
    assert [layer.p for layer in fitted.layers if isinstance(layer, torch.nn.Dropout)] == [0.2, 0.2]
    assert not fitted.layers.training


@pytest.mark.parametrize("classifier", [FocalMlp(), WeightedMlp()])
def test_training_leaves_torchs_random_state_as_it_was(classifier) -> None:
    x, y, _ = planted_rows(0, 200)
    torch.manual_seed(3)
    undisturbed = torch.rand(2)
    torch.manual_seed(3)
    first = classifier.fit(x, y, seed=1).probability(x)
    assert torch.equal(torch.rand(2), undisturbed)
    assert (first != classifier.fit(x, y, seed=2).probability(x)).any()


LOGITS, LABELS = [0.0, 2.0, -1.0], [1.0, 0.0, 1.0]
PROBABILITIES = 1 / (1 + np.exp(-np.array(LOGITS)))


def test_focal_loss_by_hand() -> None:
    p, y = PROBABILITIES, np.array(LABELS)
    truth = np.where(y == 1, p, 1 - p)
    weight = np.where(y == 1, 0.25, 0.75)
    by_hand = -(weight * (1 - truth) ** 2 * np.log(truth)).mean()
    assert focal_loss(2.0, 0.25)(torch.tensor(LOGITS), torch.tensor(LABELS)).item() == pytest.approx(by_hand, rel=1e-6)


def test_the_gradient_of_focal_loss_by_hand() -> None:
    """Appendix B of the paper: dFL/dx = y (1 - pt)^g (g pt log pt + pt - 1), y being 1 or -1, here times alpha."""
    logits = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    focal_loss(2.0, 0.25)(logits, torch.tensor(LABELS, dtype=torch.float64)).backward()
    y = np.array(LABELS)
    truth = np.where(y == 1, PROBABILITIES, 1 - PROBABILITIES)
    slope = (2 * y - 1) * (1 - truth) ** 2 * (2 * truth * np.log(truth) + truth - 1)
    assert logits.grad is not None
    np.testing.assert_allclose(logits.grad.numpy(), np.where(y == 1, 0.25, 0.75) * slope / 3, rtol=1e-9)


def test_focal_loss_with_gamma_zero_is_half_of_cross_entropy() -> None:
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor(LOGITS), torch.tensor(LABELS))
    focal = focal_loss(0.0, 0.5)(torch.tensor(LOGITS), torch.tensor(LABELS))
    assert focal.item() == pytest.approx(cross_entropy.item() / 2, rel=1e-6)


def test_focal_loss_of_extreme_logits_is_finite() -> None:
    logits = torch.tensor([200.0, -200.0], requires_grad=True)
    loss = focal_loss(2.0, 0.25)(logits, torch.tensor([0.0, 1.0]))
    loss.backward()
    assert loss.item() == pytest.approx((0.75 * 200 + 0.25 * 200) / 2)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_weighted_loss_by_hand() -> None:
    """With two buyers among three customers, a buyer has weight one half."""
    y = np.array(LABELS)
    by_hand = -(0.5 * y * np.log(PROBABILITIES) + (1 - y) * np.log(1 - PROBABILITIES)).mean()
    loss = weighted_cross_entropy(y)(torch.tensor(LOGITS), torch.tensor(LABELS)).item()
    assert loss == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.parametrize(
    ("package", "classifier"),
    [("torch", FocalMlp()), ("torch", WeightedMlp()), ("sklearn", logistic_regression.Classifier())],
)
def test_a_missing_package_names_its_extra(package, classifier, monkeypatch) -> None:
    for name in [module for module in sys.modules if module == package or module.startswith(f"{package}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    x, y, _ = planted_rows(0, 50)
    with pytest.raises(MissingExtraError, match=r"frontrow\[neural\]"):
        classifier.fit(x, y, seed=0)
