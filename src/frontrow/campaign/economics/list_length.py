"""How long a list is where nobody has said it: as money decides, or else a default that needs no figure of the shop."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from frontrow.campaign.economics.profit_curve import ProfitCurve

DEFAULT_SHARE_OF_BUYERS: Final = 0.5
"""Where nobody says what a sale earns, the list that is proposed holds this share of the buyers expected."""

DEFAULT_SHARE_OF_CUSTOMERS: Final = 0.1
"""The same where there are ranks without probabilities: a share of those who may be contacted."""

Origin = Literal["asked", "profitable", "default", "unprofitable"]
"""Why a list is as long as it is: as asked for, the most profitable, the default, or the default as none earns."""


def choose_length(length: int | None, offers: pl.DataFrame, curve: ProfitCurve | None) -> tuple[int, Origin]:
    """The length of a list, and why.

    Args:
        length: As asked for; None where nobody did.
        offers: What `offers.select_offers` returns.
        curve: Expected profit by length; None without a margin.

    Example:
        >>> offers = pl.DataFrame({"probability": [0.5, 0.2, 0.2, 0.1]})
        >>> choose_length(None, offers, None), choose_length(3, offers, None)
        ((1, 'default'), (3, 'asked'))
    """
    if length is not None:
        return length, "asked"
    if curve is not None and curve.best_length:
        return curve.best_length, "profitable"
    return _default_length(offers["probability"]), "default" if curve is None else "unprofitable"


def _default_length(probabilities: pl.Series) -> int:
    if probabilities.null_count() or not len(probabilities):
        return max(1, round(DEFAULT_SHARE_OF_CUSTOMERS * len(probabilities)))
    sums = probabilities.cum_sum()
    return int((sums < DEFAULT_SHARE_OF_BUYERS * sums[-1]).sum()) + 1
