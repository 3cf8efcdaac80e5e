"""Readers of what became of a campaign's messages, one module each: the platform is asked, and nothing is changed."""
