"""Recommendations for a customer: who is asked, the exact index, and the hit-rate tests."""
