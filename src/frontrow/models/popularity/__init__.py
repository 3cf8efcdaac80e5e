"""popularity."""
