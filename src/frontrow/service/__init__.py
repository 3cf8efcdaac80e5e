"""One function for each use case: a shop's folder and settings in, a result out.

A result knows its table, its JSON (`to_dict`) and its sections, so that the command line, the pages and the HTTP
interface call the same function and only draw what it returns. May import every room above it; `report` and `cli`
stand below.
"""
