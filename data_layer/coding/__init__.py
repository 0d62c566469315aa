"""Codes, where they stand, who is to code what."""
