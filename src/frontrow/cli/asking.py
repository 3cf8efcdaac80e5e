"""What a command asks about new products: the model is learned or found again, and everyone is scored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from frontrow.cli import terminal

if TYPE_CHECKING:
    import polars as pl

    from frontrow.launch.audience.audience import Audience
    from frontrow.launch.model.launch_model import LaunchModel
    from frontrow.launch.settings import LaunchSettings
    from frontrow.shop.shop import History


@dataclass(frozen=True)
class Asking:
    """What was asked, of what, and what came out.

    Attributes:
        history: What is known.
        products: What was asked.
        model: What scored the audience.
        audience: Everyone scored.
        seed: Of the model and the back-test.
    """

    history: History
    products: pl.DataFrame
    model: LaunchModel
    audience: Audience
    seed: int


def ask(
    history: History,
    products: pl.DataFrame,
    settings: LaunchSettings,
    *,
    shop: Path,
    seed: int,
    quiet: bool = False,
) -> Asking:
    """Score everyone for new products, by the model that the shop's folder keeps or one fitted now."""
    from frontrow.launch.audience.audience import audience
    from frontrow.launch.model.cache import fitted_model

    with terminal.progress("Learning from past launches", quiet=quiet) as step:
        step(0, 2)
        model = fitted_model(history, settings, folder=shop, seed=seed)
        step(1, 2)
        found = audience(history, products, model)
        step(2, 2)
    return Asking(history, products, model, found, seed)
