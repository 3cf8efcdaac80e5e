"""How long a command waits for another one that is changing the same shop."""

from __future__ import annotations

from typing import Final

DEFAULT_WAIT: Final = 5.0
"""Seconds."""
