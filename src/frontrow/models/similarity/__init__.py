"""Similarity of products by their customers, and of customers by their purchases.

Several recommenders share these parts. Imports `models.interactions`, `models.top_k` and `storage`.
"""
