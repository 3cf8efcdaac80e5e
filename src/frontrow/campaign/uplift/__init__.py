"""What a campaign caused: outcomes of the contacted and the held-out, uplift with intervals, Qini curve, verdict.

May import `record`, `experiment` and `economics`, and no other package of `campaign`.
"""
