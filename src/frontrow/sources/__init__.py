"""Where a shop's data lives: sources that the shop states, and connectors that fetch from them what is new.

A connector writes what the service's own export would hold, in that export's layout, and the import reads it as it
reads the file that a person brings: there is one road into a shop.
"""
