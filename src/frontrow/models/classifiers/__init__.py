"""Who buys, from a vector a customer and some of the answers, one file a classifier."""
