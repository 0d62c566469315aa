"""Instructions: a text to read, and a quiz that may be tried again."""
