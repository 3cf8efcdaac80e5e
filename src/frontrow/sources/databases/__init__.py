"""Any SQL query as order lines, over ADBC: drivers hand over columns, a batch at a time, and no cell becomes Python.

`query` wraps what a person wrote, `dialect` says how each database writes the few things that are added, `session`
runs it in a read-only transaction, `failures` says what went wrong without showing a secret or a cell.
"""
