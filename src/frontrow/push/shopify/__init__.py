"""What the platform `shopify` is made of: finding customers by one bulk query, and tagging them by bulk mutations."""
