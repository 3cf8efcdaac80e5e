"""The commands, one file each, found by name: options to settings, one call of `service`, and its result is shown.

A file has a function `command`, and `RENAMED` where older options have to name the new ones.
"""
