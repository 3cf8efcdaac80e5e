"""Vectors of product images: which image a product has, where it comes from, and what it looks like in numbers."""
