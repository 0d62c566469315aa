"""Researchers' accounts: the way in and out, one's own, and everybody's."""
