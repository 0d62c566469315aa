"""Benches: each prints its figures and the peer's beside them, from one run."""
