"""Sequence networks: GRU4Rec, SASRec and BERT4Rec predict a customer's next order from the orders before it.

They share everything but the network. `model.SequenceModel` is what the recommenders use. May import what
`models.neural` may import.
"""
