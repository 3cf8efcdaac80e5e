"""Layouts of a platform's files of what became of its messages, one module each.

May import `campaign.response_layout`.
"""
