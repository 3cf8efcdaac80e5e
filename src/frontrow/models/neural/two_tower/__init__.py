"""The two-tower network: one network embeds customers, another one embeds products, their dot product is the score.

`model.TwoTower` is what the recommender uses. May import what `models.neural` may import.
"""
