"""Metrics as pure functions of arrays: of one ranked list, of recommended lists, of probabilities, and their intervals.

Imports nothing of frontrow but its own modules, so that every room may use it.
"""
