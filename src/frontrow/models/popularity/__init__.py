"""How often products sell: to whom, where and when.

Simple recommenders give these counts as they are, the others fall back to them. Imports `models.interactions` and
`storage`.
"""
