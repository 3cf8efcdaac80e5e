"""Networks that rank candidates: a deep network, Wide & Deep, DCN-v2 and DIN.

They share inputs, fitting and saving. `model.RankingModel` is what the rankers use. May import what `models.neural` may
import.
"""
