"""Words that are found: the index, and a participant's search."""
