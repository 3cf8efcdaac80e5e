"""The audience of a launch: every active customer scored, ranked and, for the top of the list, explained.

May import `launch.model`, `launch.calibration`, `launch.new_products` and what those may import.
"""
