"""Models of purchases: contracts, plug-ins, and the parts they share.

They learn from `Interactions` or from rows of features and know nothing of launches, lists or campaigns. Imports
`shop`, `storage`, `metrics`, `discovery`, `progress` and `errors`.
"""
