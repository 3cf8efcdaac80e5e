"""The two-stage recommender: several recommenders find candidates, a ranker orders them.

Imports the contracts of recommenders and rankers, `models.interactions`, `models.popularity` and `storage`.
"""
