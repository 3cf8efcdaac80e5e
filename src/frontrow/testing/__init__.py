"""The promises that every plug-in keeps, as test classes to inherit, and small shops and campaigns made by hand.

May import every room; no room imports it.
"""
