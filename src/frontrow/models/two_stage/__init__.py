"""The two-stage recommender: candidates from several recommenders, ordered by a ranker."""
