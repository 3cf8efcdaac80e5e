"""A made-up shop whose customers' true purchase probabilities are known: for the demo, tests and benchmarks.

Imports the schema and `shop`; only the demo command and `testing` import it.
"""

from frontrow.synthetic.garden import SyntheticShop

__all__ = ["SyntheticShop"]
