"""The command line: one file a command in `commands/`; each parses, calls one function of `service` and prints.

A file `commands/NAME.py` with a function `command` is the command `frontrow NAME`; a trailing underscore in the file
name (`import_.py`) keeps clear of Python's keywords. Nothing heavy is imported before a command runs. May import
`service`, `report`, `present` and what their settings are made of.
"""
