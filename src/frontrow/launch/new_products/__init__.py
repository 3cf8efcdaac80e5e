"""What a person wrote about new products, compared with the shop: products sold already, and what looks like a slip.

May import no other package of `launch`.
"""
