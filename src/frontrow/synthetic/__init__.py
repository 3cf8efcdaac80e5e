"""A shop with planted truth: made-up customers whose true purchase probabilities are known."""

from frontrow.synthetic.garden import SyntheticShop

__all__ = ["SyntheticShop"]
