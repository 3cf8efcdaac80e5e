"""The shop: its tables, settings and product rules on disk, what adds files to it, and the road to a history.

May import `errors`, `schema`, `importing`, `storage` and `tables`.
"""
