"""Who will order at all: chance to order, expected orders and spend, next order, RFM group, and tests of them.

It may import `features`, `models` and everything above them. Whatever the product is; `launch` answers for one product.
"""
