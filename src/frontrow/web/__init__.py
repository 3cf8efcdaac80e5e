"""Pages in a browser and an HTTP interface; both call `service`, and compute nothing themselves.

Nothing here is imported by another command than `frontrow serve` and `frontrow token`.
"""
