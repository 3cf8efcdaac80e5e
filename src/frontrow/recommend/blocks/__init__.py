"""Lists made a block of customers at a time, here or on a cluster, for shops whose order lines do not fit into memory.

Imports `recommend.rerank`.
"""
