"""Launches in lists: the launch model predicts who buys a product without a sale, in units that lists can compare.

It may import `launch`, and `evaluate` to measure on the past what a rank of a model's list is worth.
"""
