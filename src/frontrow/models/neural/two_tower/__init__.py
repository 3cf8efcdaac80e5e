"""The two-tower retrieval network: fields, towers, loss, batches and fit."""
