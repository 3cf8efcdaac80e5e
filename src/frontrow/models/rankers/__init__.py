"""Rankers: they order the candidates that recommenders find; one file a ranker."""
