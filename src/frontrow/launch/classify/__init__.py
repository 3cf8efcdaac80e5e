"""Classifiers fitted on a launch's own sales, compared with the launch model, which needs none.

May import `launch.backtest`, `launch.model` and what those may import.
"""
