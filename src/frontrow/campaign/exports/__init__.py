"""Files for the platforms that write to customers, one module a platform."""
