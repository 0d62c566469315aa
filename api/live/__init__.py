"""A thread as it happens: events, those who are told of them, and the ways they travel."""
