"""One file per export format, each ending in `FORMAT = ...`, and nothing else.

A format is an instance of a subclass of `importing.format.Format`. It may import `importing`, `tables` and `errors`.
"""
