"""One module a subject: `build_sections` for a command, `page_values` for a page, from the same tables.

May import the results of `launch`, `recommend` and `campaign`, and the charts.
"""
