"""The back-test: past launches scored by models that had not seen them, beside the baselines.

May import `launch.audience`, `launch.model`, `launch.calibration` and what those may import.
"""
