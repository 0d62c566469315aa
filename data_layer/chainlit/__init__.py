"""Chainlit's data layer over the record, and the shapes in which it speaks."""
