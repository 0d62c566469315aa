"""The table of conversations: filters, search, saved views, and what is done to many at once."""
