"""Vectors of product texts: pieces of words, and the mean of their vectors."""
