"""How files of the shop's folder are written and read: in one step, checked, and nothing that runs code when opened.

Holds the staging of files and folders, JSON, saved models and the cache of fitted ones. Imports `errors`,
`masking` and `tables`.
"""
