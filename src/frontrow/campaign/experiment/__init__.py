"""The experiment in a campaign: who is held out, and which effects that hold-out can detect.

May import `economics`, and no other package of `campaign`.
"""
