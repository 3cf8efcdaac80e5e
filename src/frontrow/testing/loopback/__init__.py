"""Servers on this machine that play the services frontrow speaks to, so that no test needs the network.

`server` has what all of them share; each service has a file of its own, written from its published documentation.
"""
