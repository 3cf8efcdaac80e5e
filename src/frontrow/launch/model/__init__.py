"""The launch model: what it is asked (scoring sets), what it learns from (episodes), its fit, and the walk forward.

May import `launch.calibration`, `launch.life_cycle`, `launch.settings`, and the rooms that `launch` may import.
"""
