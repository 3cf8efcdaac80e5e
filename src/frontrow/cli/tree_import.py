"""LightGBM is imported without scikit-learn and pandas, which frontrow never hands to it.

Where they are installed, LightGBM imports both, and scikit-learn imports most of SciPy: almost two seconds of every
command that scores. Only the command line does this: in a program of somebody else LightGBM stays whole.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Final

TREES: Final = "lightgbm"
NOT_NEEDED: Final = ("sklearn", "pandas")


class _BareLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        hidden = [name for name in NOT_NEEDED if name not in sys.modules]
        # an entry of None makes an import fail as if nothing were installed
        sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
        try:
            super().exec_module(module)
        finally:
            for name in hidden:
                del sys.modules[name]


class _BareFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != TREES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _BareLoader(spec.loader.name, spec.loader.path)
        return spec


def import_trees_alone() -> None:
    """From now on LightGBM is imported without what it does not need here."""
    sys.meta_path.insert(0, _BareFinder())
