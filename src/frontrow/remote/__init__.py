"""Services that are reached over the network: one client, its retries and limits, the calls it may make, secrets.

A shop's data comes from services, and its campaigns go to others. Every call of an HTTP interface is made here.
"""
