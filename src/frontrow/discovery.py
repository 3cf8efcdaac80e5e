"""Plug-ins: a model, a format, an export or a command is added by one file in a folder that holds nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any, TypeVar

Plugin = TypeVar("Plugin")


def load_plugins(folder: ModuleType, attribute: str) -> dict[str, Any]:
    """Import every module of a plug-in folder and return what each calls `attribute`, by module name.

    Args:
        folder: A package that holds plug-ins only; modules elsewhere are never imported.
        attribute: Name of the class, function or constant to take from each module; modules without it are left out.

    Example:
        >>> import frontrow.models.rankers
        >>> "boosted_trees" in load_plugins(frontrow.models.rankers, "Ranker")
        True
    """
    names = [module.name for module in pkgutil.iter_modules(folder.__path__)]
    modules = {name: importlib.import_module(f"{folder.__name__}.{name}") for name in names}
    return {name: getattr(module, attribute) for name, module in modules.items() if hasattr(module, attribute)}


def create_plugins(folder: ModuleType, class_name: str) -> dict[str, Any]:
    """Create every plug-in of a folder and return them by name, sorted.

    A module holds one plug-in, a class called `class_name`, or several ones, which its function `variants` returns by
    name.

    Args:
        folder: A package that holds plug-ins only.
        class_name: Name of the class, which is created without arguments and called after its module.

    Example:
        >>> import frontrow.models.rankers
        >>> list(create_plugins(frontrow.models.rankers, "Ranker"))
        ['boosted_trees', 'dcn', 'din', 'dnn', 'wide_and_deep']
    """
    plugins = {name: plugin() for name, plugin in load_plugins(folder, class_name).items()}
    for variants in load_plugins(folder, "variants").values():
        plugins |= variants()
    return dict(sorted(plugins.items()))


def look_up(plugins: Mapping[str, Plugin], name: str, *, kind: str, error: type[Exception]) -> Plugin:
    """Return the plug-in called `name`, or raise an error that lists the available ones.

    Args:
        plugins: Plug-ins by name, as `load_plugins` returns them.
        name: The name, as a person writes it.
        kind: The word for one plug-in, used in the error message.
        error: The exception for an unknown name.

    Example:
        >>> look_up({"klaviyo": 1}, "pigeon", kind="export", error=ValueError)
        Traceback (most recent call last):
        ValueError: There is no export named "pigeon". Available: klaviyo.
    """
    if name not in plugins:
        raise error(f'There is no {kind} named "{name}". Available: {", ".join(sorted(plugins))}.')
    return plugins[name]
