"""Consent: a text, one decision a box, and the words that were agreed to."""
