"""Import of what does not fit into memory: orders in shards, each imported alone by the same steps as a small shop."""

from __future__ import annotations
