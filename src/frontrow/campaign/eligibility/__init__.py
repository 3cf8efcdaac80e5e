"""Who may be contacted: the shop's contact rules, suppression lists, identity resolution.

May import `record`, `experiment` and `addresses`, and no other package of `campaign`.
"""
