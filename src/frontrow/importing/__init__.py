"""Exports of other systems to order lines, contacts and a catalogue, and from them to customers and products.

`formats/` holds one file per export format. Every row is kept or has a reason for being dropped. Imports `tables`,
`schema`, `discovery` and `errors`; the shop imports it, not the other way round.
"""
