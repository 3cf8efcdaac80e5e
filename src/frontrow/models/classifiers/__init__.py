"""Classifiers predict buyers from customer vectors: one file per classifier, listed by `classifiers()`.

Plug-ins only. They may import `models.classifier`, `models.gradient_boosting` and `models.neural`.
"""

from __future__ import annotations

import sys

from frontrow.discovery import create_plugins
from frontrow.models.classifier import Classifier


def classifiers() -> dict[str, Classifier]:
    """Return every classifier in this folder, by file name or the name of the variant.

    Example:
        >>> list(classifiers())
        ['boosted_trees', 'logistic_regression', 'mlp_focal', 'mlp_weighted']
    """
    return create_plugins(sys.modules[__name__], "Classifier")
