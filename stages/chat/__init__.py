"""The chat stage: one turn after another, in one thread after another."""
