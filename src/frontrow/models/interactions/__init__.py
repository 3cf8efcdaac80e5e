"""What recommenders learn from: order lines of known customers before a cutoff, by row and column number.

Also the purchases counted from them, and their temporal split. Imports `shop`.
"""
