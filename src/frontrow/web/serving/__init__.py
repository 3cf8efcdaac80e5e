"""Trained recommenders in the server's memory, read again when their files or their shop change."""
