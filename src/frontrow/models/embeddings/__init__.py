"""Customers as short vectors of numbers, one file an embedding."""
