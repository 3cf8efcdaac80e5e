"""Recommenders score what a customer buys next: one or several per file, listed by `models.recommender.recommenders`.

Plug-ins only. They may import the other packages of `models`, and `storage`.
"""
