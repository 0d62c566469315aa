"""Who has withdrawn: the tombstones."""
