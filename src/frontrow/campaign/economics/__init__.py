"""What a campaign costs and earns: margins and costs, offers, profit by length of the list.

May import the audience of `launch`, and no other package of `campaign`.
"""
