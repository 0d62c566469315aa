"""Backups of a whole study: made, and proved."""
