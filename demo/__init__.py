"""A study that looks as if it had been lived, written straight into the database; seeded."""
