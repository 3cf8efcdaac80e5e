"""A shop with planted truth: made-up customers whose true purchase probabilities are known."""

from frontrow.synthetic.garden import SyntheticShop
from frontrow.synthetic.planted import FutureOnlySignal, future_only_signal

__all__ = ["FutureOnlySignal", "SyntheticShop", "future_only_signal"]
