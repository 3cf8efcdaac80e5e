"""From raw scores to probabilities: what earlier launches, and the first days of sales, say of a forecast.

Works on arrays and tables of past scores; may import nothing else of `launch`.
"""
