"""The report: one HTML file that opens with no network, and prints."""
