"""Neural networks in PyTorch, and what they share: training loop, losses, validation window, settings.

May import `models.interactions`, `models.popularity`, `models.similarity`, `models.ranker`, `metrics` and `storage`.
Only `settings` can be imported without the extra `neural`; everyone else calls `errors.require` first.
"""
