"""Rows as they come from a database that stands still, and the digest that proves them."""
