"""Features: pure functions of purchases and a cutoff, one set of definitions for launches and recommendations.

May import `engine` and `schema` only.
"""
