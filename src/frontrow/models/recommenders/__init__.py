"""What a customer buys next, one file a recommender."""
