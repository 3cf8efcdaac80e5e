"""Baselines score a product that nobody has bought yet; a launch model is measured against them. One per file.

Plug-ins only, listed by `models.baseline.baselines`. They may import `models.baseline` and `models.draws`.
"""
