"""What is recorded of campaigns: the campaign folder, and the shop's logs of who was contacted and who was held out.

May import `experiment` and `addresses`, and no other package of `campaign`.
"""
