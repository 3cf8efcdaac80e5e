"""Pages in a browser, drawn on the server; they work without a script except where a slider moves."""
