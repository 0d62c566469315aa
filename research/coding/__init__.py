"""Codes and notes: given on a conversation, kept in a codebook, counted, and read as excerpts."""
