"""Alembic's side of the schema."""
