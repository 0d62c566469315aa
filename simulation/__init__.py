"""Simulated participants: they take the real way in, and keep what they saw."""
