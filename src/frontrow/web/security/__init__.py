"""Who may do what: tokens and their scopes, sessions of a browser, and what every request must keep to."""
