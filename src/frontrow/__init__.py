"""frontrow: who will buy a product that nobody has bought yet, from a shop's own order history."""
