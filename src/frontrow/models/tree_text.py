"""LightGBM's text of trees, checked first: LightGBM's reader trusts the text, and a wrong one ends the process.

The text is taken apart and every number of it compared with the others: how long each tree is, how many leaves it has,
which node is above which, and which feature each node asks about. LightGBM is then given only what was checked, without
the parameters and comments below the trees, which predictions do not need.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import lightgbm

MOST_TREES: Final = 10_000
MOST_LEAVES: Final = 10_000
END: Final = "end of trees\n"
FIXED: Final = {
    "version": "v4",
    "num_class": "1",
    "num_tree_per_iteration": "1",
    "label_index": "0",
    "objective": "binary sigmoid:1",
}
"""What the header says of every model of frontrow."""

HEADER: Final = {*FIXED, "max_feature_idx", "feature_names", "feature_infos", "tree_sizes"}
COUNTS: Final = {"num_leaves", "num_cat", "is_linear", "shrinkage"}
OF_NODES: Final = {
    *("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child"),
    *("internal_value", "internal_weight", "internal_count"),
}
OF_LEAVES: Final = {"leaf_value", "leaf_weight", "leaf_count"}
INTEGERS: Final = {"split_feature", "decision_type", "left_child", "right_child", "internal_count", "leaf_count"}
INFINITE: Final = {"threshold", "split_gain"}
"""What may be infinite: a split below infinity tells the missing values from all others."""

NUMBER: Final = re.compile(r"-?(inf|\d+(\.\d+)?(e[+-]?\d+)?)")
WHOLE: Final = re.compile(r"-?\d{1,10}")
RANGE: Final = re.compile(rf"none|\[({NUMBER.pattern}):({NUMBER.pattern})\]")
DECISIONS: Final = (0, 2, 4, 6, 8, 10)
"""Of splits on numbers: bit 1 says where a missing value goes, bits 2 and 3 which values are missing."""


def read_booster(text: str, features: Sequence[str]) -> lightgbm.Booster:
    """Check a text of trees and let LightGBM read it.

    Args:
        text: What LightGBM's `model_to_string` returned.
        features: Names of the features, in order.

    Raises:
        ValueError: The text is not that of trees over these features.
        LightGBMError: LightGBM does not take it.
    """
    import lightgbm

    return lightgbm.Booster(model_str=check_trees(text, features))


def check_trees(text: str, features: Sequence[str]) -> str:
    """Check a text of trees, and return the part of it that predictions need.

    Args:
        text: What LightGBM's `model_to_string` returned.
        features: Names of the features, in order.

    Raises:
        ValueError: The text is not that of trees over these features.
    """
    head, separator, rest = text.partition("\n\n")
    _require(bool(separator) and text.isascii(), "there is no header")
    kind, *lines = head.split("\n")
    header = _read_values(lines)
    _require(kind == "tree" and header.keys() == HEADER, "the header is another one")
    _require(all(header[name] == value for name, value in FIXED.items()), "the header is of another kind of model")
    width = _check_features(header, features)
    sizes = _integers(header["tree_sizes"])
    _require(0 < len(sizes) <= MOST_TREES, "there are no trees, or too many")
    start = 0
    for number, size in enumerate(sizes.tolist()):
        tree = rest[start : start + size] if size > 0 else ""
        _require(len(tree) == size and tree.startswith(f"Tree={number}\n"), "a tree has another length")
        _check_tree(_read_values(tree.rstrip("\n").split("\n")[1:]), width)
        start += size
    _require(rest.startswith(END, start), "the trees do not end where they should")
    return f"{head}\n\n{rest[:start]}{END}"


def _read_values(lines: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in lines:
        name, sign, value = line.partition("=")
        _require(bool(sign) and name not in values, "a line is no name with a value")
        values[name] = value
    return values


def _check_features(header: dict[str, str], features: Sequence[str]) -> int:
    """Return the number of features."""
    names, ranges = header["feature_names"].split(" "), header["feature_infos"].split(" ")
    # LightGBM writes no spaces
    _require(names == [name.replace(" ", "_") for name in features], "the features are other ones")
    _require(_integers(header["max_feature_idx"]).tolist() == [len(names) - 1], "another number of features")
    _require(len(ranges) == len(names) and all(map(RANGE.fullmatch, ranges)), "a feature has no range")
    return len(names)


def _check_tree(values: dict[str, str], width: int) -> None:
    """Check one tree over `width` features."""
    leaves = _integers(values.get("num_leaves", "")).tolist()
    _require(len(leaves) == 1 and 1 <= leaves[0] <= MOST_LEAVES, "a tree has no leaves, or too many")
    _require(values.get("num_cat") == "0" and values.get("is_linear", "0") == "0", "a tree is of another kind")
    _require(len(_numbers(values.get("shrinkage", ""))) == 1, "a tree has no weight")
    if leaves[0] == 1:
        _require({*COUNTS, "leaf_value"} <= values.keys() <= COUNTS | OF_NODES | OF_LEAVES, "a tree lacks a value")
        _require(len(_numbers(values["leaf_value"])) == 1, "a tree has another number of values")
        _require(not any(values.get(name) for name in OF_NODES), "a tree without splits has one")
        return
    _require(values.keys() == COUNTS | OF_NODES | OF_LEAVES, "a tree lacks a value")
    integers = {name: _integers(values[name]) for name in sorted(INTEGERS)}
    numbers = {name: _numbers(values[name]) for name in sorted((OF_NODES | OF_LEAVES) - INTEGERS - INFINITE)}
    numbers |= {name: _numbers(values[name], may_be_infinite=True) for name in sorted(INFINITE)}
    for name, array in (*integers.items(), *numbers.items()):
        _require(len(array) == leaves[0] - (name in OF_NODES), "a tree has another number of values")
    _require(_lies_within(integers["split_feature"], 0, width - 1), "a split is on a feature that does not exist")
    _require(bool(np.isin(integers["decision_type"], DECISIONS).all()), "a split is of another kind")
    _require(_lies_within(integers["internal_count"], 1, 2**31 - 1), "a node has no rows")
    _require(_lies_within(integers["leaf_count"], 0, 2**31 - 1), "a leaf has fewer than no rows")
    _check_structure(integers["left_child"], integers["right_child"], leaves[0])


def _check_structure(left: NDArray[np.int64], right: NDArray[np.int64], leaves: int) -> None:
    """Every node but the first is below one earlier node, and so is every leaf: there is no way around in circles.

    Leaf 0 is written as -1, leaf 1 as -2, and so on.
    """
    children = np.concatenate([left, right])
    parents = np.tile(np.arange(leaves - 1), 2)
    expected = np.concatenate([np.arange(-leaves, 0), np.arange(1, leaves - 1)])
    _require(np.array_equal(np.sort(children), expected), "a node of a tree is missing, or is there twice")
    _require(bool((children[children > 0] > parents[children > 0]).all()), "a tree runs in circles")


def _numbers(text: str, *, may_be_infinite: bool = False) -> NDArray[np.float64]:
    words = text.split(" ") if text else []
    _require(all(map(NUMBER.fullmatch, words)), "a value is not a number")
    values = np.array(words, dtype=np.float64)
    _require(may_be_infinite or bool(np.isfinite(values).all()), "a number is infinite")
    return values


def _integers(text: str) -> NDArray[np.int64]:
    words = text.split(" ") if text else []
    _require(all(map(WHOLE.fullmatch, words)), "a value is not a whole number")
    return np.array(words, dtype=np.int64)


def _lies_within(values: NDArray[np.int64], low: int, high: int) -> bool:
    return bool(((values >= low) & (values <= high)).all())


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(f"the text of the trees is damaged: {problem}")
