"""Drawings: functions from plain figures to SVG that stands inside a page and needs no network.

May import the constants of `launch` and `campaign`, and nothing from `present/sections`.
"""
