"""Who has left, how much was erased, and which exports held it."""
