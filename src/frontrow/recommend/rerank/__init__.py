"""From scores to lists under a shop's rules: filters, limits, diversity, pins, launches, and what each rule did.

It works on arrays and on the table of candidate items; it may import `models` and `recommend.candidates`.
"""
