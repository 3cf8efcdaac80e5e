"""WooCommerce's REST interface: its pages as they come, and its records in the layouts of WooCommerce's exports.

Facts are those of `wc/v3` in WooCommerce 10 (its source, read in November 2026).
"""
