"""What the Shopify source is made of: its questions, its bulk operations, and its export's layout."""
