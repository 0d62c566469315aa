"""Conversations that were held elsewhere, brought into the record and marked as such."""
