"""What became of the messages of a campaign, as a platform's files say it: read, and matched to customers.

May import `record`, `eligibility`, `response_layouts` and `addresses`, and no other package of `campaign`.
"""
