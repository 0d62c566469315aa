"""Exports cut into buckets by thread: written, made again in part, and read in place by other engines."""
