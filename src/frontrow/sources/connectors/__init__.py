"""Connectors, one file each; `sources.connector` has the contract."""
