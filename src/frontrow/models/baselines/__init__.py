"""What a launch model is measured against, one file a baseline: scores for a product that nobody has bought."""
