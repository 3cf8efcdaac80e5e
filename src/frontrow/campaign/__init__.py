"""Campaigns: who may be contacted, how many, who is held out, the export files, and the uplift that was caused.

`plan.py` and `contacts.py` put the packages together. The room may import `launch`, `shop` and what stands above them.
"""
