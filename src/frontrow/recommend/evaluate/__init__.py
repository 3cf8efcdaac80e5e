"""Tests of recommenders on what customers bought after a cutoff: the window, metrics with intervals, and costs.

It may import `metrics`, `models` and the candidates and index of its room; it knows neither rules nor launches.
"""
