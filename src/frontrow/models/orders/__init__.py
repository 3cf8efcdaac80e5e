"""How often customers order and what they spend: BG/NBD, gamma-gamma, and boosted trees that correct them.

No model here reads anything but the arrays it is given. Imports nothing from other folders.
"""
